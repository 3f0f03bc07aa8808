"""Does a task's score rise with size, depth and pretraining? Rank correlations of networks."""

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import FEWEST_POINTS, rank_correlation
from plmbench.compare.differences import Key
from plmbench.core.weights import PRETRAINED

COLUMNS = ["probe", "pooling", "model", "axis", "points", "correlation", "low", "high"]


def complete(about):
    """Tell whether a model's pretraining was carried to its end."""
    return about.get("pretraining", 1) == 1


def by_size(models, about):
    """Yield series, model and number of parameters of networks pretrained to the end."""
    for model in models:
        if complete(about[model]) and {"series", "parameters"} <= set(about[model]):
            yield about[model]["series"], model, about[model]["parameters"]


def by_pretraining(models, about):
    """Yield network, model and share of the pretraining done."""
    for model in models:
        yield about[model].get("network", model), model, about[model].get("pretraining", 1)


def by_loss(models, about):
    """Yield network, model and the negative of its pretraining loss: more is better."""
    for model in models:
        if "loss" in about[model]:
            yield about[model].get("network", model), model, -about[model]["loss"]


AXES = {"size": by_size, "pretraining": by_pretraining, "loss": by_loss}


def correlated(task, points):
    """Return the Estimate of (x, Key, layer) points."""
    arms = [task.arm(key, layer) for _, key, layer in points]
    x = [value for value, _, _ in points]
    return rank_correlation(
        x, [arm.points.mean() for arm in arms], np.array([arm.resampled.mean(0) for arm in arms])
    )


def pretrained_keys(task, probes):
    """Return {(probe, pooling): {model: Key}} of the pretrained arms."""
    keys = {}
    for key in task.layers:
        if key.ablation == PRETRAINED and key.probe in probes:
            keys.setdefault((key.probe, key.pooling), {})[key.model] = key
    return keys


def layers_fit(task, key):
    """Return every layer of an arm that was fit, rising."""
    mine = (task.table[list(Key._fields)] == list(key)).all(axis=1)
    return sorted(task.table["layer"][mine].unique())


def scaling_points(task, keys, about):
    """Yield axis, name, and points (x, Key, layer), at the layer chosen on validation; on the axis
    of depth at every layer of one network."""
    best = {model: task.layers[key].get("validation") for model, key in keys.items()}
    scored = [model for model in keys if best[model] is not None]
    for axis, pairs_of in AXES.items():
        groups = {}
        for name, model, x in pairs_of(scored, about):
            groups.setdefault(name, []).append((x, keys[model], best[model]))
        for name, points in groups.items():
            yield axis, name, points
    for model, key in keys.items():
        if complete(about[model]):
            yield "depth", model, [(layer, key, layer) for layer in layers_fit(task, key)]


def scaling_rows(task, about, probes):
    """Yield a row of COLUMNS for each axis along which there are points enough."""
    for (probe, pooling), keys in pretrained_keys(task, probes).items():
        for axis, name, points in scaling_points(task, keys, about):
            if len(points) < FEWEST_POINTS:
                continue
            found = correlated(task, points)
            values = {"correlation": found.value, "low": found.low, "high": found.high}
            about_row = {"probe": probe, "pooling": pooling, "model": name}
            yield about_row | {"axis": axis, "points": len(points)} | values


def scaled(task, about, probes):
    """Return the table of rank correlations of a task. probes: those that are no control."""
    return pd.DataFrame(scaling_rows(task, about, probes), columns=COLUMNS)
