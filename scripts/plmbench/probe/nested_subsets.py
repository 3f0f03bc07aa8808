"""Nested training subsets: a share of a task's labels by size and draw, the same for every arm.

They are drawn from the table of labels alone, by sequence id: no arm bears on them. What is drawn
is a sequence, with all its residues and copies.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION

FEWEST_SEQUENCES, FEWEST_LABELS, FEWEST_PER_CLASS = 2, 5, 3  # of a size, else it is left out
TRAIN, VALIDATION = "train", "validation"
GROWS = "grows"  # the validation subset, with train


class Subset(NamedTuple):
    """One draw of one size: which sequences are learned from, and chosen on."""

    size: str  # a fraction
    draw: int
    train: frozenset[str]  # ids
    validation: frozenset[str]


def evenly(order: np.ndarray, stratum: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return an order of units, int [unit], in which each stratum's units are spread evenly, so
    that any first part of it has the share of each stratum; within a stratum the order stays.

    stratum: text [unit], of the units as they are numbered.
    """
    codes = np.unique(stratum, return_inverse=True)[1][order]
    counts, rank = np.bincount(codes), np.empty(len(order), np.int64)
    for code in range(len(counts)):
        rank[codes == code] = np.arange(counts[code])
    place = (rank + generator.random(len(order))) / counts[codes]
    return order[np.argsort(place, kind="stable")]


def nested_order(ids: np.ndarray, strata: Sequence[np.ndarray], seed: Sequence[int]) -> np.ndarray:
    """Return ids, text [unit], in the order in which they join a subset. strata: text [unit] each,
    the finest first: families, then classes."""
    generator = np.random.Generator(np.random.PCG64(seed))
    order = generator.permutation(len(ids))
    for stratum in strata:
        order = evenly(order, stratum, generator)
    return ids[order]


def first_share(ordered: np.ndarray, size: str) -> np.ndarray:
    """Return the first ids of an order that are this share of all, rounded up."""
    share = Fraction(size)
    return ordered[: -(-len(ordered) * share.numerator // share.denominator)]


def strata_of(
    labels: pd.DataFrame, task_type: str, families: Mapping[str, str] | None
) -> list[np.ndarray]:
    """Return by what draws are stratified, text [row] each: families of proteins where they are
    known ({id: family}; a sequence without one is one by itself), then classes."""
    found = []
    if families is not None:
        found.append(np.array([families.get(name, name) for name in labels["id"]], str))
    if task_type == CLASSIFICATION:
        found.append(labels["target"].to_numpy(str))
    return found


def drawn_ids(
    labels: pd.DataFrame,
    subset: str,
    sizes: Sequence[str],
    draw: int,
    task_type: str,
    families: Mapping[str, str] | None,
) -> list[frozenset[str]]:
    """Return the ids of one draw of a subset by size, [size]."""
    rows = labels[labels["subset"] == subset].drop_duplicates("id").sort_values("id")
    strata = strata_of(rows, task_type, families)
    seed = (draw, int(subset == VALIDATION))
    ordered = nested_order(rows["id"].to_numpy(str), strata, seed)
    return [frozenset(first_share(ordered, size).tolist()) for size in sizes]


def draws_of(size: str, draws: int) -> int:
    """Return how often a size is drawn: all labels can be drawn once."""
    return 1 if Fraction(size) == 1 else draws


def nested_subsets(
    labels: pd.DataFrame,
    task_type: str,
    *,
    sizes: Sequence[str],
    draws: int,
    validation: str,
    families: Mapping[str, str] | None = None,
) -> list[Subset]:
    """Return every Subset by rising size, then draw. Of one draw each size holds those below it.

    sizes: rising fractions; validation: whether that subset `grows` with train, or stays.
    """
    found = []
    for draw in range(draws):
        facts = draw, task_type, families
        trains = drawn_ids(labels, TRAIN, sizes, *facts)
        held = ["1" if validation != GROWS else size for size in sizes]
        validations = drawn_ids(labels, VALIDATION, held, *facts)
        found += [
            Subset(size, draw, *ids)
            for size, *ids in zip(sizes, trains, validations, strict=True)
            if draw < draws_of(size, draws)
        ]
    return sorted(found, key=lambda subset: (Fraction(subset.size), subset.draw))


def letters(rows: pd.DataFrame, task_type: str) -> pd.Series:
    """Return every label of rows by itself: of each residue with mask 1 where residues have one."""
    if task_type != RESIDUE_CLASSIFICATION:
        return rows["target"]
    pairs = zip(rows["target"], rows["mask"], strict=True)
    return pd.Series(
        [a for target, mask in pairs for a, m in zip(target, mask, strict=True) if m == "1"],
        dtype=str,
    )


def too_few(labels: pd.DataFrame, ids: frozenset[str], subset: str, task_type: str) -> str:
    """Return why the sequences `ids` of a subset are too few to learn from, or to choose on; "" if
    they are not."""
    whole = labels[labels["subset"] == subset]
    if whole.empty:
        return ""
    rows = whole[whole["id"].isin(ids)]
    targets, classes = letters(rows, task_type), letters(whole, task_type).nunique()
    words = f"{subset} would have {len(targets):,} label(s) of {len(ids):,} sequence(s)"
    if len(ids) < FEWEST_SEQUENCES or len(targets) < FEWEST_LABELS:
        return f"{words}; {FEWEST_LABELS} of {FEWEST_SEQUENCES} are the least"
    if subset == TRAIN and targets.nunique() < 2:
        return f"{words}, all of one {'value' if task_type == REGRESSION else 'class'}"
    if subset == TRAIN and task_type != REGRESSION and len(targets) < FEWEST_PER_CLASS * classes:
        return f"{words}, for {classes} classes; {FEWEST_PER_CLASS} for each are the least"
    return ""


def usable(
    labels: pd.DataFrame, task_type: str, subsets: Sequence[Subset]
) -> tuple[list[Subset], dict[str, str]]:
    """Return the Subsets that can be learned from and chosen on, and {size: why it is left out}.

    A size is left out with all its draws. Raises InputError where fewer than two sizes are left:
    one point is no curve.
    """
    left_out: dict[str, str] = {}
    for subset in subsets:
        parts = (TRAIN, subset.train), (VALIDATION, subset.validation)
        reasons = [too_few(labels, ids, name, task_type) for name, ids in parts]
        if reason := next(filter(None, reasons), ""):
            left_out.setdefault(subset.size, f"size {subset.size}: {reason}")
    kept = [subset for subset in subsets if subset.size not in left_out]
    if len({subset.size for subset in kept}) < 2:
        raise InputError(
            "learning_curve: sizes: fewer than two of them can be learned from: "
            f"{next(iter(left_out.values()), 'one size is given')}; give larger sizes, or leave "
            "this task out of learning_curve: tasks"
        )
    return kept, left_out
