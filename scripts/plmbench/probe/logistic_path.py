"""Logistic regression for many penalties, each fit started where the one before ended.

The objective is scikit-learn's: the mean cross-entropy + ||W||^2 / (2 n C), the intercept free. It
is convex, so any way to its minimum is exact. The way here is short because the variables are
changed: along each eigenvector of the features' second moments, and for each class, they are scaled
by the root of the curvature expected there, as in Boehning's bound (1992). One eigendecomposition
serves every C. Some 20 passes over the features then do where plain variables need hundreds.

What has a row per example, and the eigenvectors, may be on a GPU. Weights, gradients and the search
itself are small, and numpy's.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from plmbench.probe.arrays import Array, cast, eigh, host, names, put
from plmbench.probe.lbfgs import Objective, minimised

CACHE = 5 << 18  # bytes of features that stay at hand between the way there and back
ON_GPU = 5 << 23  # there, where a call costs more than a pass over memory
TOLERANCE = 1e-8  # of the objective, what may be left of it: see `minimised`
COLUMNS = 1024  # features held in float64 at once
LEAST = 1e-6  # curvature of a class that is all but absent


class Weights(NamedTuple):
    """One fit; of two classes the first has logit 0 and no column."""

    W: np.ndarray  # float64 [feature, column]
    b: np.ndarray  # float64 [column]


def columns_of(classes: int) -> int:
    """Return how many columns the Weights for so many classes have."""
    return 1 if classes == 2 else classes


def softmax(logits: Array) -> tuple[Array, Array]:
    """Return probabilities and their logarithms [class, example] of logits [column, example]."""
    xp = names(logits)
    if len(logits) == 1:
        logits = xp.concatenate([xp.zeros_like(logits), logits])
    logits = logits - xp.amax(logits, 0)
    exponentials = xp.exp(logits)
    sums = exponentials.sum(0)
    exponentials /= sums
    return exponentials, logits - xp.log(sums)


class Loss:
    """The mean cross-entropy on examples, read block by block."""

    def __init__(self, X: Array, codes: np.ndarray, columns: int) -> None:
        """X [example, feature], codes of classes int [example]."""
        self.X, self.codes, self.columns = X, put(codes, X), columns
        self.places = put(np.arange(self.rows()), X)
        self.spread = np.zeros(columns)  # mean p (1 - p) of each column where it was last read

    def rows(self) -> int:
        """Return how many examples are a block."""
        return max(64, (CACHE if names(self.X) is np else ON_GPU) // max(1, self.X[0].nbytes))

    def blocks(self, dtype: Any) -> Iterator[tuple[Array, Array]]:
        """Yield features [example, feature] and codes of consecutive examples."""
        rows = self.rows()
        for start in range(0, len(self.X), rows):
            part = slice(start, start + rows)
            yield cast(self.X[part], dtype), self.codes[part]

    def __call__(self, weights: Weights, dtype: Any) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the loss and its gradients [feature, column] and [column]; products are of
        `dtype`, sums over blocks of float64."""
        W, b = put(weights.W.T, self.X, dtype), put(weights.b, self.X, dtype)[:, None]
        loss, by_W, by_b, spread = (
            put(np.zeros(shape), self.X) for shape in ((), W.shape, len(W), self.columns)
        )
        for X, codes in self.blocks(dtype):
            probabilities, logarithms = softmax(W @ X.T + b)  # each [class, example]
            own = codes, self.places[: len(codes)]
            loss -= logarithms[own].sum(dtype=loss.dtype)
            errors = probabilities[-self.columns :]
            spread += (errors * (1 - errors)).sum(1)
            probabilities[own] -= 1
            by_W += errors @ X
            by_b += errors.sum(1, dtype=by_b.dtype)
        count = len(self.X)
        self.spread[:] = host(spread) / count
        return float(loss) / count, host(by_W).T / count, host(by_b) / count


def product(matrix: Array, table: Array) -> np.ndarray:
    """Return a float64 product, computed in the dtype of the matrix, and where it is."""
    return host(matrix @ put(table, matrix, matrix.dtype)).astype(np.float64)


class Axes(NamedTuple):
    """Coordinates of examples, and the eigenvectors of their second moments.

    Of fewer examples than features the coordinates are those in the examples' own span, where the
    minimum lies: at most as many as examples. Otherwise they are the features.
    """

    features: Array  # [example, feature]
    X: Array  # [example, coordinate]
    values: np.ndarray  # [axis], not negative
    vectors: Array  # [coordinate, axis]
    span: Array | None = None  # [example, coordinate]: a coordinate is span' features

    def of_coordinates(self, weights: Weights) -> Weights:
        """Return Weights of coordinates for those of features."""
        if self.span is None:
            return weights
        return Weights(product(self.span.T, product(self.features, weights.W)), weights.b)

    def of_features(self, weights: Weights) -> Weights:
        """Return Weights of features for those of coordinates."""
        if self.span is None:
            return weights
        return Weights(product(self.features.T, product(self.span, weights.W)), weights.b)


def axes_of(X: Array) -> Axes:
    """Return the Axes of features [example, feature], by the smaller of the two Gram matrices."""
    count, xp = len(X), names(X)
    if count >= X.shape[1]:
        values, vectors = eigh(X.T @ X / count)  # they shape the way, not its end
        return Axes(X, X, np.maximum(host(values), 0.0), vectors)
    gram = put(np.zeros((count, count)), X)  # float64: the span must be that of the examples
    for start in range(0, X.shape[1], COLUMNS):
        part = cast(X[:, start : start + COLUMNS], xp.float64)
        gram += part @ part.T
    values, vectors = eigh(gram)
    kept = values > values[-1] * count * np.finfo(np.float64).eps
    values, vectors = values[kept], vectors[:, kept]
    coordinates = cast(vectors * xp.sqrt(values), X.dtype)
    span = vectors / xp.sqrt(values)
    identity = put(np.eye(len(values)), X)
    return Axes(X, coordinates, host(values) / count, identity, span)


def centred(table: np.ndarray) -> np.ndarray:
    """Return [..., column] less its mean over columns, if there are several.

    The same added to all logits changes no probability: only the penalty holds it at 0. Scales that
    differ between classes would lead there, and it takes many steps to come back.
    """
    return table - table.mean(-1, keepdims=True) if table.shape[-1] > 1 else table


class Scales(NamedTuple):
    """Variables [axis + intercept, column] in which the objective is about as steep in every
    direction."""

    vectors: Array  # [coordinate, axis], of the dtype of products
    scales: np.ndarray  # [axis, column]
    intercepts: np.ndarray  # [column]

    @classmethod
    def of(cls, axes: Axes, spread: np.ndarray, penalty: float, dtype: Any) -> "Scales":
        """Return those for the mean p (1 - p) [column] of a fit nearby."""
        curvature = np.maximum(spread, LEAST)
        scales = (axes.values[:, None] * curvature + penalty) ** -0.5
        return cls(cast(axes.vectors, dtype), scales, curvature**-0.5)

    def weights(self, variables: np.ndarray) -> Weights:
        """Return the Weights of coordinates that flat variables stand for."""
        table = variables.reshape(len(self.scales) + 1, -1)
        W = product(self.vectors, centred(self.scales * table[:-1]))
        return Weights(W, centred(self.intercepts * table[-1]))

    def variables(self, weights: Weights) -> np.ndarray:
        """Return the flat variables that stand for Weights."""
        table = product(self.vectors.T, weights.W) / self.scales
        return np.vstack([table, weights.b / self.intercepts]).ravel()

    def gradient(self, by_W: np.ndarray, by_b: np.ndarray) -> np.ndarray:
        """Return the flat gradient by variables."""
        table = self.scales * centred(product(self.vectors.T, by_W))
        return np.vstack([table, self.intercepts * centred(by_b)]).ravel()


class FastPath:
    """Fits on the same examples, each from where the last one ended."""

    name = "preconditioned L-BFGS"

    def __init__(self, X: Array, codes: np.ndarray, classes: int) -> None:
        """X: standardised [example, feature]; codes int [example] of classes that are all there."""
        self.axes = axes_of(X)
        columns = columns_of(classes)
        self.loss = Loss(self.axes.X, codes, columns)
        shares = np.bincount(codes, minlength=classes) / len(codes)
        self.spread = (shares * (1 - shares))[-columns:]
        logits = np.log(shares) - (np.log(shares[0]) if columns == 1 else np.log(shares).mean())
        self.start = Weights(np.zeros((X.shape[1], columns)), logits[-columns:])

    def objective(self, scales: Scales, penalty: float, dtype: Any) -> Objective:
        """Return the function of variables that is to be minimised, and its gradient."""

        def value_and_gradient(variables: np.ndarray) -> tuple[float, np.ndarray]:
            weights = scales.weights(variables)
            loss, by_W, by_b = self.loss(weights, dtype)
            value = loss + 0.5 * penalty * float(np.vdot(weights.W, weights.W))
            return value, scales.gradient(by_W + penalty * weights.W, by_b)

        return value_and_gradient

    def fit(self, C: float, max_iter: int, start: Weights) -> tuple[Weights, bool]:
        """Return the Weights for C, and whether they were reached in `max_iter` steps from `start`.

        The scales are made anew where the curvature has since fallen: they judge what is left.
        Where a penalty is so weak that float32 hides the last steps, they are made in float64.
        """
        penalty, left = 1 / (len(self.loss.codes) * C), max_iter
        weights, dtype = self.axes.of_coordinates(start), self.loss.X.dtype
        while True:
            scales = Scales.of(self.axes, self.spread, penalty, dtype)
            objective = self.objective(scales, penalty, dtype)
            found = minimised(objective, scales.variables(weights), TOLERANCE, left)
            weights, left = scales.weights(found.x), left - found.iterations
            settled = np.all(self.loss.spread >= 0.5 * self.spread)  # 0 where all is certain
            self.spread = self.loss.spread.copy()
            if found.converged and settled:
                return self.axes.of_features(weights), True
            if not found.converged:
                if left == 0 or dtype == names(self.loss.X).float64:
                    return self.axes.of_features(weights), False
                dtype = names(self.loss.X).float64
