"""The MLP probe: a small network, trained until the held-out parts stop gaining."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from plmbench.core.metrics import Target
from plmbench.core.task_types import (
    CLASSIFICATION,
    REGRESSION,
    RESIDUE_CLASSIFICATION,
    TASK_TYPES,
)
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
    epochs: int = field(
        default=200,
        metadata={"description": "the most epochs; the best one on validation is kept", "ge": 1},
    )
    patience: int = field(
        default=20,
        metadata={
            "description": "epochs without a gain on validation after which training stops",
            "ge": 1,
        },
    )
    batch_size: int = field(default=128, metadata={"description": "examples per step", "ge": 1})
    learning_rate: float = field(
        default=1e-3, metadata={"description": "first step size (Adam)", "gt": 0}
    )


class Inputs:
    """Features standardised by training examples, in single precision: twice as fast."""

    def __init__(self, train: Examples) -> None:
        self.standard = Standard(train.X)
        self.train = Examples(self(train.X), train.y)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        """Return features [example, feature] standardised, float32."""
        return self.standard(X, np.float32)


class Regressor:
    """A network for a number; it is trained on standardised targets, float32 as the features."""

    def __init__(self, train: Examples, target: Target, **settings: object) -> None:
        from sklearn.neural_network import MLPRegressor

        self.mean, self.deviation = train.y.mean(), train.y.std() or 1.0
        self.X, self.y = train.X, ((train.y - self.mean) / self.deviation).astype(np.float32)
        self.model = MLPRegressor(**settings)

    def train_epoch(self) -> None:
        """See every training example once."""
        self.model.partial_fit(self.X, self.y)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return predictions [example] in the unit of the target."""
        return self.model.predict(X) * self.deviation + self.mean


class Classifier:
    """A network for classes."""

    def __init__(self, train: Examples, target: Target, **settings: object) -> None:
        from sklearn.neural_network import MLPClassifier

        self.X, self.y, self.codes = train.X, train.y, np.arange(len(target.classes))
        self.model = MLPClassifier(**settings)

    def train_epoch(self) -> None:
        """See every training example once."""
        self.model.partial_fit(self.X, self.y, classes=self.codes)

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return probabilities [example, class]."""
        return self.model.predict_proba(X)


Network = Regressor | Classifier
NETWORKS: dict[str, type[Regressor] | type[Classifier]] = {
    REGRESSION: Regressor,
    CLASSIFICATION: Classifier,
    RESIDUE_CLASSIFICATION: Classifier,
}


class Candidate(NamedTuple):
    """What is chosen: the width of each hidden layer, and the penalty."""

    hidden: Sequence[int]
    alpha: float


def new_network(
    train: Examples, candidate: Candidate, target: Target, seed: int, settings: MlpSettings
) -> Network:
    """Return an untrained network for standardised training examples."""
    return NETWORKS[target.task_type](
        train,
        target,
        hidden_layer_sizes=candidate.hidden,
        alpha=candidate.alpha,
        batch_size=min(settings.batch_size, len(train.y)),
        learning_rate_init=settings.learning_rate,
        # A generator and not a number, which would give every epoch the same order of examples.
        random_state=np.random.RandomState(seed),
    )


class Weights(NamedTuple):
    """Copies of a network's weights, which training changes in place."""

    coefficients: list[np.ndarray]
    intercepts: list[np.ndarray]

    @classmethod
    def of(cls, network: Network) -> "Weights":
        """Copy the weights a network has now."""
        model = network.model
        return cls([w.copy() for w in model.coefs_], [b.copy() for b in model.intercepts_])

    def restore(self, network: Network) -> Network:
        """Return the network with these weights again."""
        network.model.coefs_, network.model.intercepts_ = self
        return network


class Epoch(NamedTuple):
    """How the networks of one candidate, one per pair, stood after an epoch, counted from 1."""

    number: int
    values: list[float]
    held_out: list[np.ndarray]
    weights: list[Weights]


def best_epoch(
    networks: list[Network],
    parts: list[Examples],
    target: Target,
    select: str,
    settings: MlpSettings,
) -> Epoch:
    """Train one network per pair side by side, and return the best Epoch by the mean over pairs.

    `parts` are the held-out examples of each. Training ends after `patience` epochs without gain.
    Without pairs there is nothing to stop on, and no network here: the last epoch is the one.
    """
    best, values = Epoch(settings.epochs, [], [], []), []
    for number in range(1, settings.epochs + 1 if networks else 1):
        for network in networks:
            network.train_epoch()
        held_out = [n.predict(part.X) for n, part in zip(networks, parts, strict=True)]
        scored = zip(parts, held_out, strict=True)
        values.append([value_of(select, part, prediction, target) for part, prediction in scored])
        leader = first_best(mean_over_pairs(np.transpose(values)), select) or 0
        if leader == number - 1:
            best = Epoch(number, values[-1], held_out, [Weights.of(n) for n in networks])
        if number - best.number >= settings.patience:
            break
    return best


def trained(network: Network, epochs: int) -> Network:
    """Train a network for a number of epochs, and return it."""
    for _ in range(epochs):
        network.train_epoch()
    return network


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
    new = partial(new_network, target=target, seed=seed, settings=settings)
    inputs = [Inputs(train) for train, _ in folds.pairs]
    parts = [Examples(f(part.X), part.y) for f, (_, part) in zip(inputs, folds.pairs, strict=True)]
    networks = [[new(f.train, candidate) for f in inputs] for candidate in candidates]
    bests = [best_epoch(n, parts, target, select, settings) for n in networks]
    chosen = 0
    if folds.pairs:
        chosen = chosen_index(mean_over_pairs(np.transpose([b.values for b in bests])), select)
    best = bests[chosen]
    if folds.validation is None:
        features = Inputs(folds.train)
        network = trained(new(features.train, candidates[chosen]), best.number)
    else:
        features, network = inputs[0], best.weights[0].restore(networks[chosen][0])
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
