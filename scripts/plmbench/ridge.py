"""Ridge regression for many penalties from one float64 decomposition."""

import numpy as np
from scipy.linalg import eigh


class RidgePath:
    """Ridge fits of one target for every penalty, with an unpenalised intercept.

    Minimises ||y - Xw - b||^2 + alpha ||w||^2, as sklearn.linear_model.Ridge. The smaller of the
    two Gram matrices is decomposed once; each alpha then costs a product.
    """

    def __init__(self, X, y):
        """Decompose X [example, feature] and y [example], both centred here."""
        X = np.asarray(X, np.float64)
        self.feature_means, self.target_mean = X.mean(0), y.mean()
        X = X - self.feature_means
        self.dual = X.shape[0] < X.shape[1]
        values, self.vectors = eigh(X @ X.T if self.dual else X.T @ X, driver="evd")
        self.values = np.maximum(values, 0.0)  # rounding can leave a zero slightly negative
        target = y - self.target_mean
        self.X = X if self.dual else None
        self.projected = self.vectors.T @ (target if self.dual else X.T @ target)

    def coefficients(self, alphas):
        """Return the weights [feature, alpha]."""
        scaled = self.projected[:, None] / (self.values[:, None] + np.asarray(alphas))
        solution = self.vectors @ scaled
        return self.X.T @ solution if self.dual else solution

    def predict(self, X, alphas):
        """Return predictions [example, alpha] for X [example, feature]."""
        X = np.asarray(X, np.float64) - self.feature_means
        return X @ self.coefficients(alphas) + self.target_mean
