"""Tables of networks that are ablated in part, of one task: along the depth, and part by part."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import difference, mean_with_interval
from plmbench.compare.depth import UNKNOWN, Drawn, Interval, Ratios, over_seeds, ratios, share_lost
from plmbench.core.errors import InputError
from plmbench.core.metrics import better_first
from plmbench.core.scopes import BOTTOM, EVERYTHING, NOTHING, TOP
from plmbench.core.test_sets import Place

ROW = ["dataset", "split", "model", "weights", "action", "probe", "pooling", "metric"]
VALUE = ["value", "low", "high"]
FACTS = ["seeds", "n", "units", "reason"]
SHARE, AREA, K50 = ([name, f"{name}_low", f"{name}_high"] for name in ("left", "area", "k50"))
LOST = ["share", "share_low", "share_high"]
CRITICAL_DEPTH_COLUMNS = [
    *(*ROW, "direction", "k", "blocks", *VALUE),
    *(*SHARE, *AREA, *K50, *FACTS),
]
PARTS_COLUMNS = [*ROW, "kind", "part", *VALUE, *LOST, *FACTS]
COLUMNS = {"critical_depth": CRITICAL_DEPTH_COLUMNS, "parts": PARTS_COLUMNS}
NO_GAIN = "y(0) - y(N) = {:.3g} [{:.2g}, {:.2g}] {}: there is no gain to take a share of"
WORSE, NOTHING_LEFT = "is below 0", "includes 0"


class PartsComparison(TypedDict):
    """What a rule tells of the arms that are ablated in part."""

    arms: Sequence[tuple[str, str, str]]  # model, weights, probe of each file
    actions: Mapping[str, str]  # of each ablation
    metric: str
    n_bootstrap: int
    seed: int


class Sweep(NamedTuple):
    """What a file of embeddings says of its layers."""

    points: list[dict[str, str]]  # of each layer: name, kind
    blocks: int  # of the network


class Curve:
    """An arm at every point of its sweep."""

    def __init__(self, key: ArmKey, sweep: Sweep, task: TaskPredictions, seed: int) -> None:
        self.key, self.sweep, self.task = key, sweep, task
        self.names = [point["name"] for point in sweep.points]
        self.arms = [task.arm(key, layer) for layer in range(len(self.names))]
        self.rng = np.random.default_rng(seed)
        points = np.stack([arm.points for arm in self.arms], -1)  # [seed, point]
        resampled = np.stack([arm.resampled for arm in self.arms], -1)  # [seed, resample, point]
        self.drawn = over_seeds(points, resampled, self.rng)
        facts = task.units, task.unit_range
        arms = dict(zip(self.names, self.arms, strict=True))
        self.gain = difference(arms[NOTHING], arms[EVERYTHING], *facts)
        self.estimates = {n: mean_with_interval(arm, *facts) for n, arm in arms.items()}

    def at(self, names: Sequence[str]) -> Drawn:
        """Return the Drawn at some points."""
        places = [self.names.index(name) for name in names]
        return Drawn(self.drawn.value[places], self.drawn.resampled[:, places])

    @property
    def no_gain(self) -> str:
        """Return why nothing is to be divided; "" where something is."""
        value, low, high = self.gain[:3]
        if np.isnan(low):
            return self.gain.reason
        if low > 0:
            return ""
        return NO_GAIN.format(value, low, high, WORSE if high < 0 else NOTHING_LEFT)

    def row(self, name: str) -> dict[str, Any]:
        """Return what every row of a table says at a point: the raw metric, and of how many."""
        estimate, sign = self.estimates[name], better_first(self.task.metric)
        low, high = sorted([sign * estimate.low, sign * estimate.high])
        return {
            "model": self.key.model,
            "weights": self.key.ablation,
            "probe": self.key.probe,
            "pooling": self.key.pooling,
            "metric": self.task.metric,
            "value": sign * estimate.value,
            "low": low,
            "high": high,
            "seeds": estimate.seeds,
            "n": self.task.examples(self.key),
            "units": self.task.units,
            "reason": self.no_gain or estimate.reason,
        }


def named(columns: Sequence[str], found: Interval) -> dict[str, float]:
    """Return an Interval under the names of its columns."""
    return dict(zip(columns, found, strict=True))


def depth_rows(curve: Curve) -> Iterator[dict[str, Any]]:
    """Yield the rows of critical_depth.tsv of one arm: one for each direction and depth."""
    total = curve.sweep.blocks
    for direction in (TOP, BOTTOM):
        names = [point["name"] for point in curve.sweep.points if point["kind"] == direction]
        if not names:
            continue
        depths = np.array([0, *(int(name.split()[1]) for name in names), total])
        names = [NOTHING, *names, EVERYTHING]
        unknown = Ratios([UNKNOWN] * len(names), UNKNOWN, UNKNOWN)
        found = unknown if curve.no_gain else ratios(depths, curve.at(names))
        for name, k, left in zip(names, depths, found.left, strict=True):
            place = {"direction": direction, "k": k, "blocks": total}
            measured = named(SHARE, left) | named(AREA, found.area) | named(K50, found.k50)
            yield curve.row(name) | place | measured


def part_rows(curve: Curve) -> Iterator[dict[str, Any]]:
    """Yield the rows of parts.tsv of one arm: nothing and all of it ablated, and each part that is
    no step along the depth."""
    intact, ablated = curve.at([NOTHING]), curve.at([EVERYTHING])
    parts = [point for point in curve.sweep.points if point["kind"] not in (TOP, BOTTOM)]
    if len(parts) == 2:  # only the two ends
        return
    for point in parts:
        name = point["name"]
        lost = UNKNOWN if curve.no_gain else share_lost(curve.at([name]), intact, ablated)
        place = {"kind": point["kind"] or "whole", "part": name}
        yield curve.row(name) | place | named(LOST, lost)


def sweep_of(key: ArmKey, task: TaskPredictions, sweeps: Mapping[tuple[str, str], Sweep]) -> Sweep:
    """Return the Sweep of an arm; raises InputError where its seeds have other ones."""
    found = {weights: sweeps[key.model, weights] for _, weights, _ in task.files_of(key)}
    (first, sweep), *others = found.items()
    for weights, other in others:
        if other != sweep:
            raise InputError(
                f"model {key.model}: {weights} has other points than {first}; delete its "
                "embeddings and run again"
            )
    return sweep


def compare_parts(
    scores: pd.DataFrame,
    predictions: Sequence[Place],
    sweeps: Mapping[tuple[str, str], Sweep],
    comparison: PartsComparison,
) -> dict[str, pd.DataFrame]:
    """Return the tables `critical_depth` and `parts` of one task, without its name.

    scores, predictions: those of the comparison's arms; sweeps: {(model, weights): Sweep}.
    """
    arms = [tuple(arm) for arm in comparison["arms"]]
    files = dict(zip(arms, predictions, strict=True))
    settings = comparison["metric"], comparison["n_bootstrap"], comparison["seed"]
    task = TaskPredictions(scores, files, *settings)  # type: ignore[arg-type]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
    for key in task.layers:
        curve = Curve(key, sweep_of(key, task, sweeps), task, comparison["seed"])
        action = {"action": comparison["actions"][key.ablation]}
        rows["critical_depth"] += [row | action for row in depth_rows(curve)]
        rows["parts"] += [row | action for row in part_rows(curve)]
    return {name: pd.DataFrame(found, columns=COLUMNS[name][2:]) for name, found in rows.items()}
