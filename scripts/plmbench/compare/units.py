"""Test units that are drawn together: sequences of one family are no independent examples."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from plmbench.probe.predictions import TestSet


def families_in(names: Iterable[str], families: Mapping[str, str]) -> np.ndarray:
    """Return the number of each name's family, int [unit], counted by first appearance; a name
    without one is a family of its own."""
    codes, _ = pd.factorize(np.array([families.get(name, f"\t{name}") for name in names], object))
    return codes


def in_families(
    test: TestSet, positions: np.ndarray, families: Mapping[str, str]
) -> tuple[TestSet, np.ndarray]:
    """Return the TestSet whose units are families, named by their first sequence, and the positions
    of its examples in their file [example], those of a family one after the other. Where no two
    sequences are of one family both stay as they are.

    families: {name of a sequence: its family}.
    """
    family = families_in(test.names, families)
    if not len(family) or family.max() + 1 == len(family):
        return test, positions
    lengths = np.ones(len(family), int) if test.offsets is None else np.diff(test.offsets)
    of_example = np.repeat(family, lengths)
    order = np.argsort(of_example, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(of_example))])
    first = np.unique(family, return_index=True)[1]
    grouped = TestSet(test.names[first], test.y_true[order], offsets, test.target)
    return grouped, positions[order]
