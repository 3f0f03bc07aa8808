"""Redraws: the training and validation rows that a refit sees, the same ones for every arm.

A redraw is a bootstrap of units: as many as there are, with replacement, of train and of validation
by themselves, so that no copy of a row of one comes into the other. A unit is a sequence with all
its copies, or a family with all its members.
"""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

SUBSETS = ("train", "validation")  # what is drawn anew; test stays
GROUP = "family"  # the column of labels that says which sequences are drawn together


def in_groups(
    labels: Mapping[str, pd.DataFrame], families: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """Return tables of labels, by test set, with the family of each sequence."""
    return {
        name: table.assign(**{GROUP: table["id"].map(families)}) for name, table in labels.items()
    }


def generator_of(task: str, refit: int, subsets: str) -> np.random.Generator:
    """Return a generator of its own for a refit of a task and the units of some subsets."""
    digest = hashlib.sha256(f"{task}\t{refit}\t{subsets}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def units_by_subsets(labels: pd.DataFrame) -> dict[str, list[str]]:
    """Return {subsets: units} of train and validation, in the order of their names.

    A family with members in both subsets is drawn with all of them, as often in one as in the
    other.
    """
    learned = labels[labels["subset"].isin(SUBSETS)]
    subsets = learned.groupby(GROUP)["subset"].agg(lambda own: " ".join(sorted(set(own))))
    return {name: sorted(units.index) for name, units in subsets.groupby(subsets)}


def drawn_times(count: int, generator: np.random.Generator) -> np.ndarray:
    """Return how often each of so many units is drawn, int64 [unit], in as many draws."""
    return np.bincount(generator.integers(0, count, count), minlength=count)


def redraw(labels: pd.DataFrame, task: str, refit: int) -> dict[str, int]:
    """Return {id: how often} of the sequences of train and validation that a refit sees.

    labels: the task's whole table, with a column GROUP where sequences belong to families. What a
    model leaves out bears on no draw, so that every arm gets the same ones.
    """
    labels = labels if GROUP in labels else labels.assign(**{GROUP: labels["id"]})
    times: dict[str, int] = {}
    for subsets, units in units_by_subsets(labels).items():
        drawn = drawn_times(len(units), generator_of(task, refit, subsets))
        times |= dict(zip(units, drawn.tolist(), strict=True))
    learned = labels[labels["subset"].isin(SUBSETS)]
    return learned.set_index("id")[GROUP].map(times).to_dict()
