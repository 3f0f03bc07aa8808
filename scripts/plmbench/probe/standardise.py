"""Features standardised by training examples, block by block: beside the features themselves
memory holds one copy at most."""

import numpy as np
from sklearn.preprocessing import StandardScaler

BLOCK = 8192  # examples


def blocks(X):
    """Yield the slices of consecutive examples that make up X [example, feature]."""
    for start in range(0, len(X), BLOCK):
        yield slice(start, start + BLOCK)


class Standard:
    """The mean and the standard deviation of each feature of X [example, feature]."""

    def __init__(self, X):
        self.scaler = StandardScaler()
        for part in blocks(X):
            self.scaler.partial_fit(X[part])

    def deviations(self):
        """Return the standard deviations [feature], float64."""
        return np.sqrt(self.scaler.var_)

    def __call__(self, X, dtype=None):
        """Return features [example, feature] standardised, of their own dtype or another."""
        scaled = np.empty(X.shape, dtype or X.dtype)
        for part in blocks(X):
            scaled[part] = self.scaler.transform(X[part])
        return scaled
