"""Ridge regression for many penalties and targets from one float64 decomposition."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import NamedTuple

import numpy as np

from plmbench.probe.arrays import Array, eigh, host, names, put

BLOCK = 8192  # examples held in float64 at once


class Moments(NamedTuple):
    """Sums over examples, of deviations from an origin: all that a fit needs of them. Those of
    parts add up to those of the whole."""

    examples: int
    feature_origin: Array  # [feature]
    target_origin: Array  # [target]
    feature_sums: Array  # [feature]
    target_sums: Array  # [target]
    gram: Array  # [feature, feature]
    right: Array  # [feature, target]

    def with_others(self, others: Sequence["Moments"]) -> "Moments":
        """Return the moments of all together; they have the same origin."""
        examples = self.examples + sum(other.examples for other in others)
        parts = zip(*(each[3:] for each in (self, *others)), strict=True)
        return Moments(examples, *self[1:3], *(reduce(add, same) for same in parts))

    def centred(self, constant: Array) -> "Moments":
        """Return the moments about the means. A feature that is constant, bool [feature], has 0
        exactly: rounding would leave it a little, which a weak penalty would blow up."""
        outer = names(self.gram).outer
        features, targets = self.feature_sums / self.examples, self.target_sums / self.examples
        gram = self.gram - self.examples * outer(features, features)
        right = self.right - self.examples * outer(features, targets)
        gram[constant], gram[:, constant], right[constant] = 0.0, 0.0, 0.0
        origins = self.feature_origin + features, self.target_origin + targets
        return Moments(self.examples, *origins, 0 * features, 0 * targets, gram, right)


def moments_of(X: Array, Y: np.ndarray, origin: Moments | None = None) -> Moments:
    """Return the Moments of X [example, feature] and Y [example, target], block by block, about
    their means or the origin of others."""
    Y = put(Y, X)
    means, target_means = X.mean(0, dtype=names(X).float64), Y.mean(0)
    if origin is not None:
        means, target_means = origin.feature_origin, origin.target_origin
    targets, width = Y - target_means, X.shape[1]
    gram, right, sums = (
        put(np.zeros(shape), X) for shape in ((width, width), (width, Y.shape[1]), width)
    )
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK] - means
        gram += block.T @ block
        right += block.T @ targets[start : start + BLOCK]
        sums += block.sum(0)
    return Moments(len(X), means, target_means, sums, targets.sum(0), gram, right)


class RidgePath:
    """Ridge fits of every target for every penalty, with an unpenalised intercept.

    Minimises ||Y - XW - b||^2 + alpha ||W||^2, as sklearn.linear_model.Ridge, where X are features
    after division by `divisor` [feature]. The smaller of the two Gram matrices is decomposed once;
    each alpha then costs a product. More examples than features are read block by block, so that
    no float64 copy of them is held.
    """

    def __init__(
        self,
        X: Array,
        Y: np.ndarray,
        divisor: float | Array = 1.0,
        moments: Moments | None = None,
    ) -> None:
        """Decompose X [example, feature] and Y [example, target], both centred here; moments: of
        the same, about their means, if they are known."""
        xp, Y, self.divisor = names(X), put(Y, X), divisor
        self.dual = X.shape[0] < X.shape[1]
        if self.dual:
            self.feature_means, self.target_means = X.mean(0, dtype=xp.float64), Y.mean(0)
            self.X: Array | None = self.centred(X)
            gram, right = self.X @ self.X.T, Y - self.target_means  # [example, example or target]
        else:
            known, self.X = moments or moments_of(X, Y), None
            self.feature_means, self.target_means = known.feature_origin, known.target_origin
            divisors = divisor * xp.ones_like(self.feature_means)
            gram = known.gram / xp.outer(divisors, divisors)  # [feature, feature]
            right = known.right / divisors[:, None]  # [feature, target]
        values, self.vectors = eigh(gram, overwrite=True)
        self.values = xp.clip(values, 0.0, None)  # rounding can leave a zero slightly negative
        self.projected = self.vectors.T @ right

    def centred(self, X: Array) -> Array:
        """Return features [example, feature] as float64, centred by the training means, divided."""
        return (X - self.feature_means) / self.divisor

    def coefficients(self, alphas: Sequence[float]) -> Array:
        """Return the weights [feature, target, alpha], of features after division."""
        penalised = self.values[:, None, None] + put(np.asarray(alphas, np.float64), self.values)
        scaled = self.projected[:, :, None] / penalised  # [eigenvector, target, alpha]
        solution = self.vectors @ scaled.reshape(len(scaled), -1)  # [row, target * alpha]
        weights = solution if self.X is None else self.X.T @ solution
        return weights.reshape(-1, *scaled.shape[1:])

    def predict(self, X: Array, alphas: Sequence[float]) -> np.ndarray:
        """Return predictions [example, target, alpha] for X [example, feature]."""
        weights = self.coefficients(alphas)
        columns, shape = weights.reshape(len(weights), -1), weights.shape[1:]
        predictions = np.empty((len(X), *shape))
        for start in range(0, len(X), BLOCK):
            block = host(self.centred(X[start : start + BLOCK]) @ columns)
            predictions[start : start + BLOCK] = block.reshape(-1, *shape)
        return predictions + host(self.target_means)[:, None]
