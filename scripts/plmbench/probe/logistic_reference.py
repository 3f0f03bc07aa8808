"""Logistic regression by scikit-learn, for many penalties: the reference of `logistic_path`."""

import warnings

import numpy as np

from plmbench.probe.arrays import Array, host
from plmbench.probe.logistic_path import Weights, columns_of


class ReferencePath:
    """Fits on the same examples, each from where the last one ended."""

    name = "scikit-learn"
    tol = 1e-4  # scikit-learn's own default

    def __init__(self, X: Array, codes: np.ndarray, classes: int) -> None:
        """X: standardised [example, feature]; codes int [example] of classes that are all there."""
        self.X, self.codes, columns = X, codes, columns_of(classes)
        self.start = Weights(np.zeros((X.shape[1], columns)), np.zeros(columns))

    def fit(self, C: float, max_iter: int, start: Weights) -> tuple[Weights, bool]:
        """Return the Weights for C, and whether they were reached in `max_iter` iterations from
        `start`."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        X = host(self.X)
        model = LogisticRegression(C=C, tol=self.tol, max_iter=max_iter, warm_start=True)
        model.coef_, model.intercept_ = (part.T.astype(X.dtype) for part in start)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(X, self.codes)
        short = any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
        fitted = (part.T.astype(np.float64) for part in (model.coef_, model.intercept_))
        return Weights(*fitted), not short
