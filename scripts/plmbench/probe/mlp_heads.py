"""What the outputs of a small network are for a task: how targets are put, and predictions read."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from plmbench.core.metrics import Target
from plmbench.probe.arrays import Array, expit, names


class Head(NamedTuple):
    """The outputs of a network, as scikit-learn's networks have them.

    encoded: targets [example] -> [example, output]; activate: outputs [..., output], in place, to
    what is compared with those; decoded: [example, output] -> predictions as metrics take them.
    """

    classes: int  # 0: a number
    outputs: int
    encoded: Callable[[np.ndarray], np.ndarray]
    activate: Callable[[Array], None]
    decoded: Callable[[np.ndarray], np.ndarray]


def identity(outputs: Array) -> None:
    """Leave outputs as they are."""


def softmax(outputs: Array) -> None:
    """Make logits [..., class] probabilities, in place."""
    xp = names(outputs)
    outputs -= xp.amax(outputs, -1, keepdims=True)
    xp.exp(outputs, out=outputs)
    outputs /= outputs.sum(-1, keepdims=True)


def one_hot(y: np.ndarray, classes: int) -> np.ndarray:
    """Return codes [example] as [example, class]."""
    return np.eye(classes)[y]


def of_number(y: np.ndarray) -> Head:
    """Return the Head for a number, which is learned in units of its training examples."""
    mean, deviation = y.mean(), y.std() or 1.0
    return Head(
        0,
        1,
        lambda y: ((y - mean) / deviation)[:, None],
        identity,
        lambda outputs: outputs[:, 0] * deviation + mean,
    )


def of_classes(classes: int) -> Head:
    """Return the Head for classes; two share one output, as in scikit-learn."""
    if classes > 2:
        encoded = partial(one_hot, classes=classes)
        return Head(classes, classes, encoded, softmax, lambda outputs: outputs)
    return Head(
        classes,
        1,
        lambda y: y[:, None].astype(np.float64),
        expit,
        lambda outputs: np.hstack([1 - outputs, outputs])[:, :classes],
    )


def head_of(y: np.ndarray, target: Target) -> Head:
    """Return the Head for training targets [example]."""
    return of_classes(len(target.classes)) if target.classes else of_number(y)
