"""The MLP probe: a small network, trained until the held-out parts stop gaining."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from plmbench.core.metrics import Target
from plmbench.core.task_types import TASK_TYPES
from plmbench.probe.arrays import Array, names
from plmbench.probe.mlp_heads import Head, head_of
from plmbench.probe.mlp_reference import ReferenceStack
from plmbench.probe.mlp_stack import Stack, Weights
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import (
    Examples,
    Fitted,
    Folds,
    chosen_index,
    first_best,
    mean_over_pairs,
    require_pairs,
    value_of,
)
from plmbench.probe.standardise import Standard
from plmbench.probe.training_settings import EPOCHS, PATIENCE

BACKENDS: dict[str, type[Stack] | type[ReferenceStack]] = {
    "fast": Stack,
    "reference": ReferenceStack,
}


@dataclass(frozen=True)
class MlpSettings:
    """The settings of mlp."""

    hidden: Sequence[Sequence[int]] = field(
        metadata={
            "description": "the widths of hidden layers to choose from, such as [[64], [64, 64]]",
            "min_length": 1,
            "items": {"min_length": 1, "items": {"ge": 1}},
        }
    )
    alphas: Sequence[float] = field(
        metadata={
            "description": "penalties on the squared weights to choose from",
            "min_length": 1,
            "items": {"gt": 0},
        }
    )
    epochs: int = field(default=200, metadata=EPOCHS)
    patience: int = field(default=20, metadata=PATIENCE)
    batch_size: int = field(default=128, metadata={"description": "examples per step", "ge": 1})
    learning_rate: float = field(
        default=1e-3, metadata={"description": "first step size (Adam)", "gt": 0}
    )
    backend: str = field(
        default="fast",
        metadata={
            "description": "what trains: the program's own networks, those of all alphas side by "
            "side, or scikit-learn's as a reference, which take several times as long to the same",
            "choices": tuple(BACKENDS),
        },
    )


class Inputs:
    """Features standardised by training examples, in single precision: twice as fast."""

    def __init__(self, train: Examples) -> None:
        self.standard = Standard(train.X)
        self.train = Examples(self(train.X), train.y)

    def __call__(self, X: Array) -> Array:
        """Return features [example, feature] standardised, float32."""
        return self.standard(X, names(X).float32)


class Candidate(NamedTuple):
    """What is chosen: the width of each hidden layer, and the penalty."""

    hidden: Sequence[int]
    alpha: float


class Network(NamedTuple):
    """A trained network: its weights, and what its outputs are."""

    weights: Weights
    head: Head

    def predict(self, X: Array) -> np.ndarray:
        """Return predictions [example] or [example, class] for standardised features."""
        return self.head.decoded(self.weights.outputs(X, self.head))


class Epoch(NamedTuple):
    """How the networks of one candidate, one per pair, stood after an epoch, counted from 1."""

    number: int
    values: list[float]
    held_out: list[np.ndarray]
    networks: list[Network]


def new_stack(
    train: Examples,
    hidden: Sequence[int],
    alphas: Sequence[float],
    target: Target,
    seed: int,
    settings: MlpSettings,
) -> Stack | ReferenceStack:
    """Return untrained networks, one per alpha, for standardised training examples."""
    return BACKENDS[settings.backend](
        *train,
        head_of(train.y, target),
        hidden,
        alphas,
        seed,
        settings.batch_size,
        settings.learning_rate,
    )


class Search:
    """The best Epoch of each of several networks that are trained side by side."""

    def __init__(self, count: int, select: str, settings: MlpSettings) -> None:
        self.select, self.patience = select, settings.patience
        self.best = [Epoch(settings.epochs, [], [], []) for _ in range(count)]
        self.values: list[list[list[float]]] = [[] for _ in range(count)]  # [network][epoch][pair]

    def leads(self, index: int, values: list[float]) -> bool:
        """Take in a network's values after an epoch; tell whether they are its best so far."""
        own = self.values[index]
        own.append(values)
        return (first_best(mean_over_pairs(np.transpose(own)), self.select) or 0) == len(own) - 1

    def ended(self, index: int) -> bool:
        """Tell whether a network has gained nothing in `patience` epochs."""
        return len(self.values[index]) - self.best[index].number >= self.patience


def best_epochs(
    stacks: Sequence[Stack | ReferenceStack],
    parts: list[Examples],
    count: int,
    target: Target,
    select: str,
    settings: MlpSettings,
) -> list[Epoch]:
    """Train a stack of `count` networks per pair side by side, and return for each network the best
    Epoch by the mean over pairs.

    `parts` are the held-out examples of each pair. A network is done after `patience` epochs
    without gain. Without pairs there is nothing to stop on: the last epoch is the one.
    """
    search, left = Search(count, select, settings), list(range(count))
    for number in range(1, settings.epochs + 1 if stacks else 1):
        for stack in stacks:
            stack.train_epoch()
        predictions = [s.predictions(part.X) for s, part in zip(stacks, parts, strict=True)]
        for place, index in enumerate(left):
            held_out = [own[place] for own in predictions]
            scored = zip(parts, held_out, strict=True)
            values = [value_of(select, part, prediction, target) for part, prediction in scored]
            if search.leads(index, values):
                networks = [Network(stack.weights(place), stack.head) for stack in stacks]
                search.best[index] = Epoch(number, values, held_out, networks)
        going_on = [place for place, index in enumerate(left) if not search.ended(index)]
        if len(going_on) < len(left):
            left = [left[place] for place in going_on]
            if not left:
                break
            for stack in stacks:
                stack.keep(going_on)
    return search.best


def trained(stack: Stack | ReferenceStack, epochs: int) -> Network:
    """Train a stack of one network for a number of epochs, and return that."""
    for _ in range(epochs):
        stack.train_epoch()
    return Network(stack.weights(0), stack.head)


def choices_of(candidate: Candidate, epoch: int) -> dict[str, float]:
    """Return a candidate by name: the width of each hidden layer, the penalty, the epochs."""
    widths = {f"hidden_{i}": float(width) for i, width in enumerate(candidate.hidden, 1)}
    return widths | {"alpha": candidate.alpha, "epoch": float(epoch)}


def fit_mlp(
    folds: Folds, target: Target, settings: MlpSettings, *, select: str, seed: int
) -> Fitted:
    """Train a network for every list of widths in `hidden` and penalty in `alphas`; take the best.

    After each epoch the metric `select` is read on the held-out parts. With a validation subset
    the weights of the best epoch are kept; without one the network is trained anew on all training
    examples for as many epochs; with nothing to choose on, for all `epochs`. `seed` draws the
    initial weights and the order of examples, the same for every candidate.
    """
    candidates = [Candidate(*pair) for pair in product(settings.hidden, settings.alphas)]
    require_pairs(folds, len(candidates), "list of hidden widths and alpha")
    new = partial(new_stack, target=target, seed=seed, settings=settings)
    inputs = [Inputs(train) for train, _ in folds.pairs]
    parts = [Examples(f(part.X), part.y) for f, (_, part) in zip(inputs, folds.pairs, strict=True)]
    bests: list[Epoch] = []
    for hidden in settings.hidden:
        stacks = [new(f.train, hidden, settings.alphas) for f in inputs]
        bests += best_epochs(stacks, parts, len(settings.alphas), target, select, settings)
    chosen = 0
    if folds.pairs:
        chosen = chosen_index(mean_over_pairs(np.transpose([b.values for b in bests])), select)
    best, (hidden, alpha) = bests[chosen], candidates[chosen]
    if folds.validation is None:
        features = Inputs(folds.train)
        network = trained(new(features.train, hidden, [alpha]), best.number)
    else:
        features, network = inputs[0], best.networks[0]
    return Fitted(
        lambda X: network.predict(features(X)),
        choices_of(candidates[chosen], best.number),
        best.held_out,
    )


PROBE = ProbeType(
    name="mlp",
    label="small neural network",
    settings=MlpSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=True) for task_type in TASK_TYPES
    },
    fit=fit_mlp,
)
