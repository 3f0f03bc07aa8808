"""Examples: labels joined to the rows of an embedding file, by sequence id, never by position.

An example is a label of a sequence, or for a residue task a residue with mask 1; its row is that of
the file's layers. A unit is what a bootstrap draws: a sequence, with all its residues and copies.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.lengths import cut
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.probe.predictions import TestSet


class Source(Protocol):
    """Where examples stand: an embedding file, or the sequences of a data set."""

    dropped: set[str]
    attributes: dict[str, Any]

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Return the positions of these ids, int [id]."""

    def spans(self, ids: Iterable[str]) -> list[tuple[int, int]]:
        """Return where the residues of these sequences stand, [start, stop) pairs."""


class Labelled(NamedTuple):
    """All examples of a task, in the order of its labels."""

    rows: np.ndarray  # int64 [example], of the embedding file's layers
    y: np.ndarray  # float64, less the target's offset, or int64 codes [example]
    subset: np.ndarray  # text [example]
    fold: np.ndarray  # int64 [example], -1: none
    unit: np.ndarray  # int64 [example], position in `names`
    names: np.ndarray  # text [unit], the user's


def read_labels(path: Path | str) -> pd.DataFrame:
    """Read a table of labels (see the rule `labels`); classes and names stay text."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    return table.assign(fold=table["fold"].astype(np.int64))


def read_tests(paths: Iterable[Path | str], names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return {name of a test set: labels with it} of tables of labels, in the order of `names`."""
    return {name: read_labels(path) for name, path in zip(names, paths, strict=True)}


def require_subsets(before: Iterable[str], after: Iterable[str], problem: str) -> None:
    """Raise InputError where a subset of `before` has nothing left in `after`, both text
    [example]; `problem` says why, and what would be right."""
    if lost := sorted(set(before) - set(after)):
        raise InputError(f"nothing is left of {', '.join(lost)}: {problem}")


def present(labels: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return the labels whose sequence was embedded: the policy `drop` leaves out long ones.

    Raises InputError where a subset has none left.
    """
    kept = labels[~labels["id"].isin(source.dropped)]
    if len(kept) < len(labels):
        log.info("%d labels of sequences above max_length left out", len(labels) - len(kept))
    require_subsets(
        labels["subset"],
        kept["subset"],
        "every sequence is above the model's max_length; set the data set's long_sequences to "
        "truncate, keep_ends or windows",
    )
    return kept


def coded(targets: Iterable[str], classes: Iterable[str]) -> np.ndarray:
    """Return int64 codes [example] of class names."""
    position = {name: code for code, name in enumerate(classes)}
    return np.array([position[name] for name in targets], np.int64)


def units_of(labels: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit int64 [label] of labels, and names text [unit]. Copies of a sequence, such as
    replicates, are one unit, with the name of the first one in test, if there is one."""
    unit, ids = pd.factorize(labels["id"])
    test_first = labels.sort_values("subset", key=lambda subset: subset != "test", kind="stable")
    names = test_first.drop_duplicates("id").set_index("id")["name"]
    return unit, names.loc[ids].to_numpy()


def offset_of(values: np.ndarray, subset: np.ndarray) -> float:
    """Return what is subtracted from targets [example]: the mean of train.

    Predictions that differ by little would else be rounded to the same number where targets are far
    from 0. It is 0 where targets would be rounded instead: those that differ by less than the mean
    has digits for, such as 1e-30 and 1e-20 beside 1. All labels count, also of sequences that a
    model leaves out: the offset is the same for all arms.
    """
    train = values[subset == "train"]
    offset = float((train / max(len(train), 1)).sum())
    kept = len(np.unique(values - offset)) == len(np.unique(values))
    return offset if kept else 0.0


def labelled_sequences(
    labels: pd.DataFrame, source: Source, task_type: str
) -> tuple[Target, Labelled]:
    """Return the Target and the Labelled examples of a task that labels sequences."""
    if task_type == REGRESSION:
        values = labels["target"].astype(np.float64).to_numpy()
        offset = offset_of(values, labels["subset"].to_numpy())
        y = values - offset
        target = Target(task_type, (), float(y.min()), offset)
    else:
        # Of all subsets together: a class that one of them lacks shifts no code.
        target = Target(task_type, tuple(sorted(set(labels["target"]))))
        y = coded(labels["target"], target.classes)
    y = y[~labels["id"].isin(source.dropped).to_numpy()]
    labels = present(labels, source)
    return target, Labelled(
        source.rows(labels["id"]),
        y,
        labels["subset"].to_numpy(),
        labels["fold"].to_numpy(),
        *units_of(labels),
    )


def letters_of(texts: Iterable[str]) -> np.ndarray:
    """Return the letters of texts, one after the other, as an array of one-letter text."""
    return np.array(list("".join(texts)))


def rows_of_residues(labels: pd.DataFrame, source: Source, targets: list[str]) -> np.ndarray:
    """Return the rows of the file [residue] of all residues of `labels`, one sequence after the
    other; raises InputError where a target has not as many letters as its sequence residues."""
    spans = source.spans(labels["id"])
    embedded = [stop - start for start, stop in spans]
    for name, target, length in zip(labels["name"], targets, embedded, strict=True):
        if len(target) != length:
            raise InputError(
                f"{name}: as many labels as residues are needed; run again from sequences"
            )
    return np.concatenate([np.arange(start, stop) for start, stop in spans])


def labelled_residues(
    labels: pd.DataFrame, source: Source, task_type: str
) -> tuple[Target, Labelled]:
    """Return the Target and the Labelled examples of a task that labels residues.

    Labels and masks are cut as the sequences were. Raises InputError where they are not as many as
    the residues that were embedded, or where a subset has none with mask 1.
    """
    counted = letters_of(labels["mask"]) == "1"
    target = Target(task_type, tuple(np.unique(letters_of(labels["target"])[counted]).tolist()))
    labels = present(labels, source)
    max_length = source.attributes["max_length"] or None
    policy = source.attributes["long_sequences"]
    targets = [cut(text, max_length, policy) for text in labels["target"]]
    masks = [cut(text, max_length, policy) for text in labels["mask"]]
    rows = rows_of_residues(labels, source, targets)
    kept = letters_of(masks) == "1"
    label = np.repeat(np.arange(len(labels)), list(map(len, targets)))[kept]  # [example]
    subset = labels["subset"].to_numpy()[label]
    remedy = (
        "no residue that was embedded has mask 1; mend the masks, or the data set's long_sequences"
    )
    require_subsets(labels["subset"], subset, remedy)
    unit, names = units_of(labels)
    return target, Labelled(
        rows[kept],
        coded(letters_of(targets)[kept], target.classes),
        subset,
        labels["fold"].to_numpy()[label],
        unit[label],
        names,
    )


def test_set_of(examples: Labelled, target: Target) -> tuple[TestSet, np.ndarray]:
    """Return the TestSet of a task's Labelled examples, and their positions [example], those of a
    unit one after the other."""
    positions = np.flatnonzero(examples.subset == "test")
    positions = positions[np.argsort(examples.unit[positions], kind="stable")]
    units, counts = np.unique(examples.unit[positions], return_counts=True)
    several = target.task_type == RESIDUE_CLASSIFICATION or counts.max() > 1
    offsets = np.concatenate([[0], np.cumsum(counts)]) if several else None
    return TestSet(examples.names[units], examples.y[positions], offsets, target), positions


def without_test(target: Target, examples: Labelled) -> Target:
    """Return the Target as a choice may know it: the floor is that of all subsets but test."""
    if target.classes:
        return target
    return target._replace(floor=float(examples.y[examples.subset != "test"].min()))


LABELLED: dict[str, Callable[[pd.DataFrame, Source, str], tuple[Target, Labelled]]] = {
    REGRESSION: labelled_sequences,
    CLASSIFICATION: labelled_sequences,
    RESIDUE_CLASSIFICATION: labelled_residues,
}


def shuffled(examples: Labelled, seed: int = 0) -> Labelled:
    """Return the examples with the targets of train and of validation permuted among themselves:
    what a probe scores when there is nothing to learn."""
    generator, y = np.random.Generator(np.random.PCG64(seed)), examples.y.copy()
    for subset in ("train", "validation"):
        positions = np.flatnonzero(examples.subset == subset)
        y[positions] = y[generator.permutation(positions)]
    return examples._replace(y=y)
