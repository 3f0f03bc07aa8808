"""What a fit of each type of probe takes, on one layer, in operations of a plain product."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from plmbench.study.cost_facts import Examples, Facts
from plmbench.study.cost_rates import EIGEN, Rates

# Epochs until the best one, after which a network trains `patience` more: an assumption.
BEST_EPOCH = 30
# Seconds of a fit, whatever its size: choices, and the metrics that a rule wants of it.
LAYER_SECONDS = {"probe": 0.03, "refit": 0.02, "learning_curve": 0.007}
READ = 0.4e9  # bytes a second of a layer: read, digested, as float32 (measured)
TRAINING = (
    0.1  # share of a plain product that a small network on residues holds: see `fit_sequences`
)


def gram(rates: Rates, n: int, d: int) -> float:
    """Return what the Gram matrix of n examples with d features takes, and its decomposition."""
    small = min(n, d)
    return rates.gram * n * d * small + EIGEN * small**3


def ridge(rates: Rates, entry: Mapping[str, Any], examples: Examples, d: int) -> float:
    """Return the operations of ridge: one Gram matrix, a decomposition per part, predictions."""
    n, columns = examples.train, examples.classes
    parts = examples.parts + (examples.parts > 1) + bool(entry.get("refit"))
    small = min(n, d)
    predicted = 2 * examples.held * small * columns * len(entry["alphas"])
    return rates.gram * n * d * small + parts * EIGEN * small**3 + predicted


def logistic(rates: Rates, entry: Mapping[str, Any], examples: Examples, d: int) -> float:
    """Return the operations of logistic regression for all C."""
    each = rates.logistic * examples.train * d + rates.warm * d**2
    fits = examples.parts + (examples.parts > 1)
    iterations = each * examples.classes * len(entry["Cs"])
    return fits * (gram(rates, examples.train, d) * (rates.warm > 0) + iterations)


def epochs_of(entry: Mapping[str, Any]) -> int:
    """Return how many epochs a network is expected to train."""
    most, patience = entry.get("epochs", 200), entry.get("patience", 20)
    return int(min(most, patience + BEST_EPOCH))


def mlp(rates: Rates, entry: Mapping[str, Any], examples: Examples, d: int) -> float:
    """Return the operations of networks of all widths, alphas and seeds."""
    weights = 0
    for widths in entry["hidden"]:
        sizes = [d, *widths, examples.classes]
        weights += sum(a * b for a, b in pairwise(sizes))
    networks = len(entry["alphas"]) * len(entry.get("seeds", [0])) * examples.parts
    return rates.mlp * examples.train * weights * networks * epochs_of(entry)


def on_residues(
    rates: Rates, entry: Mapping[str, Any], residues: int, width: int, parts: int = 1
) -> float:
    """Return the operations of training a convolutional network on the residues of sequences:
    a forward pass and twice as much for its gradients, of two convolutions."""
    channels = entry.get("channels") or width
    weights = 2 * entry.get("kernel_size", 9) * width * channels
    passes = epochs_of(entry) * len(entry.get("seeds", [0])) * parts
    return 6 * weights * residues * passes / TRAINING


TYPES: Mapping[str, Callable[[Rates, Mapping[str, Any], Examples, int], float]] = {
    "ridge": ridge,
    "logistic": logistic,
    "mlp": mlp,
}


def fit_seconds(facts: Facts, entry: Mapping[str, Any], examples: Examples, d: int) -> float:
    """Return the seconds of a core of one fit on one layer."""
    operations = TYPES[entry["probe_type"]](facts.rates, entry, examples, d)
    predicted = 2 * examples.scored * d * examples.classes
    return facts.seconds(operations + predicted)
