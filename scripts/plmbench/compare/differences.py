"""What pretraining gives on one task: every arm with its interval, and differences between arms.

All of it comes from the predictions on test that probes have kept: nothing is fit here. Every arm
gets the same resamples. The layers compared were chosen on validation, or are the last ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import UNKNOWN, Arm, Estimate, difference, mean_with_interval
from plmbench.compare.refits import training_data
from plmbench.compare.shares import Share, share_of, unknown_share
from plmbench.core.direct import DIRECT
from plmbench.core.metrics import better_first
from plmbench.core.roles import ABLATION, BASELINE, CONTROL, NETWORK, SHUFFLED
from plmbench.core.weights import NONE, PRETRAINED

ONE_HOT = "onehot"  # the baseline that shares of a gain are of
# What an interval rests on, or why there is none.
KNOWN_BY = ["units", "training_data", "defined", "reason"]
ARM_COLUMNS = [*ArmKey._fields, "metric", "layer_selection", "layer", "value", "low", "high"]
ARM_COLUMNS += ["seeds", "n", *KNOWN_BY]
DIFFERENCE_COLUMNS = ["probe", "pooling", "model", "metric", "layer_selection", "layer"]
DIFFERENCE_COLUMNS += ["reference", "role", "reference_pooling", "difference", "low", "high", "p"]
DIFFERENCE_COLUMNS += ["error", "freedom", "most_noise", "test_error", "seed_error", "seeds"]
DIFFERENCE_COLUMNS += ["seed_sd", "n", *KNOWN_BY, *Share._fields]


def seeds_of(key: ArmKey, arm: Arm) -> int:
    """Return the seeds of an arm: those of its ablation, and without an ablation the probe's."""
    return len(arm.points) if key.ablation == PRETRAINED else arm.seeds


def arm_rows(task: TaskPredictions) -> Iterator[dict[str, object]]:
    """Yield one row of ARM_COLUMNS per arm and selection of a layer."""
    order = better_first(task.metric)
    for key, layers in task.layers.items():
        for layer_selection, layer in layers.items():
            arm = task.arm(key, layer)
            prior = task.prior(key, layer_selection)
            parts = task.refits.parts(layer_selection, key)
            mean = mean_with_interval(arm, task.units, task.unit_range, parts, prior)
            low, high = sorted((order * mean.low, order * mean.high))
            about = {"metric": task.metric, "layer_selection": layer_selection, "layer": layer}
            value = {"value": order * mean.value, "low": low, "high": high}
            known = {"units": task.units, "training_data": training_data(parts, mean.reason)}
            known |= {"defined": mean.defined, "reason": mean.reason}
            value |= {"seeds": seeds_of(key, arm), "n": task.examples(key)}
            yield key._asdict() | about | value | known


def matching_arm(task: TaskPredictions, key: ArmKey, model: str) -> ArmKey | None:
    """Return the ArmKey of another model under the same probe, or without one, its weights not
    ablated: that of the same pooling, or else its first; None where there is none."""
    candidates = [
        other
        for other in task.layers
        if other.model == model
        and other.probe in (key.probe, DIRECT)
        and other.ablation in (NONE, PRETRAINED)
    ]
    same_pooling = [other for other in candidates if other.pooling == key.pooling]
    return next(iter(same_pooling or candidates), None)


def references_of(
    task: TaskPredictions,
    key: ArmKey,
    roles: Mapping[str, str],
    label_controls: Mapping[str, str],
) -> Iterator[tuple[str, str, ArmKey]]:
    """Yield name, role and ArmKey of what a pretrained arm is compared with.

    roles: {model: role}; label_controls: {probe: the same probe on shuffled labels}.
    """
    for model, role in roles.items():
        if role != NETWORK and model != key.model:
            match = matching_arm(task, key, model)
            if match is not None:
                yield model, role, match
    for ablation in dict.fromkeys(other.ablation for other in task.layers):
        ablated = key._replace(ablation=ablation)
        if ablation != PRETRAINED and ablated in task.layers:
            yield ablation, ABLATION, ablated
    if key.probe in label_controls:
        control = key._replace(probe=label_controls[key.probe])
        if control in task.layers:
            yield SHUFFLED, CONTROL, control


class Pair(NamedTuple):
    """A pretrained arm and one that it is compared with."""

    name: str
    role: str
    other: ArmKey


def sides_at(
    task: TaskPredictions, layer_selection: str, key: ArmKey, other: ArmKey
) -> tuple[Arm, Arm] | None:
    """Return two arms at a selection of the layer; None where one of them has no such layer."""
    layer, other_layer = (task.layers[side].get(layer_selection) for side in (key, other))
    if layer is None or other_layer is None:
        return None
    return task.arm(key, layer), task.arm(other, other_layer)


def difference_at(
    task: TaskPredictions, layer_selection: str, key: ArmKey, other: ArmKey
) -> Estimate:
    """Return the Estimate of one arm minus another at a selection of the layer.

    NaN where one of them has no such layer."""
    sides = sides_at(task, layer_selection, key, other)
    if sides is None:
        return UNKNOWN._replace(reason="undefined on validation: no layer was chosen")
    prior = task.prior(key, layer_selection)
    others = [*task.others, *task.refits.parts(layer_selection, key, other)]
    return difference(*sides, task.units, task.unit_range, others, prior)


def share_at(
    task: TaskPredictions, layer_selection: str, key: ArmKey, pair: Pair, baseline: ArmKey | None
) -> Share:
    """Return which share of the gain over a baseline is due to what an ablation lacks."""
    if pair.role != ABLATION:
        return unknown_share("")
    if baseline is None:
        return unknown_share("no baseline ran")
    keys = pair.other, baseline
    sides = [sides_at(task, layer_selection, key, other) for other in keys]
    part, whole = (difference_at(task, layer_selection, key, other) for other in keys)
    centres = np.array([a.resampled.mean(0) - b.resampled.mean(0) for a, b in filter(None, sides)])
    defined = centres[:, np.isfinite(centres).all(0)]
    known = defined.shape[0] == 2 and defined.shape[1] > 1
    return share_of(part, whole, float(np.cov(defined)[0, 1]) if known else 0.0)


def baseline_of(pairs: Sequence[Pair]) -> ArmKey | None:
    """Return the baseline that shares of a gain are of: one-hot where it ran, else the first."""
    baselines = {pair.name: pair.other for pair in pairs if pair.role == BASELINE}
    return baselines.get(ONE_HOT, next(iter(baselines.values()), None))


def difference_rows(
    task: TaskPredictions, roles: Mapping[str, str], label_controls: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yield one row of DIFFERENCE_COLUMNS per pretrained network, selection of the layer, and
    reference.

    A positive difference says that the pretrained network is better, whatever the metric.
    """
    for key, layers in task.layers.items():
        if key.ablation != PRETRAINED or key.probe in label_controls.values():
            continue
        names = key._asdict() | {"metric": task.metric, "n": task.examples(key)}
        names |= {"units": task.units}
        pairs = [Pair(*found) for found in references_of(task, key, roles, label_controls)]
        baseline = baseline_of(pairs)
        for pair, (layer_selection, layer) in product(pairs, layers.items()):
            estimate = difference_at(task, layer_selection, key, pair.other)
            share = share_at(task, layer_selection, key, pair, baseline)
            sd = task.seed_sd(pair.other, layer_selection) if pair.role == ABLATION else np.nan
            selection = {"layer_selection": layer_selection, "layer": layer}
            reference = {"reference": pair.name, "role": pair.role}
            reference |= {"reference_pooling": pair.other.pooling}
            parts = task.refits.parts(layer_selection, key, pair.other)
            numbers: dict[str, object] = {"difference": estimate.value, "seed_sd": sd}
            numbers |= {"training_data": training_data(parts, estimate.reason)}
            yield names | reference | selection | numbers | estimate._asdict() | share._asdict()


def comparison_tables(
    task: TaskPredictions, roles: Mapping[str, str], label_controls: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of arms and of differences of one task."""
    arms = pd.DataFrame(arm_rows(task), columns=ARM_COLUMNS)
    rows = difference_rows(task, roles, label_controls)
    return arms, pd.DataFrame(rows, columns=DIFFERENCE_COLUMNS)
