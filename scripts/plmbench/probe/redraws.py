"""Redraws: the training and validation rows that a refit sees, the same ones for every arm.

A redraw is a random half of the units, without replacement. A unit is a sequence with all its
copies, or a family with all its members. Half-samples vary as much as whole samples of new data do
(McCarthy 1969; Politis & Romano 1994): what two of them have in common makes up for their size. A
bootstrap with replacement would hold copies of rows, which a probe that chooses by cross-validation
or early stopping takes for confirmation. benchmarks/statistics compares both.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

SUBSETS = ("train", "validation")  # what is drawn anew; test stays


def generator_of(task: str, refit: int, subsets: str) -> np.random.Generator:
    """Return a generator of its own for a refit of a task and the units of some subsets."""
    digest = hashlib.sha256(f"{task}\t{refit}\t{subsets}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def units_by_subsets(labels: pd.DataFrame) -> dict[str, list[str]]:
    """Return {subsets: units} of train and validation, in the order of their names.

    A family with members in both subsets is drawn with all of them or not at all.
    """
    learned = labels[labels["subset"].isin(SUBSETS)]
    subsets = learned.groupby("group")["subset"].agg(lambda own: " ".join(sorted(set(own))))
    return {name: sorted(units.index) for name, units in subsets.groupby(subsets)}


def half_of(units: Sequence[str], generator: np.random.Generator) -> np.ndarray:
    """Return half of the units, of an odd number the larger half."""
    return generator.choice(np.array(units, object), (len(units) + 1) // 2, replace=False)


def redrawn_ids(labels: pd.DataFrame, task: str, refit: int) -> set[str]:
    """Return the ids of the sequences of train and validation that a refit sees.

    labels: the task's whole table, with a column `group` where sequences belong to families. What
    a model leaves out bears on no draw, so that every arm gets the same ones.
    """
    labels = labels if "group" in labels else labels.assign(group=labels["id"])
    drawn: set[str] = set()
    for subsets, units in units_by_subsets(labels).items():
        drawn.update(half_of(units, generator_of(task, refit, subsets)))
    return set(labels["id"][labels["group"].isin(drawn)])
