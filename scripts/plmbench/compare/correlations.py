"""Does what pretraining gives rise with size, depth and pretraining? One row per task, axis, and
series or network: the slope of the gain over the better ablation, and whether it says anything."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import holm
from plmbench.compare.decisions import word_of
from plmbench.compare.gains import (
    Gain,
    chosen_gain,
    finished,
    gains_by_layer,
    noise_along,
    pretrained_keys,
    resampled_gains,
)
from plmbench.compare.trends import (
    Rule,
    Trend,
    judged,
    rank_correlation_of,
    rule_of_networks,
    rule_of_paths,
)
from plmbench.core.axes import (
    DEPTH,
    FALLS,
    LOSS,
    NOT_ASSESSABLE,
    PER,
    PRETRAINING,
    RISES,
    SIZE,
    TESTED_AXES,
)
from plmbench.core.facts import ModelFacts, Models
from plmbench.core.units import FEWEST_UNITS

CORRELATION_COLUMNS = ["probe", "pooling", "model", "axis", "points", "slope", "low", "high", "p"]
CORRELATION_COLUMNS += ["per", "rho", "score_rho", "reason"]
Row = dict[str, object]


class Point(NamedTuple):
    """A gain, where it stands on an axis, and of which pretraining it is."""

    x: float
    gain: Gain
    run: int  # the seed of its pretraining


Places = Callable[[str, ModelFacts], tuple[str, float] | None]


def complete(facts: ModelFacts) -> bool:
    """Tell whether a model is a network of its own: pretrained to the end, and no other pretraining
    of one. Others have no verdict."""
    return finished(facts) and not facts.get("pretraining_seed", 0)


def size_of(model: str, facts: ModelFacts) -> tuple[str, float] | None:
    """Return the series and the log of the parameters of a network pretrained to the end."""
    if finished(facts) and "series" in facts and facts.get("parameters", 0) > 0:
        return facts["series"], np.log2(facts["parameters"])
    return None


def pretraining_of(model: str, facts: ModelFacts) -> tuple[str, float] | None:
    """Return the network and the log of the share of the pretraining done."""
    share = facts.get("pretraining", 1)
    return (facts.get("network", model), np.log2(share)) if share > 0 else None


def loss_of(model: str, facts: ModelFacts) -> tuple[str, float] | None:
    """Return the network and the negative of the pretraining loss: more is better."""
    return (facts.get("network", model), -facts["loss"]) if "loss" in facts else None


# Depth is not among them: its points are the layers of one network.
PLACES: dict[str, Places] = {SIZE: size_of, PRETRAINING: pretraining_of, LOSS: loss_of}

# What one more point of an axis is called.
WORDS = {DEPTH: "layers after the first", PRETRAINING: "checkpoints"}


def points_of_networks(
    task: TaskPredictions,
    keys: Mapping[str, ArmKey],
    about: Models,
    left_out: Collection[str],
) -> Iterator[tuple[str, str, list[Point]]]:
    """Yield axis, series or network, and its Points: networks at their chosen layers."""
    gains = {model: chosen_gain(task, key, about, left_out) for model, key in keys.items()}
    for axis, place_of in PLACES.items():
        groups: dict[str, list[Point]] = {}
        for model, gain in gains.items():
            place = place_of(model, about[model])
            if place is not None and gain is not None:
                name, x = place
                run = about[model].get("pretraining_seed", 0)
                groups.setdefault(name, []).append(Point(float(x), gain, run))
        for name, points in groups.items():
            yield axis, name, points


def points_of_layers(
    task: TaskPredictions,
    keys: Mapping[str, ArmKey],
    about: Models,
    left_out: Collection[str],
) -> Iterator[tuple[str, str, list[Point]]]:
    """Yield one group per network: the layers after the first of each of its pretrainings, as
    shares of the way from the first of these to the last."""
    groups: dict[str, list[Point]] = {}
    for model, key in keys.items():
        if not finished(about[model]):
            continue
        gains = gains_by_layer(task, key, about, left_out)
        layers = [gain.network[1] for gain in gains]
        for layer, gain in zip(layers, gains, strict=True):
            x = (layer - layers[0]) / max(layers[-1] - layers[0], 1)
            run = about[model].get("pretraining_seed", 0)
            groups.setdefault(about[model].get("network", model), []).append(Point(x, gain, run))
    for name, points in groups.items():
        yield DEPTH, name, points


def rule_of(axis: str, points: list[Point], values: np.ndarray) -> Rule | str:
    """Return the Rule of an axis, or why there is none."""
    x, runs = (np.array([getattr(point, name) for point in points]) for name in ("x", "run"))
    if axis == SIZE:
        return rule_of_networks(x, values)
    return rule_of_paths(x, values, runs, WORDS[axis])


def trend_of(task: TaskPredictions, axis: str, points: list[Point]) -> Trend:
    """Return the Trend of Points along an axis."""
    gains = [point.gain for point in points]
    values, _ = resampled_gains(task, gains)
    if np.isnan(values).any():
        return Trend(reason="a gain is undefined on the test subset")
    if task.units < FEWEST_UNITS:
        return Trend(reason=f"{task.units} test units are too few: needs {FEWEST_UNITS}")
    rule = rule_of(axis, points, values)
    if isinstance(rule, str):
        return Trend(reason=rule)
    slope = float(rule.weights @ values)
    return judged(slope, rule, noise_along(task, gains, rule.weights))


def row_of(task: TaskPredictions, axis: str, points: list[Point]) -> Row:
    """Return what CORRELATION_COLUMNS say of Points along an axis."""
    values, _ = resampled_gains(task, [point.gain for point in points])
    x = np.array([point.x for point in points])
    scores = np.array([task.arm(*point.gain.network).points.mean() for point in points])
    trend = trend_of(task, axis, points) if axis in TESTED_AXES else Trend(reason="described only")
    per = {"per": PER.get(axis, ""), "points": len(points)}
    rho = {"rho": rank_correlation_of(x, values), "score_rho": rank_correlation_of(x, scores)}
    return {"axis": axis} | trend._asdict() | per | rho


def correlation_rows(
    task: TaskPredictions, about: Models, probes: Collection[str], left_out: Collection[str]
) -> Iterator[Row]:
    """Yield one row of CORRELATION_COLUMNS per axis, and series or network of several points."""
    for (probe, pooling), keys in pretrained_keys(task, probes).items():
        groups = [
            *points_of_networks(task, keys, about, left_out),
            *points_of_layers(task, keys, about, left_out),
        ]
        for axis, name, points in groups:
            if len({point.x for point in points}) > 1:
                names = {"probe": probe, "pooling": pooling, "model": name}
                yield names | row_of(task, axis, points)


def correlation_table(
    task: TaskPredictions,
    about: Models,
    probes: Collection[str],
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table of one task. probes: those that are no control; left_out: the ablations that
    bear on no verdict."""
    rows = correlation_rows(task, about, probes, left_out)
    return pd.DataFrame(rows, columns=CORRELATION_COLUMNS)


def with_trends(correlations: pd.DataFrame) -> pd.DataFrame:
    """Return the table of all tasks with p_holm and the word of each row.

    p is corrected over all rows of an axis, as many as could be assessed.
    """
    table = correlations.assign(p_holm=np.nan)
    for _, rows in table.groupby("axis"):
        table.loc[rows.index, "p_holm"] = holm(rows["p"])
    pairs = zip(table["slope"], table["p_holm"], strict=True)
    words = [word_of(*pair, RISES, FALLS) for pair in pairs]
    return table.assign(trend=np.where(table["axis"].isin(TESTED_AXES), words, ""))


def correlation_columns(own_rows: pd.DataFrame) -> Row:
    """Return the trends of one network as columns: for each axis `size_trend` (the word),
    `size_slope`, `_low`, `_high` and `_p`; and `rho_size`, ..., which describe.

    own_rows: of `with_trends`, one network's in one task, at most one per axis.
    """
    columns: Row = {}
    fields = {"slope": "slope", "slope_low": "low", "slope_high": "high", "slope_p": "p_holm"}
    for axis in TESTED_AXES:
        rows = own_rows[own_rows["axis"] == axis]
        columns[f"{axis}_trend"] = rows["trend"].iloc[0] if len(rows) else NOT_ASSESSABLE
        for name, field in fields.items():
            columns[f"{axis}_{name}"] = rows[field].iloc[0] if len(rows) else np.nan
    for axis in (*TESTED_AXES, LOSS):
        rows = own_rows[own_rows["axis"] == axis]
        columns[f"rho_{axis}"] = rows["rho"].iloc[0] if len(rows) else np.nan
    return columns


def names_on_axes(model: str, facts: ModelFacts) -> dict[str, str | None]:
    """Return {axis: the name under which its row stands} of one network."""
    network = facts.get("network", model)
    return {SIZE: facts.get("series"), DEPTH: network, PRETRAINING: network, LOSS: network}


def correlations_by_network(correlations: pd.DataFrame, about: Models) -> pd.DataFrame:
    """Return the table by network: each has the rows of its series, of the checkpoints of its
    pretraining, and of its own depth."""
    parts = [
        correlations[
            correlations["model"] == correlations["axis"].map(names_on_axes(model, facts))
        ].assign(model=model)
        for model, facts in about.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else correlations.iloc[:0]
