"""The MLP probe: a small network, trained until the held-out parts stop gaining."""

from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from plmbench.probe.selection import (
    Examples,
    Fitted,
    chosen_index,
    first_best,
    mean_over_pairs,
    require_pairs,
    value_of,
)
from plmbench.probe.standardise import Standard


class Inputs:
    """Features standardised by training examples, in single precision: twice as fast."""

    def __init__(self, train):
        self.standard = Standard(train.X)
        self.train = Examples(self(train.X), train.y)

    def __call__(self, X):
        """Return features [example, feature] standardised, float32."""
        return self.standard(X, np.float32)


class Regressor:
    """A network for a number; it is trained on standardised targets, float32 as the features."""

    def __init__(self, train, target, **settings):
        self.mean, self.deviation = train.y.mean(), train.y.std() or 1.0
        self.X, self.y = train.X, ((train.y - self.mean) / self.deviation).astype(np.float32)
        self.model = MLPRegressor(**settings)

    def train_epoch(self):
        """See every training example once."""
        self.model.partial_fit(self.X, self.y)

    def predict(self, X):
        """Return predictions [example] in the unit of the target."""
        return self.model.predict(X) * self.deviation + self.mean


class Classifier:
    """A network for classes."""

    def __init__(self, train, target, **settings):
        self.X, self.y, self.codes = train.X, train.y, np.arange(len(target.classes))
        self.model = MLPClassifier(**settings)

    def train_epoch(self):
        """See every training example once."""
        self.model.partial_fit(self.X, self.y, classes=self.codes)

    def predict(self, X):
        """Return probabilities [example, class]."""
        return self.model.predict_proba(X)


NETWORKS = {
    "regression": Regressor,
    "classification": Classifier,
    "residue_classification": Classifier,
}


def new_network(train, hidden, alpha, target, seed, batch_size, learning_rate):
    """Return an untrained network for standardised training examples."""
    return NETWORKS[target.task_type](
        train,
        target,
        hidden_layer_sizes=hidden,
        alpha=alpha,
        batch_size=min(batch_size, len(train.y)),
        learning_rate_init=learning_rate,
        # A generator and not a number, which would give every epoch the same order of examples.
        random_state=np.random.RandomState(seed),
    )


class Weights(NamedTuple):
    """Copies of a network's weights, which training changes in place."""

    coefficients: list[np.ndarray]
    intercepts: list[np.ndarray]

    @classmethod
    def of(cls, network):
        """Copy the weights a network has now."""
        model = network.model
        return cls([w.copy() for w in model.coefs_], [b.copy() for b in model.intercepts_])

    def restore(self, network):
        """Return the network with these weights again."""
        network.model.coefs_, network.model.intercepts_ = self
        return network


class Epoch(NamedTuple):
    """How the networks of one candidate, one a pair, stood after an epoch, counted from 1."""

    number: int
    values: list[float]
    held_out: list[np.ndarray]
    weights: list[Weights]


def best_epoch(networks, parts, target, select, epochs, patience):
    """Train a network a pair side by side, and return the best Epoch by the mean over pairs.

    `parts` are the held-out examples of each. Training ends after `patience` epochs without gain.
    Without pairs there is nothing to stop on, and no network here: the last epoch is the one.
    """
    best, values = Epoch(epochs, [], [], []), []
    for number in range(1, epochs + 1 if networks else 1):
        for network in networks:
            network.train_epoch()
        held_out = [n.predict(part.X) for n, part in zip(networks, parts, strict=True)]
        scored = zip(parts, held_out, strict=True)
        values.append([value_of(select, part, prediction, target) for part, prediction in scored])
        leader = first_best(mean_over_pairs(np.transpose(values)), select) or 0
        if leader == number - 1:
            best = Epoch(number, values[-1], held_out, [Weights.of(n) for n in networks])
        if number - best.number >= patience:
            break
    return best


def trained(network, epochs):
    """Train a network for a number of epochs, and return it."""
    for _ in range(epochs):
        network.train_epoch()
    return network


def choices_of(hidden, alpha, epoch):
    """Return a candidate by name: the width of each hidden layer, the penalty, the epochs."""
    widths = {f"hidden_{i}": float(width) for i, width in enumerate(hidden, 1)}
    return widths | {"alpha": alpha, "epoch": float(epoch)}


def fit_mlp(
    folds,
    target,
    select,
    seed,
    hidden,
    alphas,
    epochs=200,
    patience=20,
    batch_size=128,
    learning_rate=1e-3,
):
    """Train a network for every list of widths in `hidden` and penalty in `alphas`; take the best.

    After each epoch the metric `select` is read on the held-out parts. With a validation subset
    the weights of the best epoch are kept; without one the network is trained anew on all training
    examples for as many epochs; with nothing to choose on, for all `epochs`. `seed` draws the
    initial weights and the order of examples, the same for every candidate.
    """
    candidates = list(product(hidden, alphas))
    require_pairs(folds, len(candidates), "list of hidden widths and alpha")
    new = partial(
        new_network, target=target, seed=seed, batch_size=batch_size, learning_rate=learning_rate
    )
    inputs = [Inputs(train) for train, _ in folds.pairs]
    parts = [Examples(f(part.X), part.y) for f, (_, part) in zip(inputs, folds.pairs, strict=True)]
    networks = [[new(f.train, *candidate) for f in inputs] for candidate in candidates]
    bests = [best_epoch(n, parts, target, select, epochs, patience) for n in networks]
    chosen = 0
    if folds.pairs:
        chosen = chosen_index(mean_over_pairs(np.transpose([b.values for b in bests])), select)
    best = bests[chosen]
    if folds.validation is None:
        features = Inputs(folds.train)
        network = trained(new(features.train, *candidates[chosen]), best.number)
    else:
        features, network = inputs[0], best.weights[0].restore(networks[chosen][0])
    return Fitted(
        lambda X: network.predict(features(X)),
        choices_of(*candidates[chosen], best.number),
        best.held_out,
    )
