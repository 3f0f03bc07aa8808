"""Small networks of one shape side by side: one pass over the examples trains them all.

They differ in their penalty alone. The update rule, the initial weights and the order of examples
are those of scikit-learn's MLPClassifier and MLPRegressor (Adam, ReLU): from the same random state
come the same networks, up to rounding. What costs less is all but the products: a batch is gathered
once for all, and Adam goes over each number as few times as it can.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from plmbench.core.errors import InputError
from plmbench.probe.mlp_heads import Head
from plmbench.probe.standardise import blocks

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # of Adam, as in scikit-learn


class Weights(NamedTuple):
    """The weights of a network, or stacked [network, ...] those of several."""

    coefficients: list[np.ndarray]  # a layer: [input, output]
    intercepts: list[np.ndarray]  # a layer: [1, output]

    def copy(self, index: int) -> "Weights":
        """Copy those of one network of a stack."""
        return Weights(
            [each[index].copy() for each in self.coefficients],
            [each[index].copy() for each in self.intercepts],
        )

    def outputs(self, X: np.ndarray, head: Head) -> np.ndarray:
        """Return what the head makes of features [example, feature]: [..., example, output]."""
        return activations(self, X, head)[-1]


def activations(weights: Weights, X: np.ndarray, head: Head) -> list[np.ndarray]:
    """Return what each layer hands to the next, [..., example, unit], the features first."""
    values = [X]
    for layer, (W, b) in enumerate(zip(*weights, strict=True), 1):
        values.append(np.matmul(values[-1], W))
        values[-1] += b
        if layer < len(weights.coefficients):
            np.maximum(values[-1], 0, out=values[-1])
    head.activate(values[-1])
    return values


def initial(widths: Sequence[int], random: np.random.RandomState, dtype: DTypeLike) -> Weights:
    """Draw the weights of one network as scikit-learn does; widths: of all layers."""
    coefficients, intercepts = [], []
    for shape in pairwise(widths):
        bound = np.sqrt(6 / sum(shape))
        coefficients.append(random.uniform(-bound, bound, shape).astype(dtype))
        intercepts.append(random.uniform(-bound, bound, (1, shape[1])).astype(dtype))
    return Weights(coefficients, intercepts)


class Flat:
    """Numbers of a stack's weights in one array, and the Weights as views of it."""

    def __init__(self, shapes: Weights, networks: int, dtype: DTypeLike) -> None:
        """shapes: weights of one network."""
        parts = [*shapes.coefficients, *shapes.intercepts]
        self.numbers = np.zeros(networks * sum(part.size for part in parts), dtype)
        ends = np.cumsum([networks * part.size for part in parts])[:-1]
        split = np.split(self.numbers, ends)
        views = [own.reshape(networks, *p.shape) for own, p in zip(split, parts, strict=True)]
        self.weights = Weights(views[: len(shapes[0])], views[len(shapes[0]) :])

    def fill(self, networks: Sequence[Weights]) -> None:
        """Write the weights of networks, one after the other."""
        for views, parts in zip(self.weights, zip(*networks, strict=True), strict=True):
            for view, layer in zip(views, zip(*parts, strict=True), strict=True):
                view[:] = layer


class Adam:
    """Adam as scikit-learn writes it, for a stack. The moments are kept undivided, (1 - beta) times
    less, and change places with the gradient and a spare array: that saves passes over memory."""

    def __init__(self, networks: Sequence[Weights], learning_rate: float) -> None:
        from scipy.linalg.blas import get_blas_funcs

        count, dtype = len(networks), networks[0].coefficients[0].dtype
        self.now, self.gradient, self.first, self.second, self.spare = (
            Flat(networks[0], count, dtype) for _ in range(5)
        )
        self.now.fill(networks)
        self.learning_rate, self.step = learning_rate, 0
        self.add = get_blas_funcs("axpy", dtype=dtype)  # (x, y, a): y += a x

    def update(self, decays: np.ndarray) -> None:
        """Take a step by `gradient`; decays [network]: what is added of each weight to its own."""
        for W, by_W in zip(self.now.weights[0], self.gradient.weights[0], strict=True):
            for weights, gradient, decay in zip(W, by_W, decays, strict=True):
                self.add(weights.reshape(-1), gradient.reshape(-1), a=decay)
        gradient, first, second, spare = (
            flat.numbers for flat in (self.gradient, self.first, self.second, self.spare)
        )
        np.multiply(gradient, gradient, out=spare)
        self.add(second, spare, a=BETA_2)
        self.add(first, gradient, a=BETA_1)
        self.first, self.gradient = self.gradient, self.first
        self.second, self.spare = self.spare, self.second
        self.step += 1
        np.sqrt(spare, out=second)
        second += second.dtype.type(EPSILON / np.sqrt(1 - BETA_2))
        np.divide(gradient, second, out=second)
        corrected = np.sqrt(1 - BETA_2**self.step) / (1 - BETA_1**self.step)
        scale = (1 - BETA_1) / np.sqrt(1 - BETA_2)
        self.add(second, self.now.numbers, a=-self.learning_rate * corrected * scale)

    def kept(self, networks: Sequence[int]) -> "Adam":
        """Return the same with some of the networks."""
        fewer = Adam([self.now.weights.copy(i) for i in networks], self.learning_rate)
        fewer.first.fill([self.first.weights.copy(i) for i in networks])
        fewer.second.fill([self.second.weights.copy(i) for i in networks])
        fewer.step = self.step
        return fewer


class Stack:
    """Networks of one shape on the same examples, one per penalty."""

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        head: Head,
        hidden: Sequence[int],
        alphas: Sequence[float],
        seed: int,
        batch_size: int,
        learning_rate: float,
    ) -> None:
        """X: standardised [example, feature], y [example]; seed: as all of them have it."""
        self.X, self.Y, self.head = X, head.encoded(y).astype(X.dtype), head
        self.alphas, self.batch_size = np.asarray(alphas, np.float64), min(batch_size, len(X))
        self.random = np.random.RandomState(seed)
        first = initial([X.shape[1], *hidden, head.outputs], self.random, X.dtype)
        self.adam = Adam([first] * len(self.alphas), learning_rate)

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield all examples once, X [example, feature] and Y [example, output], in a new order."""
        order = np.arange(len(self.X))
        self.random.shuffle(order)
        room = np.empty((self.batch_size, self.X.shape[1]), self.X.dtype)
        for start in range(0, len(order), self.batch_size):
            part = order[start : start + self.batch_size]
            yield np.take(self.X, part, 0, out=room[: len(part)], mode="clip"), self.Y[part]

    def train_epoch(self) -> None:
        """See every training example once."""
        for X, Y in self.batches():
            self.write_gradient(X, Y)
            self.adam.update(self.alphas / len(X))
        if not np.isfinite(self.adam.now.numbers).all():
            raise InputError(
                "the mlp probe: weights grew beyond all numbers in training; take a smaller "
                f"learning_rate than {self.adam.learning_rate:g}"
            )

    def write_gradient(self, X: np.ndarray, Y: np.ndarray) -> None:
        """Compute the gradient of a batch's mean loss, without penalties."""
        weights, gradients = self.adam.now.weights, self.adam.gradient.weights
        values = activations(weights, X, self.head)  # each [network, example, unit]
        delta = (values[-1] - Y) / X.dtype.type(len(X))
        for layer in reversed(range(len(weights.coefficients))):
            np.matmul(values[layer].swapaxes(-1, -2), delta, out=gradients.coefficients[layer])
            np.sum(delta, axis=1, keepdims=True, out=gradients.intercepts[layer])
            if layer:
                delta = np.matmul(delta, weights.coefficients[layer].swapaxes(1, 2))
                delta *= values[layer] > 0

    def predictions(self, X: np.ndarray) -> list[np.ndarray]:
        """Return each network's predictions for standardised features [example, feature]."""
        weights = self.adam.now.weights
        outputs = [weights.outputs(X[part], self.head) for part in blocks(X)]
        return [self.head.decoded(own) for own in np.concatenate(outputs, axis=1)]

    def weights(self, index: int) -> Weights:
        """Copy the weights that a network has now."""
        return self.adam.now.weights.copy(index)

    def keep(self, indices: Sequence[int]) -> None:
        """Go on with some of the networks."""
        self.adam, self.alphas = self.adam.kept(indices), self.alphas[indices]
