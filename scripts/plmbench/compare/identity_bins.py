"""Scores by distance from the training set, and what pretraining gives there: does it hold for test
sequences that resemble nothing that a probe has learned from?

The layers are those that validation chose for the whole task. Every bin has resamples of its own,
of families of its test sequences.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import Estimate, mean_with_interval
from plmbench.compare.differences import difference_at, references_of
from plmbench.compare.intraclass import intraclass_correlation
from plmbench.core.identities import ALL, IDENTITY_BINS, mutation_bins
from plmbench.core.metrics import better_first
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import VALIDATION
from plmbench.core.weights import PRETRAINED

GAIN = ["", "_by", "_low", "_high", "_reason"]  # after `gain_over_<what>`
GAINS = {ABLATION: "gain_over_ablation", BASELINE: "gain_over_baseline"}
BIN_COLUMNS = ["bin_of", "bin", *ArmKey._fields, "metric", "layer", "value", "low", "high", "seeds"]
BIN_COLUMNS += ["n", "units", "icc", "reason"]
BIN_COLUMNS += [name + end for name in GAINS.values() for end in GAIN]
ORDER = [ALL, *IDENTITY_BINS, *mutation_bins()]
Row = dict[str, object]


def bins_of(relatives: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Return {(what a bin is of, bin): names of its test sequences}, all of them first.

    relatives: name, bin_of and bin of each test sequence; "" where they are not known.
    """
    found = {(str(of), str(name)): [*rows["name"]] for (of, name), rows in by_bin(relatives)}
    ordered = sorted(found, key=lambda each: ORDER.index(each[1]))
    return {("", ALL): [*relatives["name"]], **{each: found[each] for each in ordered}}


def by_bin(relatives: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Yield the key and the rows of each bin that is known."""
    yield from relatives[relatives["bin"] != ""].groupby(["bin_of", "bin"])


def chosen_on_validation(task: TaskPredictions, key: ArmKey) -> float:
    """Return what an arm has on validation at its chosen layer, higher is better; -inf: nothing."""
    table = task.table[(task.table[[*ArmKey._fields]] == list(key)).all(axis=1)]
    own = table[(table["subset"] == VALIDATION) & (table["layer"] == task.layers[key][VALIDATION])]
    return float((better_first(task.metric) * own["mean"]).max()) if len(own) else -np.inf


def best_references(
    task: TaskPredictions,
    key: ArmKey,
    roles: Mapping[str, str],
    label_controls: Mapping[str, str],
) -> dict[str, tuple[str, ArmKey]]:
    """Return {role: (name, ArmKey)} of the ablation and the baseline that are best on validation:
    no look at test chooses what a network is compared with."""
    best: dict[str, tuple[float, str, ArmKey]] = {}
    for name, role, other in references_of(task, key, roles, label_controls):
        if role not in GAINS or VALIDATION not in task.layers[other]:
            continue
        value = chosen_on_validation(task, other)
        if role not in best or value > best[role][0]:
            best[role] = value, name, other
    return {role: found[1:] for role, found in best.items()}


def gain_cells(column: str, name: str, gain: Estimate) -> Row:
    """Return the cells of a paired gain over a reference of this name."""
    values = gain.value, name, gain.low, gain.high, gain.reason
    return {column + end: value for end, value in zip(GAIN, values, strict=True)}


def arm_in_bin(task: TaskPredictions, key: ArmKey, name: str) -> Row:
    """Return the cells of one arm on the test sequences of a bin."""
    layer, order = task.layers[key][VALIDATION], better_first(task.metric)
    prior = task.prior(key, VALIDATION)
    mean = mean_with_interval(task.arm(key, layer), task.units, task.unit_range, prior=prior)
    low, high = sorted((order * mean.low, order * mean.high))
    about = {"metric": task.metric, "layer": layer, "seeds": mean.seeds, "n": task.examples(key)}
    value = {"value": order * mean.value, "low": low, "high": high, "reason": mean.reason}
    icc = intraclass_correlation(task, key, layer) if name == ALL else np.nan
    return {**key._asdict(), **about, **value, "units": task.units, "icc": icc}


def bin_rows(
    task: TaskPredictions,
    relatives: pd.DataFrame,
    roles: Mapping[str, str],
    label_controls: Mapping[str, str],
) -> Iterator[Row]:
    """Yield one row of BIN_COLUMNS per bin and arm that has a layer chosen on validation."""
    keys = [key for key in task.layers if key.probe not in label_controls.values()]
    for (bin_of, name), names in bins_of(relatives).items():
        part = task.part(names)
        for key in keys:
            if VALIDATION not in task.layers[key]:
                continue
            row = {"bin_of": bin_of, "bin": name, **arm_in_bin(part, key, name)}
            if key.ablation == PRETRAINED:
                found = best_references(task, key, roles, label_controls)
                for role, (reference, other) in found.items():
                    gain = difference_at(part, VALIDATION, key, other)
                    row |= gain_cells(GAINS[role], reference, gain)
            yield row


def bin_table(
    task: TaskPredictions,
    relatives: pd.DataFrame,
    roles: Mapping[str, str],
    label_controls: Mapping[str, str],
) -> pd.DataFrame:
    """Return the table of BIN_COLUMNS of one task. A positive gain says that the pretrained network
    is better, whatever the metric."""
    table = pd.DataFrame(bin_rows(task, relatives, roles, label_controls), columns=BIN_COLUMNS)
    texts = [name + end for name in GAINS.values() for end in ("_by", "_reason")]
    return table.fillna(dict.fromkeys(texts, ""))
