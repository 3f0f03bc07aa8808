"""Does a task's score rise with size, depth and pretraining? Rank correlations over networks."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import FEWEST_POINTS, Estimate, rank_correlation
from plmbench.core.axes import DEPTH, LOSS, PRETRAINING, SIZE
from plmbench.core.facts import ModelFacts, Models
from plmbench.core.selections import VALIDATION
from plmbench.core.weights import PRETRAINED

CORRELATION_COLUMNS = ["probe", "pooling", "model", "axis", "points", "correlation", "low", "high"]
CORRELATION_COLUMNS += ["defined", "reason"]

Place = tuple[str, str, float]  # name of the series or network, model, where it stands on an axis
Point = tuple[float, ArmKey, int]  # where it stands on an axis, arm, layer
PointGroup = tuple[str, str, list[Point]]  # axis, name of the series or network, its points


def complete(facts: ModelFacts) -> bool:
    """Tell whether a model's pretraining was carried to its end."""
    return facts.get("pretraining", 1) == 1


def places_of_size(models: Iterable[str], about: Models) -> Iterator[Place]:
    """Yield series, model and number of parameters of networks pretrained to the end."""
    for model in models:
        facts = about[model]
        if complete(facts) and "series" in facts and "parameters" in facts:
            yield facts["series"], model, facts["parameters"]


def places_of_pretraining(models: Iterable[str], about: Models) -> Iterator[Place]:
    """Yield network, model and share of the pretraining done."""
    for model in models:
        yield about[model].get("network", model), model, about[model].get("pretraining", 1)


def places_of_loss(models: Iterable[str], about: Models) -> Iterator[Place]:
    """Yield network, model and the negative of its pretraining loss: more is better."""
    for model in models:
        if "loss" in about[model]:
            yield about[model].get("network", model), model, -about[model]["loss"]


# Depth is not among them: its points are the layers of one network.
PLACES: dict[str, Callable[[Iterable[str], Models], Iterator[Place]]] = {
    SIZE: places_of_size,
    PRETRAINING: places_of_pretraining,
    LOSS: places_of_loss,
}


def correlation_of(task: TaskPredictions, points: list[Point]) -> Estimate:
    """Return the rank correlation of the metric with where the points stand on their axis."""
    arms = [task.arm(key, layer) for _, key, layer in points]
    x = [value for value, _, _ in points]
    return rank_correlation(
        x,
        [arm.points.mean() for arm in arms],
        np.array([arm.resampled.mean(0) for arm in arms]),
        task.units,
    )


def pretrained_keys(
    task: TaskPredictions, probes: Collection[str]
) -> dict[tuple[str, str], dict[str, ArmKey]]:
    """Return {(probe, pooling): {model: ArmKey}} of the pretrained arms."""
    keys: dict[tuple[str, str], dict[str, ArmKey]] = {}
    for key in task.layers:
        if key.ablation == PRETRAINED and key.probe in probes:
            keys.setdefault((key.probe, key.pooling), {})[key.model] = key
    return keys


def fitted_layers(task: TaskPredictions, key: ArmKey) -> list[int]:
    """Return every layer of an arm that was fit, rising."""
    own_rows = (task.table[list(ArmKey._fields)] == list(key)).all(axis=1)
    return sorted(task.table["layer"][own_rows].unique())


def groups_of_networks(
    task: TaskPredictions, keys: Mapping[str, ArmKey], about: Models
) -> Iterator[PointGroup]:
    """Yield the groups of networks to correlate, each at its layer chosen on validation."""
    chosen = {model: task.layers[key].get(VALIDATION) for model, key in keys.items()}
    layers = {model: layer for model, layer in chosen.items() if layer is not None}
    for axis, places_of in PLACES.items():
        groups: dict[str, list[Point]] = {}
        for name, model, x in places_of(layers, about):
            groups.setdefault(name, []).append((x, keys[model], layers[model]))
        for name, points in groups.items():
            yield axis, name, points


def groups_of_layers(
    task: TaskPredictions, keys: Mapping[str, ArmKey], about: Models
) -> Iterator[PointGroup]:
    """Yield one group per network pretrained to the end: every layer of it is a point."""
    for model, key in keys.items():
        if complete(about[model]):
            yield DEPTH, model, [(layer, key, layer) for layer in fitted_layers(task, key)]


def correlation_rows(
    task: TaskPredictions, about: Models, probes: Collection[str]
) -> Iterator[dict[str, object]]:
    """Yield one row of CORRELATION_COLUMNS per group that has enough points."""
    for (probe, pooling), keys in pretrained_keys(task, probes).items():
        groups = [
            *groups_of_networks(task, keys, about),
            *groups_of_layers(task, keys, about),
        ]
        for axis, name, points in groups:
            if len(points) < FEWEST_POINTS:
                continue
            estimate = correlation_of(task, points)
            values = estimate._asdict() | {"correlation": estimate.value}
            names = {"probe": probe, "pooling": pooling, "model": name}
            yield names | {"axis": axis, "points": len(points)} | values


def correlation_table(
    task: TaskPredictions, about: Models, probes: Collection[str]
) -> pd.DataFrame:
    """Return the table of rank correlations of one task. probes: those that are no control."""
    return pd.DataFrame(correlation_rows(task, about, probes), columns=CORRELATION_COLUMNS)
