"""The table of learning curves of one task, and what pretraining is worth in labels."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TypedDict

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey
from plmbench.compare.curve_arms import TaskCurves
from plmbench.compare.worth import PERCENTILES, Worth, against_best, log_worths, worth_of
from plmbench.core.columns import NETWORK_ROW
from plmbench.core.metrics import better_first
from plmbench.core.roles import ABLATION, BASELINE, NETWORK
from plmbench.core.test_sets import Place
from plmbench.core.units import FEWEST_UNITS
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.probe.learning_curve import read_curves

WORTH_COLUMNS = ["worth", "worth_low", "worth_high", "worth_text", "worth_reason"]
CODE_COLUMNS = ["description_length", "description_ratio", "description_reason"]
COLUMNS = ["probe", "pooling", "model", "arm", "role", "arm_pooling", "metric", "size", "labels"]
COLUMNS += ["draws", "seeds", "value", "sd", "low", "high", "n", "units", "layer", "reason"]
COLUMNS += ["best_reference", *WORTH_COLUMNS, *CODE_COLUMNS]
NO_LAYER = "undefined on validation in one of the draws: no layer was chosen"
Row = dict[str, object]


class CurveComparison(TypedDict):
    """What a rule tells of a task's learning curves."""

    arms: Sequence[tuple[str, str, str]]  # model, weights, probe of each file
    networks: Sequence[str]  # models that were pretrained
    in_verdict: Mapping[str, bool]  # ablation: whether it counts as a reference
    metric: str
    n_bootstrap: int
    seed: int


def matching_baseline(task: TaskCurves, key: ArmKey, model: str) -> ArmKey | None:
    """Return the ArmKey of a baseline under the same probe: that of the same pooling, or else its
    first; None where there is none."""
    found = [k for k in task.keys if (k.probe, k.model, k.ablation) == (key.probe, model, NONE)]
    return next((k for k in found if k.pooling == key.pooling), next(iter(found), None))


def references_of(task: TaskCurves, key: ArmKey) -> dict[str, ArmKey]:
    """Return {name: ArmKey} of a network's ablations and of all baselines."""
    ablations = [k for k in task.keys if k._replace(ablation=PRETRAINED) == key and k != key]
    models = dict.fromkeys(k.model for k in task.keys if k.ablation == NONE)
    baselines = {model: matching_baseline(task, key, model) for model in models}
    found = {k.ablation: k for k in ablations}
    return found | {model: k for model, k in baselines.items() if k is not None}


class NetworkCurves:
    """One pretrained network of a task under one probe and pooling, and its references."""

    def __init__(self, task: TaskCurves, key: ArmKey, in_verdict: Mapping[str, bool]) -> None:
        self.task, self.key = task, key
        self.references, self.labels = references_of(task, key), task.labels(key)
        self.deciding = [name for name in self.references if in_verdict.get(name, True)]
        self.logs = {name: self.log_worths(name) for name in self.references}
        if task.units < FEWEST_UNITS:
            self.reason = f"{task.units} test sequences: an interval needs {FEWEST_UNITS}"
        else:
            self.reason = ""

    def log_worths(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the logarithm of worth against a reference at each size [size], and on resamples
        [resample, size], from the sizes at which both are defined; NaN at the others."""
        keys = self.key, self.references[name]
        points = np.stack([self.task.points(key) for key in keys])  # [side, size]
        drawn = np.stack([self.task.drawn(key) for key in keys])  # [side, resample, size]
        both = ~np.isnan(points).any(0)
        found, resampled = np.full(len(both), np.nan), np.full(drawn.shape[1:], np.nan)
        if both.sum() > 1:
            labels = self.labels[both]
            found[both] = log_worths(points[0, both], points[1, both], labels)
            resampled[:, both] = log_worths(drawn[0][:, both], drawn[1][:, both], labels)
        return found, resampled

    def worth(self, name: str, place: int) -> tuple[str, Worth]:
        """Return the best reference and the Worth against it, for the pretrained arm; for another
        one "" and the Worth against that."""
        names = self.deciding if name == PRETRAINED else [name]
        if not names:
            return "", Worth(reason="no reference: nothing to compare with")
        points = [self.logs[each][0][place] for each in names]
        drawn = against_best([self.logs[each][1][:, place] for each in names])
        scores = [self.task.points(self.references[each])[place] for each in names]
        # Of those that the data bound alike the one with the best score.
        best = names[int(np.lexsort((np.negative(scores), points))[0])]
        best = best if name == PRETRAINED else ""
        return best, worth_of(float(np.min(points)), drawn, place, self.labels, self.reason)


def value_columns(task: TaskCurves, key: ArmKey, place: int) -> Row:
    """Return what a size's score is: its mean, spread over draws, interval, and layer."""
    size, arm = task.sizes[place], task.arm(key)
    cell, order = arm.cells.get(size), better_first(task.metric)
    if cell is None:
        return {"reason": NO_LAYER}
    rows, curve = arm.rows[arm.rows["size"] == size], task.drawn(key)[:, place]
    by_draw = cell.points.mean(0)
    known = not np.isnan(by_draw).any() and task.units >= FEWEST_UNITS
    ends = np.nanpercentile(curve, PERCENTILES) if known else np.full(2, np.nan)
    low, high = sorted(order * ends)
    return {
        "draws": len(by_draw),
        "seeds": len(cell.points),
        "value": order * by_draw.mean(),
        "sd": by_draw.std(ddof=1) if len(by_draw) > 1 else np.nan,
        "low": low,
        "high": high,
        "layer": int(rows["layer"].mode().iloc[0]),  # the most frequent, of equals the lowest
        "reason": cell.reason,
    }


def arm_rows(network: NetworkCurves, name: str, key: ArmKey) -> Iterator[Row]:
    """Yield one row per size of one arm beside a network."""
    task, role = network.task, BASELINE if key.ablation == NONE else ABLATION
    names: Row = {name: getattr(network.key, name) for name in ("probe", "pooling", "model")}
    names |= {"arm": name, "role": NETWORK if name == PRETRAINED else role}
    names |= {"arm_pooling": key.pooling, "metric": task.metric, "units": task.units}
    names["n"] = len(next(iter(task.tests.values()))[0].y_true)
    facts = zip(task.sizes, task.labels(key), task.code_lengths(key), strict=True)
    for place, (size, labels, code) in enumerate(facts):
        best, worth = network.worth(name, place)
        row = names | {"size": float(Fraction(size)), "labels": labels, "best_reference": best}
        row |= value_columns(task, key, place)
        yield (
            row
            | dict(zip(WORTH_COLUMNS, worth, strict=True))
            | dict(zip(CODE_COLUMNS, code, strict=True))
        )
    for size, reason in task.left_out.items():
        nothing = {"reason": reason, "worth_reason": reason, "description_reason": reason}
        yield names | {"size": float(Fraction(size)), "best_reference": ""} | nothing


def curve_table(
    task: TaskCurves, networks: Sequence[str], in_verdict: Mapping[str, bool]
) -> pd.DataFrame:
    """Return the table (COLUMNS) of one task: a row per network, arm and size."""
    parts = [pd.DataFrame(columns=COLUMNS)]
    for key in task.keys:
        if key.model in networks and key.ablation == PRETRAINED:
            network = NetworkCurves(task, key, in_verdict)
            for name, other in {PRETRAINED: key, **network.references}.items():
                rows = pd.DataFrame(arm_rows(network, name, other), columns=COLUMNS)
                parts.append(rows.sort_values("size"))
    table = pd.concat(parts[1:] or parts, ignore_index=True)
    texts = ["reason", "best_reference", "worth_text", "worth_reason", "description_reason"]
    return table.fillna(dict.fromkeys(texts, ""))


def compare_curves(
    scores: Sequence[Place],
    predictions: Sequence[Place],
    comparison: CurveComparison,
    families: Mapping[str, str] = MappingProxyType({}),
) -> pd.DataFrame:
    """Return the table (COLUMNS) of one task from the files of the comparison's arms; families:
    {name of a test sequence: its family}, which are the units."""
    table = pd.concat([read_curves(path) for path in scores], ignore_index=True)
    arms = [(model, weights, probe) for model, weights, probe in comparison["arms"]]
    files = dict(zip(arms, predictions, strict=True))
    settings = comparison["metric"], comparison["n_bootstrap"], comparison["seed"]
    task = TaskCurves(table, files, *settings, families)
    return curve_table(task, comparison["networks"], comparison["in_verdict"])


def worth_columns(curves: pd.DataFrame) -> pd.DataFrame:
    """Return one row per task, probe, pooling and network (NETWORK_ROW) with WORTH_COLUMNS: its
    worth against the best reference that has all labels it can have."""
    own = curves[(curves["arm"] == PRETRAINED) & (curves["value"].notna())]
    largest = own.sort_values("size", kind="stable").drop_duplicates(NETWORK_ROW, keep="last")
    return largest[[*NETWORK_ROW, "best_reference", *WORTH_COLUMNS]].reset_index(drop=True)


def with_worth(verdicts: pd.DataFrame, curves: pd.DataFrame | None) -> pd.DataFrame:
    """Return the table of verdicts with the columns of worth before the last one, where there are
    learning curves; a network without one has NaN and no text."""
    if curves is None:
        return verdicts
    columns = worth_columns(curves).rename(columns={"best_reference": "worth_reference"})
    added = [name for name in columns if name not in NETWORK_ROW]
    table = verdicts.merge(columns, on=NETWORK_ROW, how="left")
    table = table.fillna(dict.fromkeys(["worth_reference", "worth_text", "worth_reason"], ""))
    *others, last = [name for name in table if name not in added]
    return table[[*others, *added, last]]
