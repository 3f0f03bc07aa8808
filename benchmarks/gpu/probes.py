"""Part 4: probes on the card against the same probes on the CPU: what they find, and how fast."""

import time

import numpy as np

from benchmarks.features import drawn, objective
from benchmarks.gpu.records import RIGHT, WRONG
from plmbench.hardware.memory import use_full_precision
from plmbench.probe.arrays import host, on_device, put
from plmbench.probe.logistic_path import FastPath
from plmbench.probe.mlp_heads import of_classes
from plmbench.probe.mlp_stack import Stack
from plmbench.probe.ridge_path import RidgePath

PART = "probes"
CLASSES, HELD_OUT, WARM = 3, 2000, 0.1  # WARM: the share of examples of a first fit, not timed
CS, ALPHAS, RIDGE = (1e-4, 1e-3, 1e-2, 0.1), (1e-3, 1.0), (1.0, 1e3)
HIDDEN, BATCH, RATE, EPOCHS = (128,), 128, 1e-3, 2


def ridge(X, data):
    """Return the weights of ridge regression, one target per class."""
    targets = 2 * np.eye(CLASSES)[data.y[: len(X)]] - 1
    return host(RidgePath(X, targets).coefficients(RIDGE))


def logistic(X, data):
    """Return the Weights for every C, each fit from the one before."""
    path = FastPath(X, data.y[: len(X)], CLASSES)
    fits = [path.start]
    for C in CS:
        fits.append(path.fit(C, 1000, fits[-1])[0])
    return fits[1:]


def mlp(X, data):
    """Return the probabilities of held-out examples by networks side by side."""
    head = of_classes(CLASSES)
    stack = Stack(X, data.y[: len(X)], head, HIDDEN, ALPHAS, 0, BATCH, RATE)
    for _ in range(EPOCHS):
        stack.train_epoch()
    return stack.predictions(put(data.held_out, X))


def largest(found, expected, data):
    """Return the largest difference of weights, in units of the largest weight."""
    return np.abs(found - expected).max() / np.abs(expected).max()


def excess(found, expected, data):
    """Return by how much the objective ends higher, relative, the worst of all C."""
    ours, theirs = (
        np.array([objective(weights, C, data) for weights, C in zip(fits, CS, strict=True)])
        for fits in (found, expected)
    )
    return float((ours / theirs - 1).max())


def average(found, expected, data):
    """Return the mean difference of probabilities."""
    return float(np.mean([np.abs(a - b).mean() for a, b in zip(found, expected, strict=True)]))


# How each is fit, how two fits differ, and by how much they may: ridge is of float64, the
# objective is flat at its minimum, and rounding of float32 grows from step to step of a network.
PROBES = {
    "ridge": (ridge, largest, 1e-6),
    "logistic": (logistic, excess, 1e-6),
    "mlp": (mlp, average, 1e-3),
}


def on_cpu(fit, data):
    """Return what a fit finds with numpy, and its seconds."""
    start = time.perf_counter()
    found = fit(data.X, data)
    return found, time.perf_counter() - start


def on_card(card, fit, data):
    """Return what a fit finds on the card, and its seconds, the way of the features included."""
    found = {}
    fit(on_device(data.X[: int(WARM * len(data.X))], card.device), data)
    seconds = card.seconds(lambda: found.update(it=fit(on_device(data.X, card.device), data)))
    return found["it"], seconds


def run(bench):
    """Compare all probes."""
    use_full_precision()
    examples, features = bench.scale.probed
    data = drawn(examples, features, min(HELD_OUT, examples))
    for name, (fit, difference, limit) in PROBES.items():
        if not bench.time_for(PART, network=name):
            continue
        with bench.step(PART, network=name):
            found, ours = on_card(bench.card, fit, data)
            expected, theirs = on_cpu(fit, data)
            value = difference(found, expected, data)
            verdict = RIGHT if value <= limit else WRONG
            note = f"{examples} x {features}, at most {limit:.0e}"
            bench.record.add(PART, "difference", value, verdict, note, network=name)
            note = f"{theirs:.2f} s on the CPU, {ours:.2f} s on the card"
            bench.record.add(PART, "times the CPU", theirs / ours, note=note, network=name)
        bench.card.clean()
