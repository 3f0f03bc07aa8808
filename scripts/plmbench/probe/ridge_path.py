"""Ridge regression for many penalties and targets from one float64 decomposition."""

import numpy as np
from scipy.linalg import eigh

BLOCK = 8192  # examples held in float64 at once


class RidgePath:
    """Ridge fits of every target for every penalty, with an unpenalised intercept.

    Minimises ||Y - XW - b||^2 + alpha ||W||^2, as sklearn.linear_model.Ridge, where X are features
    after division by `divisor` [feature]. The smaller of the two Gram matrices is decomposed once;
    each alpha then costs a product. More examples than features are read block by block, so that
    no float64 copy of them is held.
    """

    def __init__(self, X, Y, divisor=1.0):
        """Decompose X [example, feature] and Y [example, target], both centred here."""
        self.divisor = divisor
        self.feature_means, self.target_means = X.mean(0, dtype=np.float64), Y.mean(0)
        targets = Y - self.target_means
        self.dual = X.shape[0] < X.shape[1]
        self.X = self.centred(X) if self.dual else None
        gram, right = (self.X @ self.X.T, targets) if self.dual else self.products(X, targets)
        values, self.vectors = eigh(gram, driver="evd", overwrite_a=True)
        self.values = np.maximum(values, 0.0)  # rounding can leave a zero slightly negative
        self.projected = self.vectors.T @ right

    def centred(self, X):
        """Return features as float64, centred by the training means and divided."""
        return (X - self.feature_means) / self.divisor

    def products(self, X, targets):
        """Return X'X [feature, feature] and X'Y [feature, target] of centred features."""
        gram = np.zeros((X.shape[1], X.shape[1]))
        right = np.zeros((X.shape[1], targets.shape[1]))
        for start in range(0, len(X), BLOCK):
            block = self.centred(X[start : start + BLOCK])
            gram += block.T @ block
            right += block.T @ targets[start : start + BLOCK]
        return gram, right

    def coefficients(self, alphas):
        """Return the weights [feature, target, alpha], of features after division."""
        penalised = self.values[:, None, None] + np.asarray(alphas, np.float64)
        scaled = self.projected[:, :, None] / penalised
        solution = self.vectors @ scaled.reshape(len(scaled), -1)
        weights = self.X.T @ solution if self.dual else solution
        return weights.reshape(-1, *scaled.shape[1:])

    def predict(self, X, alphas):
        """Return predictions [example, target, alpha] for X [example, feature]."""
        weights = self.coefficients(alphas)
        columns, shape = weights.reshape(len(weights), -1), weights.shape[1:]
        predictions = np.empty((len(X), *shape))
        for start in range(0, len(X), BLOCK):
            block = self.centred(X[start : start + BLOCK]) @ columns
            predictions[start : start + BLOCK] = block.reshape(-1, *shape)
        return predictions + self.target_means[:, None]
