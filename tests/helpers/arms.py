"""Arms of a task as probes leave them: files of predictions and score tables, made of numbers."""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from plmbench.compare.arms import TaskPredictions
from plmbench.core.metrics import Target, better_first, measured
from plmbench.probe.predictions import TestSet, new_predictions, of_units
from plmbench.probe.scores import collect_scores, write_scores

UNITS, RESAMPLES = 60, 200
NAMES = np.array([f"chain {i}" for i in range(UNITS)], object)
TRUTH = np.random.default_rng(0).normal(size=UNITS)
TEST = TestSet(NAMES, TRUTH, None, Target("regression", (), float(TRUTH.min())))


class Made(NamedTuple):
    """One file of an arm: predictions {layer: [seed, example]}, and what it is of."""

    model: str
    weights: str
    values: dict
    probe: str = "ridge"
    pooling: str = "mean"  # one or several, with the same predictions
    best: int | None = 0  # the layer that validation chooses; None: undefined for all
    test: TestSet = TEST


def noisy(error: float, salt: int, seeds: int = 1, y_true: np.ndarray = TRUTH) -> np.ndarray:
    """Return predictions [seed, example] that miss the truth by `error`."""
    noise = np.random.default_rng([9, salt]).normal(size=(seeds, len(y_true)))
    return (y_true + error * noise).astype(np.float32).astype(np.float64)


def made(
    model: str, weights: str, *errors: float, salt: int = 0, seeds: int = 1, **settings: Any
) -> Made:
    """Return Made whose layers miss the truth by these errors."""
    values = {i: noisy(error, 100 * salt + i, seeds) for i, error in enumerate(errors)}
    return Made(model, weights, values, **settings)


def small_study(**changes: Made) -> list[Made]:
    """Return a network, two ablations of it, a baseline and the controls; layers 0 and 1."""
    arms = {
        "onehot": made("onehot", "none", 1.0, salt=1, pooling="flat"),
        "length": made("length", "none", 3.0, salt=2),
        "net": made("net", "pretrained", 0.4, 0.7, salt=3),
        "reinit-0": made("net", "reinit-0", 1.5, 1.0, salt=4, best=1),
        "reinit-1": made("net", "reinit-1", 1.6, 1.1, salt=5, best=1),
        "reinit-2": made("net", "reinit-2", 1.4, 1.2, salt=10, best=1),
        "resample-0": made("net", "resample-0", 2.0, 2.5, salt=6),
        "shuffled": made("net", "pretrained", 9.0, 9.0, salt=7, probe="ridge_shuffled"),
        "early": made("early", "pretrained", 0.9, 0.9, salt=8),
    }
    return list((arms | changes).values())


def value_of(arm: Made, layer: int, metric: str = "spearman", test: TestSet = TEST) -> float:
    """Return the mean over seeds of a metric of an arm as it was made."""
    return np.mean([measured(metric, test.y_true, v, test.target)[0] for v in arm.values[layer]])


def part(arm: Made, kept: np.ndarray) -> Made:
    """Return an arm that has tested a part of the units."""
    test, mask = of_units(arm.test, kept)
    return arm._replace(test=test, values={i: v[:, mask] for i, v in arm.values.items()})


def validation_of(arm: Made, layer: int, metric: str) -> float:
    """Return a score by which validation chooses the layer `best`."""
    return np.nan if arm.best is None else better_first(metric) * float(layer == arm.best)


def rows_of(arm: Made, metric: str) -> Iterator[dict[str, object]]:
    """Yield the score rows of one file."""
    for pooling, (layer, values) in product(arm.pooling.split(), arm.values.items()):
        for seed, prediction in enumerate(values):
            value, reason = measured(metric, arm.test.y_true, prediction, arm.test.target)
            where = {"pooling": pooling, "layer": layer, "seed": seed, "metric": metric}
            chosen = validation_of(arm, layer, metric)
            yield where | {"subset": "validation", "n": 9, "value": chosen, "reason": ""}
            n = len(arm.test.y_true)
            yield where | {"subset": "test", "n": n, "value": value, "reason": reason}


def task_of(
    folder: Path,
    arms: Sequence[Made],
    metric: str = "spearman",
    count: int = RESAMPLES,
    seed: int = 0,
    **settings: Any,
) -> TaskPredictions:
    """Write the files of these arms into `folder`, and return their TaskPredictions."""
    files, tables = {}, []
    folder.mkdir(parents=True, exist_ok=True)
    for i, arm in enumerate(arms):
        key = arm.model, arm.weights, arm.probe
        files[key] = folder / f"{i}.h5"
        with new_predictions(files[key], {"": arm.test}) as write:
            for layer, values in arm.values.items():
                for pooling in arm.pooling.split():
                    write(pooling, layer, {"": values})
        tables.append(folder / f"{i}.tsv")
        names = {"model": arm.model, "weights": arm.weights, "probe": arm.probe}
        write_scores(tables[-1], rows_of(arm, metric), dataset="toy", split="first", **names)
    return TaskPredictions(collect_scores(tables), files, metric, count, seed, **settings)
