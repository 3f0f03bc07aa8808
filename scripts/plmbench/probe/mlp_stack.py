"""Small networks of one shape side by side: one pass over the examples trains them all.

They differ in their penalty alone. The update rule, the initial weights and the order of examples
are those of scikit-learn's MLPClassifier and MLPRegressor (Adam, ReLU): from the same random state
come the same networks, up to rounding. What costs less is all but the products: a batch is gathered
once for all, and Adam goes over each number as few times as it can.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from plmbench.core.errors import InputError
from plmbench.probe.arrays import Array, adder, host, names, put, rows_into
from plmbench.probe.mlp_heads import Head
from plmbench.probe.standardise import blocks

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # of Adam, as in scikit-learn


class Weights(NamedTuple):
    """The weights of a network, or stacked [network, ...] those of several."""

    coefficients: list[Array]  # a layer: [input, output]
    intercepts: list[Array]  # a layer: [1, output]

    def copy(self, index: int) -> "Weights":
        """Copy those of one network of a stack, to the CPU."""
        return Weights(*([np.array(host(each[index])) for each in part] for part in self))

    def beside(self, X: Array) -> "Weights":
        """Return them where features are."""
        return Weights(*([put(each, X) for each in part] for part in self))

    def outputs(self, X: Array, head: Head) -> np.ndarray:
        """Return what the head makes of features [example, feature]: [..., example, output]."""
        return host(activations(self.beside(X), X, head)[-1])


def activations(weights: Weights, X: Array, head: Head) -> list[Array]:
    """Return what each layer hands to the next, [..., example, unit], the features first."""
    values, xp = [X], names(X)
    for layer, (W, b) in enumerate(zip(*weights, strict=True), 1):
        values.append(xp.matmul(values[-1], W))
        values[-1] += b
        if layer < len(weights.coefficients):
            xp.clip(values[-1], 0, None, out=values[-1])
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

    def __init__(self, shapes: Weights, networks: int, beside: Array) -> None:
        """shapes: weights of one network; beside: an array where, and of what dtype, they are."""
        parts = [*shapes.coefficients, *shapes.intercepts]
        ends = np.cumsum([0, *(networks * part.size for part in parts)]).tolist()
        self.numbers = put(np.zeros(ends[-1]), beside, beside.dtype)
        split = [self.numbers[start:stop] for start, stop in pairwise(ends)]
        views = [own.reshape(networks, *p.shape) for own, p in zip(split, parts, strict=True)]
        self.weights = Weights(views[: len(shapes[0])], views[len(shapes[0]) :])

    def fill(self, networks: Sequence[Weights]) -> None:
        """Write the weights of networks, one after the other."""
        for views, parts in zip(self.weights, zip(*networks, strict=True), strict=True):
            for view, layer in zip(views, zip(*parts, strict=True), strict=True):
                view[:] = put(np.stack(layer), view)


class Adam:
    """Adam as scikit-learn writes it, for a stack. The moments are kept undivided, (1 - beta) times
    less, and change places with the gradient and a spare array: that saves passes over memory."""

    def __init__(self, networks: Sequence[Weights], learning_rate: float, beside: Array) -> None:
        """beside: an array where, and of what dtype, the numbers are."""
        self.now, self.gradient, self.first, self.second, self.spare = (
            Flat(networks[0], len(networks), beside) for _ in range(5)
        )
        self.now.fill(networks)
        self.learning_rate, self.step = learning_rate, 0
        self.add = adder(beside)  # (x, y, a): y += a x

    def update(self, decays: np.ndarray) -> None:
        """Take a step by `gradient`; decays [network]: what is added of each weight to its own."""
        for W, by_W in zip(self.now.weights[0], self.gradient.weights[0], strict=True):
            for weights, gradient, decay in zip(W, by_W, decays, strict=True):
                self.add(weights.reshape(-1), gradient.reshape(-1), a=decay)
        gradient, first, second, spare = (
            flat.numbers for flat in (self.gradient, self.first, self.second, self.spare)
        )
        xp = names(gradient)
        xp.multiply(gradient, gradient, out=spare)
        self.add(second, spare, a=BETA_2)
        self.add(first, gradient, a=BETA_1)
        self.first, self.gradient = self.gradient, self.first
        self.second, self.spare = self.spare, self.second
        self.step += 1
        xp.sqrt(spare, out=second)
        second += EPSILON / math.sqrt(1 - BETA_2)
        xp.divide(gradient, second, out=second)
        corrected = math.sqrt(1 - BETA_2**self.step) / (1 - BETA_1**self.step)
        scale = (1 - BETA_1) / math.sqrt(1 - BETA_2)
        self.add(second, self.now.numbers, a=-self.learning_rate * corrected * scale)

    def kept(self, networks: Sequence[int]) -> "Adam":
        """Return the same with some of the networks."""
        now = [self.now.weights.copy(i) for i in networks]
        fewer = Adam(now, self.learning_rate, self.now.numbers)
        fewer.first.fill([self.first.weights.copy(i) for i in networks])
        fewer.second.fill([self.second.weights.copy(i) for i in networks])
        fewer.step = self.step
        return fewer


class Stack:
    """Networks of one shape on the same examples, one per penalty."""

    def __init__(
        self,
        X: Array,
        y: np.ndarray,
        head: Head,
        hidden: Sequence[int],
        alphas: Sequence[float],
        seed: int,
        batch_size: int,
        learning_rate: float,
    ) -> None:
        """X: standardised [example, feature], y [example]; seed: as all of them have it."""
        self.X, self.Y, self.head = X, put(head.encoded(y), X, X.dtype), head
        self.alphas, self.batch_size = np.asarray(alphas, np.float64), min(batch_size, len(X))
        self.random = np.random.RandomState(seed)
        widths, drawn_as = [X.shape[1], *hidden, head.outputs], host(X[:0]).dtype
        first = initial(widths, self.random, drawn_as)
        self.adam = Adam([first] * len(self.alphas), learning_rate, X)

    def batches(self) -> Iterator[tuple[Array, Array]]:
        """Yield all examples once, X [example, feature] and Y [example, output], in a new order."""
        order = np.arange(len(self.X))
        self.random.shuffle(order)
        order = put(order, self.X)
        room = names(self.X).empty_like(self.X[: self.batch_size])
        for start in range(0, len(order), self.batch_size):
            part = order[start : start + self.batch_size]
            yield rows_into(room, self.X, part), self.Y[part]

    def train_epoch(self) -> None:
        """See every training example once."""
        for X, Y in self.batches():
            self.write_gradient(X, Y)
            self.adam.update(self.alphas / len(X))
        if not names(self.X).isfinite(self.adam.now.numbers).all():
            raise InputError(
                "the mlp probe: weights grew beyond all numbers in training; take a smaller "
                f"learning_rate than {self.adam.learning_rate:g}"
            )

    def write_gradient(self, X: Array, Y: Array) -> None:
        """Compute the gradient of a batch's mean loss, without penalties."""
        weights, gradients = self.adam.now.weights, self.adam.gradient.weights
        values, xp = activations(weights, X, self.head), names(X)  # each [network, example, unit]
        delta = (values[-1] - Y) / len(X)
        for layer in reversed(range(len(weights.coefficients))):
            xp.matmul(values[layer].swapaxes(-1, -2), delta, out=gradients.coefficients[layer])
            xp.sum(delta, axis=1, keepdims=True, out=gradients.intercepts[layer])
            if layer:
                delta = xp.matmul(delta, weights.coefficients[layer].swapaxes(1, 2))
                delta *= values[layer] > 0

    def predictions(self, X: Array) -> list[np.ndarray]:
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
