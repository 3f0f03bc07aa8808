"""How alike the members of a family are in what an arm gets right: the intraclass correlation of a
one-way analysis of variance (Fisher 1925; Donner 1986, Int Stat Rev 54:67)."""

import numpy as np

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.units import families_in
from plmbench.core.task_types import REGRESSION
from plmbench.probe.predictions import TestSet, read_predictions


def icc(values: np.ndarray, groups: np.ndarray) -> float:
    """Return the intraclass correlation of values [sequence] in groups, int [sequence]; NaN where
    every group has one member, or all are in one group, or all values are equal."""
    sizes = np.bincount(groups)
    number, total = len(sizes), len(values)
    if number < 2 or number == total:
        return np.nan
    means = np.bincount(groups, values) / sizes
    between = (sizes * (means - values.mean()) ** 2).sum() / (number - 1)
    within = ((values - means[groups]) ** 2).sum() / (total - number)
    members = (total - (sizes**2).sum() / total) / (number - 1)
    whole = between + (members - 1) * within
    return float((between - within) / whole) if whole > 0 else np.nan


def correctness(test: TestSet, prediction: np.ndarray) -> np.ndarray:
    """Return of each sequence the share of its examples that are right, or of numbers the mean by
    which they are missed, [sequence]. prediction: [example] or [example, class]."""
    if test.target.task_type == REGRESSION:
        right = prediction - test.y_true
    else:
        right = (prediction.argmax(-1) == test.y_true).astype(float)
    if test.offsets is None:
        return right
    return np.add.reduceat(right, test.offsets[:-1]) / np.diff(test.offsets)


def intraclass_correlation(task: TaskPredictions, key: ArmKey, layer: int) -> float:
    """Return the intraclass correlation within families of what an arm gets right, as a mean over
    its seeds; NaN where no family has two test sequences."""
    found = []
    for file in task.files_of(key):
        test, positions = task.sequences[file]
        family = families_in(test.names, task.families)
        for prediction in read_predictions(task.files[file], key.pooling, layer)[:, positions]:
            found.append(icc(correctness(test, prediction), family))
    return float(np.mean(found))
