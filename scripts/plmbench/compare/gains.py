"""What pretraining gives one network: its score minus that of the better of its ablations, at one
layer, on the same test sequences and resamples."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import Arm, difference
from plmbench.compare.draws import LEAST_DEFINED
from plmbench.core.facts import ModelFacts, Models
from plmbench.core.selections import EACH, VALIDATION
from plmbench.core.weights import NONE, PRETRAINED

GAIN_COLUMNS = ["probe", "pooling", "model", "layer_selection", "layer", "reference"]
GAIN_COLUMNS += ["reference_layer", "gain", "low", "high", "n", "units", "reason"]

Place = tuple[ArmKey, int]  # an arm at a layer


class Gain(NamedTuple):
    """A pretrained network at a layer, and the better one of its ablations."""

    network: Place
    reference: Place

    @property
    def model(self) -> str:
        """Return the network's name."""
        return self.network[0].model


def finished(facts: ModelFacts) -> bool:
    """Tell whether a model's pretraining was carried to its end."""
    return facts.get("pretraining", 1) == 1


def ablations_of(
    task: TaskPredictions, key: ArmKey, about: Models, left_out: Collection[str]
) -> list[ArmKey]:
    """Return the ablated arms that a pretrained one is compared with: its own, or else those of the
    network that it is a checkpoint or another pretraining of.

    left_out: the ablations that bear on no verdict.
    """
    for model in (key.model, about[key.model].get("network", key.model)):
        own = key._replace(model=model, ablation="")
        found = [
            other
            for other in task.layers
            if other._replace(ablation="") == own
            and other.ablation not in (NONE, PRETRAINED, *left_out)
        ]
        if found:
            return found
    return []


def gain_at(task: TaskPredictions, network: Place, references: Iterable[Place]) -> Gain | None:
    """Return the Gain over the reference that is best on test; None without one."""
    best = max(references, key=lambda place: task.arm(*place).points.mean(), default=None)
    return None if best is None else Gain(network, best)


def chosen_gain(
    task: TaskPredictions, key: ArmKey, about: Models, left_out: Collection[str]
) -> Gain | None:
    """Return the Gain of a network, all sides at their layers chosen on validation."""
    sides = [key, *ablations_of(task, key, about, left_out)]
    layers = [task.layers[side].get(VALIDATION) for side in sides]
    places = [(side, layer) for side, layer in zip(sides, layers, strict=True) if layer is not None]
    return gain_at(task, places[0], places[1:]) if len(places) == len(sides) else None


def fitted_layers(task: TaskPredictions, key: ArmKey) -> list[int]:
    """Return every layer of an arm that was fit, rising."""
    own_rows = (task.table[list(ArmKey._fields)] == list(key)).all(axis=1)
    return sorted(task.table["layer"][own_rows].unique())


def gains_by_layer(
    task: TaskPredictions, key: ArmKey, about: Models, left_out: Collection[str]
) -> list[Gain]:
    """Return the Gain of a network at each layer after the first, over its ablations at that layer.

    Layer 0 is left out: the ablations keep it, so that its gain is 0 whatever was learnt.
    """
    ablations = ablations_of(task, key, about, left_out)
    layers = [layer for layer in fitted_layers(task, key) if layer > 0]
    found = (gain_at(task, (key, i), [(other, i) for other in ablations]) for i in layers)
    return [gain for gain in found if gain is not None]


def pretrained_keys(
    task: TaskPredictions, probes: Collection[str]
) -> dict[tuple[str, str], dict[str, ArmKey]]:
    """Return {(probe, pooling): {model: ArmKey}} of the pretrained arms."""
    keys: dict[tuple[str, str], dict[str, ArmKey]] = {}
    for key in task.layers:
        if key.ablation == PRETRAINED and key.probe in probes:
            keys.setdefault((key.probe, key.pooling), {})[key.model] = key
    return keys


def resampled_gains(task: TaskPredictions, gains: Iterable[Gain]) -> tuple[np.ndarray, np.ndarray]:
    """Return the values [gain], and the same on each resample [gain, resample]."""
    sides = [(task.arm(*gain.network), task.arm(*gain.reference)) for gain in gains]
    values = [one.points.mean() - other.points.mean() for one, other in sides]
    resampled = [one.resampled.mean(0) - other.resampled.mean(0) for one, other in sides]
    return np.array(values), np.array(resampled)


def drawn_points(arm: Arm) -> np.ndarray:
    """Return the values [draw] whose mean an arm is: of its networks, or else of probe seeds."""
    several = arm.networks > 1
    return arm.points.reshape(arm.networks, -1).mean(1) if several else arm.points


def seed_variance_along(
    task: TaskPredictions, places: Iterable[Place], weights: np.ndarray
) -> float:
    """Return the variance, from the seeds of each arm, of the sum of places weighted by [place].

    The layers of an arm have the same seeds, so each seed gives one sum; arms are independent.
    """
    sums: dict[ArmKey, np.ndarray] = {}
    for (key, layer), weight in zip(places, weights, strict=True):
        sums[key] = sums.get(key, np.zeros(1)) + weight * drawn_points(task.arm(key, layer))
    several = [total for total in sums.values() if len(total) > 1]
    return float(sum(total.var(ddof=1) / len(total) for total in several))


def noise_along(task: TaskPredictions, gains: list[Gain], weights: np.ndarray) -> float:
    """Return the variance of the sum of gains weighted by [gain], over test sequences and seeds;
    NaN where too few resamples have a value."""
    _, resampled = resampled_gains(task, gains)
    drawn = weights @ resampled
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < LEAST_DEFINED * len(drawn):
        return np.nan
    seeds = [
        seed_variance_along(task, [getattr(gain, side) for gain in gains], weights)
        for side in Gain._fields
    ]
    return float(defined.var(ddof=1)) + sum(seeds)


def gain_row(task: TaskPredictions, gain: Gain, layer_selection: str) -> dict[str, object]:
    """Return the row of GAIN_COLUMNS of one gain."""
    (key, layer), (other, other_layer) = gain
    sides = task.arm(key, layer), task.arm(other, other_layer)
    estimate = difference(*sides, task.units, task.unit_range)
    names = {"probe": key.probe, "pooling": key.pooling, "model": key.model}
    where = {"layer_selection": layer_selection, "layer": layer, "reference": other.ablation}
    values = {"gain": estimate.value, "low": estimate.low, "high": estimate.high}
    known = {"n": task.examples(key), "units": task.units, "reason": estimate.reason}
    return names | where | {"reference_layer": other_layer} | values | known


def gain_rows(
    task: TaskPredictions, about: Models, probes: Collection[str], left_out: Collection[str]
) -> Iterator[dict[str, object]]:
    """Yield the rows of the table: each pretrained network at its chosen layer; and at each of its
    layers where its pretraining was carried to its end."""
    for keys in pretrained_keys(task, probes).values():
        for model, key in keys.items():
            if gain := chosen_gain(task, key, about, left_out):
                yield gain_row(task, gain, VALIDATION)
            if finished(about[model]):
                for gain in gains_by_layer(task, key, about, left_out):
                    yield gain_row(task, gain, EACH)


def gain_table(
    task: TaskPredictions,
    about: Models,
    probes: Collection[str],
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table of gains of one task. probes: those that are no control."""
    rows = gain_rows(task, about, probes, left_out)
    return pd.DataFrame(rows, columns=GAIN_COLUMNS)


def left_out_of(in_verdict: Mapping[str, bool]) -> list[str]:
    """Return the ablations that bear on no verdict."""
    return [ablation for ablation, bears in in_verdict.items() if not bears]
