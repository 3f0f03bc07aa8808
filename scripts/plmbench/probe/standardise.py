"""Features standardised by training examples, block by block: beside the features themselves
memory holds one copy at most."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

BLOCK = 8192  # examples


def blocks(X: np.ndarray) -> Iterator[slice]:
    """Yield the slices of consecutive examples that make up X [example, feature]."""
    for start in range(0, len(X), BLOCK):
        yield slice(start, start + BLOCK)


class Standard:
    """The mean and the standard deviation of each feature of X [example, feature]."""

    def __init__(self, X: np.ndarray) -> None:
        from sklearn.preprocessing import StandardScaler

        self.scaler = StandardScaler()
        for part in blocks(X):
            self.scaler.partial_fit(X[part])

    def deviations(self) -> np.ndarray:
        """Return the standard deviations [feature], float64."""
        return np.sqrt(self.scaler.var_)

    def __call__(self, X: np.ndarray, dtype: DTypeLike | None = None) -> np.ndarray:
        """Return features [example, feature] standardised, of their own dtype or another."""
        scaled = np.empty(X.shape, dtype or X.dtype)
        for part in blocks(X):
            scaled[part] = self.scaler.transform(X[part])
        return scaled
