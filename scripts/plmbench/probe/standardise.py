"""Features standardised by training examples, block by block: beside the features themselves
memory holds one copy at most."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from plmbench.probe.arrays import Array, cast, names

BLOCK = 8192  # examples


def blocks(X: Array) -> Iterator[slice]:
    """Yield the slices of consecutive examples that make up X [example, feature]."""
    for start in range(0, len(X), BLOCK):
        yield slice(start, start + BLOCK)


class Standard:
    """The mean and the standard deviation of each feature of X [example, feature].

    Those of blocks are joined as scikit-learn's StandardScaler joins them (Chan, Golub and LeVeque
    1983), to the last digit on a CPU.
    """

    def __init__(self, X: Array) -> None:
        self.count = 0
        self.mean: Array = 0.0
        self.variance: Array = 0.0
        for part in blocks(X):
            self.add(X[part])
        # What rounding may leave of the variance of a feature that is constant.
        count, error = self.count, np.finfo(np.float64).eps
        least = count * error * self.variance + (count * self.mean * error) ** 2
        self.constant = self.variance <= least  # bool [feature]

    def add(self, X: Array) -> None:
        """Take in examples [example, feature]; all sums are of float64."""
        float64, own = names(X).float64, len(X)
        total = X.sum(0, dtype=float64)
        deviations = X - total / own
        left = deviations.sum(0)
        deviations *= deviations
        squares = deviations.sum(0) - left**2 / own
        known = self.mean * self.count
        if self.count:
            ratio, both = self.count / own, self.count + own
            between = ratio / both * (known / ratio - total) ** 2
            squares = self.variance * self.count + squares + between
        self.count += own
        self.mean, self.variance = (known + total) / self.count, squares / self.count

    def deviations(self) -> Array:
        """Return the standard deviations [feature], float64."""
        return names(self.variance).sqrt(self.variance)

    def __call__(self, X: Array, dtype: Any = None) -> Array:
        """Return features [example, feature] standardised, of their own dtype or another; one that
        is constant is not divided."""
        xp = names(X)
        scaled = xp.empty_like(X, dtype=dtype or X.dtype)
        mean = cast(self.mean, X.dtype)
        scale = cast(xp.where(self.constant, 1.0, self.deviations()), X.dtype)
        for part in blocks(X):
            own = X[part] - mean
            own /= scale
            scaled[part] = own
        return scaled
