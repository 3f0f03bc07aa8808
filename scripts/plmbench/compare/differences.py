"""What pretraining gives on one task: every arm with its interval, and differences between arms.

All of it comes from the predictions on test that probes have kept: nothing is fit here. Every arm
gets the same resamples. The layers compared were chosen on validation, or are the last ones.
"""

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import UNKNOWN, Estimate, difference, mean_with_interval
from plmbench.core.direct import DIRECT
from plmbench.core.metrics import better_first
from plmbench.core.roles import ABLATION, CONTROL, NETWORK, SHUFFLED
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.weights import NONE, PRETRAINED

# Noise is drawn under the names that selections first had, so that published intervals stay.
DRAWN_AS = {VALIDATION: "best", LAST: "last"}

KNOWN_BY = ["units", "defined", "reason"]  # what an interval rests on, or why there is none
ARM_COLUMNS = [*ArmKey._fields, "metric", "layer_selection", "layer", "value", "low", "high"]
ARM_COLUMNS += ["seeds", "n", *KNOWN_BY]
DIFFERENCE_COLUMNS = ["probe", "pooling", "model", "metric", "layer_selection", "reference", "role"]
DIFFERENCE_COLUMNS += ["reference_pooling", "difference", "low", "high", "p", "seeds", "n"]
DIFFERENCE_COLUMNS += KNOWN_BY


def noise_generator(*names: str) -> np.random.Generator:
    """Return a numpy generator of its own for what these names say, in any order of work."""
    digest = hashlib.sha256("\t".join(names).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def arm_rows(task: TaskPredictions) -> Iterator[dict[str, object]]:
    """Yield one row of ARM_COLUMNS per arm and selection of a layer."""
    order = better_first(task.metric)
    for key, layers in task.layers.items():
        for layer_selection, layer in layers.items():
            noise = noise_generator(*key, DRAWN_AS[layer_selection])
            facts = noise, task.units, task.unit_range
            mean = mean_with_interval(task.arm(key, layer), *facts)
            low, high = sorted((order * mean.low, order * mean.high))
            about = {"metric": task.metric, "layer_selection": layer_selection, "layer": layer}
            value = {"value": order * mean.value, "low": low, "high": high}
            known = {"units": task.units, "defined": mean.defined, "reason": mean.reason}
            value |= {"seeds": mean.seeds, "n": task.examples(key)}
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


def difference_at(
    task: TaskPredictions, layer_selection: str, key: ArmKey, other: ArmKey, name: str
) -> Estimate:
    """Return the Estimate of one arm minus another, named `name`, at a selection of the layer.

    NaN where one of them has no such layer."""
    layer, other_layer = (task.layers[side].get(layer_selection) for side in (key, other))
    if layer is None or other_layer is None:
        return UNKNOWN._replace(reason="undefined on validation: no layer was chosen")
    sides = task.arm(key, layer), task.arm(other, other_layer)
    noise = noise_generator(*key, DRAWN_AS[layer_selection], name)
    return difference(*sides, noise, task.units, task.unit_range)


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
        for name, role, other in references_of(task, key, roles, label_controls):
            reference = {"reference": name, "role": role, "reference_pooling": other.pooling}
            for layer_selection in layers:
                estimate = difference_at(task, layer_selection, key, other, name)
                selection = {"layer_selection": layer_selection, "difference": estimate.value}
                yield names | reference | selection | estimate._asdict()


def comparison_tables(
    task: TaskPredictions, roles: Mapping[str, str], label_controls: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of arms and of differences of one task."""
    arms = pd.DataFrame(arm_rows(task), columns=ARM_COLUMNS)
    rows = difference_rows(task, roles, label_controls)
    return arms, pd.DataFrame(rows, columns=DIFFERENCE_COLUMNS)
