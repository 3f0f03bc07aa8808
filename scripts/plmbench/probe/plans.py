"""Plans: which examples a probe learns from, and on which its choices are made.

What no probe could learn from is refused here, before any is fit, so that all refuse the same.
"""

from typing import NamedTuple

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.notices import FEWEST_TO_CHOOSE_ON
from plmbench.core.wording import brief
from plmbench.probe.examples import Labelled

SHOWN = 3  # classes in a message
Pair = tuple[np.ndarray, np.ndarray]  # (fit on, held out)


class Plan(NamedTuple):
    """Which examples are learned from and chosen on; positions in Labelled."""

    train: np.ndarray
    pairs: list[Pair]
    validation: np.ndarray  # empty where choices are made by cross-validation


def drawn(positions: np.ndarray, most: int, seed: int = 0) -> np.ndarray:
    """Return at most `most` of the positions, drawn by `seed`, in their order."""
    if len(positions) <= most:
        return positions
    generator = np.random.Generator(np.random.PCG64(seed))
    return np.sort(generator.choice(positions, most, replace=False))


def in_words(value: float, target: Target) -> str:
    """Return a target of an example as the user wrote it: its class, or its number."""
    if target.classes:
        return f"class {brief(target.classes[int(value)])}"
    return f"target {value + target.offset:g}"


def require_two_targets(examples: Labelled, train: np.ndarray, target: Target) -> None:
    """Raise InputError where all training examples are of one class, or of one number."""
    targets = np.unique(examples.y[train])
    if len(targets) > 1:
        return
    total = int((examples.subset == "train").sum())
    what, two = ("class", "two classes") if target.classes else ("target", "two targets")
    remedy = (
        f"give the table training rows (set: train) of another {what}, enough for folds or a "
        "column validation"
    )
    if total > len(train):
        remedy = f"raise the probe's max_residues, which draws these of {total:,}"
    raise InputError(
        f"train holds {len(train):,} example(s), all of {in_words(targets[0], target)}, and a "
        f"probe needs {two} to learn anything; {remedy}"
    )


def pairs_of(examples: Labelled, train: np.ndarray) -> list[Pair]:
    """Return the pairs of cross-validation within train."""
    fold = examples.fold[train]
    pairs = [(train[fold != k], train[fold == k]) for k in range(fold.max() + 1)]
    return [pair for pair in pairs if all(map(len, pair))]


def can_be_fit(examples: Labelled, pair: Pair) -> bool:
    """Tell whether the part to fit on has two targets."""
    return len(np.unique(examples.y[pair[0]])) > 1


def require_folds(examples: Labelled, pairs: list[Pair], target: Target) -> None:
    """Raise InputError where all but one fold hold one target alone: nothing could be learned
    outside of that fold, and nothing be told apart in the others."""
    for number, (rest, held_out) in enumerate(pairs, 1):
        if can_be_fit(examples, (rest, held_out)):
            continue
        common = examples.y[rest[0]]
        rare = examples.y[held_out][examples.y[held_out] != common]
        raise InputError(
            f"{in_words(rare[0], target)} has {(rare == rare[0]).sum():,} training example(s), in "
            f"fold {number} of {len(pairs)} alone; the rest of train is all of "
            f"{in_words(common, target)}, so that nothing can be chosen in folds; give the table "
            "more such training rows or a column validation, or its entry another validation: "
            "{folds: n}"
        )


def compare_classes(examples: Labelled, train: np.ndarray, target: Target, task: str) -> None:
    """Say in the log how many test examples are of a class that no training example has, since
    long sequences were left out, or residues drawn; raise InputError where all of several are."""
    tested = np.flatnonzero(examples.subset == "test") if target.classes else train[:0]
    unseen = tested[~np.isin(examples.y[tested], examples.y[train])]
    if not len(unseen):
        return
    names = ", ".join(brief(target.classes[code]) for code in np.unique(examples.y[unseen])[:SHOWN])
    words = (
        f"{len(unseen):,} of {len(tested):,} test example(s) are of a class that no training "
        f"example left has, such as {names}"
    )
    if len(unseen) == len(tested) and len(np.unique(examples.unit[tested])) > 1:
        remedy = "give train examples of it, or mend long_sequences or the probe's max_residues"
        raise InputError(f"{words}; {remedy}")
    log.warning("%s: %s", task, words)


def warn_of_few(examples: Labelled, pairs: list[Pair], task: str) -> None:
    """Say in the log where layers and settings are chosen on few sequences."""
    held_out = [positions for _, positions in pairs]
    units = len(np.unique(examples.unit[np.concatenate(held_out)])) if held_out else 0
    if 0 < units < FEWEST_TO_CHOOSE_ON:
        log.warning(
            "%s: layers and settings are chosen on %d held-out sequence(s) alone, which may choose "
            "by chance; at least %d are better",
            task,
            units,
            FEWEST_TO_CHOOSE_ON,
        )


def plan_of(examples: Labelled, most: int, target: Target, task: str = "this task") -> Plan:
    """Return the Plan of a task: its own validation subset, or the folds of cross-validation.

    At most `most` examples are learned from, and as many chosen on. Raises InputError where there
    is nothing to learn, or folds in which nothing can be chosen.
    """
    train = drawn(np.flatnonzero(examples.subset == "train"), most)
    require_two_targets(examples, train, target)
    compare_classes(examples, train, target, task)
    validation = np.flatnonzero(examples.subset == "validation")
    if len(validation):
        pairs = [(train, drawn(validation, most))]
    else:
        pairs = pairs_of(examples, train)
        require_folds(examples, pairs, target)
    warn_of_few(examples, pairs, task)
    return Plan(train, pairs, validation)


def for_permuted(plan: Plan, permuted: Labelled) -> Plan:
    """Return a Plan without the folds that permuted targets leave nothing to learn for."""
    return plan._replace(pairs=[pair for pair in plan.pairs if can_be_fit(permuted, pair)])
