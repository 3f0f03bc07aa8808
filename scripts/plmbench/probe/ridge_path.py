"""Ridge regression for many penalties and targets from one float64 decomposition."""

from collections.abc import Sequence

import numpy as np

BLOCK = 8192  # examples held in float64 at once


class RidgePath:
    """Ridge fits of every target for every penalty, with an unpenalised intercept.

    Minimises ||Y - XW - b||^2 + alpha ||W||^2, as sklearn.linear_model.Ridge, where X are features
    after division by `divisor` [feature]. The smaller of the two Gram matrices is decomposed once;
    each alpha then costs a product. More examples than features are read block by block, so that
    no float64 copy of them is held.
    """

    def __init__(self, X: np.ndarray, Y: np.ndarray, divisor: float | np.ndarray = 1.0) -> None:
        """Decompose X [example, feature] and Y [example, target], both centred here."""
        from scipy.linalg import eigh

        self.divisor = divisor
        self.feature_means, self.target_means = X.mean(0, dtype=np.float64), Y.mean(0)
        targets = Y - self.target_means
        self.dual = X.shape[0] < X.shape[1]
        self.X = self.centred(X) if self.dual else None
        if self.X is None:
            gram, right = self.products(X, targets)  # [feature, feature], [feature, target]
        else:
            gram, right = self.X @ self.X.T, targets  # [example, example], [example, target]
        values, self.vectors = eigh(gram, driver="evd", overwrite_a=True)
        self.values = np.maximum(values, 0.0)  # rounding can leave a zero slightly negative
        self.projected = self.vectors.T @ right

    def centred(self, X: np.ndarray) -> np.ndarray:
        """Return features [example, feature] as float64, centred by the training means, divided."""
        return (X - self.feature_means) / self.divisor

    def products(self, X: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return X'X [feature, feature] and X'Y [feature, target] of centred features."""
        gram = np.zeros((X.shape[1], X.shape[1]))
        right = np.zeros((X.shape[1], targets.shape[1]))
        for start in range(0, len(X), BLOCK):
            block = self.centred(X[start : start + BLOCK])
            gram += block.T @ block
            right += block.T @ targets[start : start + BLOCK]
        return gram, right

    def coefficients(self, alphas: Sequence[float]) -> np.ndarray:
        """Return the weights [feature, target, alpha], of features after division."""
        penalised = self.values[:, None, None] + np.asarray(alphas, np.float64)
        scaled = self.projected[:, :, None] / penalised  # [eigenvector, target, alpha]
        solution = self.vectors @ scaled.reshape(len(scaled), -1)  # [row, target * alpha]
        weights = solution if self.X is None else self.X.T @ solution
        return weights.reshape(-1, *scaled.shape[1:])

    def predict(self, X: np.ndarray, alphas: Sequence[float]) -> np.ndarray:
        """Return predictions [example, target, alpha] for X [example, feature]."""
        weights = self.coefficients(alphas)
        columns, shape = weights.reshape(len(weights), -1), weights.shape[1:]
        predictions = np.empty((len(X), *shape))
        for start in range(0, len(X), BLOCK):
            block = self.centred(X[start : start + BLOCK]) @ columns
            predictions[start : start + BLOCK] = block.reshape(-1, *shape)
        return predictions + self.target_means[:, None]
