"""Learning curves: one probe on nested subsets of a task's labels, on every layer of an embedding
file, and the predictions on test of the layer that each subset's validation chooses.

Each layer is read once for all sizes and draws. At size 1 all is as the rule `probe` does it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target, better_first, measured
from plmbench.probe.description_length import code_bits
from plmbench.probe.examples import Labelled, present
from plmbench.probe.layerwise import (
    Features,
    Fits,
    Probe,
    Problem,
    folds_of,
    held_out_of,
    layers_to_fit,
    problem_of,
)
from plmbench.probe.nested_subsets import Subset, nested_subsets, usable
from plmbench.probe.places import predicted_on
from plmbench.probe.plans import Plan, can_be_fit, pairs_of
from plmbench.probe.predictions import new_predictions
from plmbench.probe.scores import JOB
from plmbench.probe.selection import Examples, Folds
from plmbench.store.embeddings import Embeddings

CURVE_COLUMNS = ["pooling", "fit", "size", "draw", "layer", "seed", "chosen", "labels", "held_out"]
CURVE_COLUMNS += ["metric", "validation", "test", "reason", "bits", "coded", "bits_reason"]
NONE = -1  # no fit, no draw, no layer: a size that was left out
Row = dict[str, Any]


class Fit(NamedTuple):
    """A Subset as positions in Labelled: what is learned from and chosen on, and what the larger
    one of the same draw adds, which is coded."""

    size: str
    draw: int
    plan: Plan
    added: np.ndarray


def part_of_plan(examples: Labelled, plan: Plan, ids: np.ndarray, subset: Subset) -> Plan:
    """Return the part of a Plan that a Subset holds; ids: text [unit].

    It is chosen and scored on the same examples, where a whole task may be chosen on a sample.
    """
    owner = ids[examples.unit]  # [example]
    train = plan.train[np.isin(owner[plan.train], list(subset.train))]
    if len(plan.validation):
        held = plan.pairs[0][1]
        held = held[np.isin(owner[held], list(subset.validation))]
        pairs, enough = [(train, held)], len(held) > 0
    else:
        pairs = [pair for pair in pairs_of(examples, train) if can_be_fit(examples, pair)]
        held, enough = train[:0], bool(pairs)
    if not enough or len(np.unique(examples.y[train])) < 2:
        raise InputError(
            f"learning_curve: size {subset.size}, draw {subset.draw}: {len(train):,} example(s) "
            "are left to learn from, and too few to choose on; give larger sizes, or leave this "
            "task out of learning_curve: tasks"
        )
    return Plan(train, pairs, held)


def fits_of(problem: Problem, ids: np.ndarray, subsets: Sequence[Subset]) -> list[Fit]:
    """Return a Fit per Subset, these by rising size; ids: text [unit]."""
    examples, whole = problem.examples, problem.plan
    plans = {
        (subset.size, subset.draw): whole
        if subset.size == "1"
        else part_of_plan(examples, whole, ids, subset)
        for subset in subsets
    }
    sizes = list(dict.fromkeys(subset.size for subset in subsets))
    larger = dict(pairwise(sizes))
    fits = []
    for (size, draw), plan in plans.items():
        above = larger.get(size, size)  # all labels are drawn once
        after = plans[above, draw] if (above, draw) in plans else plans[above, 0]
        fits.append(Fit(size, draw, plan, np.setdiff1d(after.train, plan.train)))
    return fits


def part_of_folds(folds: Folds, whole: Plan, part: Plan) -> Folds:
    """Return the Folds of a part of a Plan, from those of the whole."""
    if part is whole:
        return folds

    def taken(examples: Examples, positions: np.ndarray, wanted: np.ndarray) -> Examples:
        places = np.searchsorted(positions, wanted)
        return Examples(examples.X[places], examples.y[places])

    train = taken(folds.train, whole.train, part.train)
    if len(whole.validation):
        held = taken(folds.pairs[0][1], whole.pairs[0][1], part.pairs[0][1])
        return Folds(train, [(train, held)])
    of_train = partial(taken, folds.train, whole.train)
    return Folds(train, [(of_train(fitted), of_train(held)) for fitted, held in part.pairs])


def mean_measured(
    metric: str, y_trues: Sequence[np.ndarray], predictions: Sequence[np.ndarray], target: Target
) -> float:
    """Return the mean of a metric over parts, as score tables have it."""
    pairs = zip(y_trues, predictions, strict=True)
    return float(np.mean([measured(metric, *pair, target)[0] for pair in pairs]))


def fit_rows(
    features: Features, problem: Problem, fits: Sequence[Fit], probes: Fits, metric: str
) -> Iterator[tuple[Row, np.ndarray]]:
    """Yield for one layer, each fit and each probe seed the row, and the predictions on test."""
    examples, whole = problem.examples, problem.plan
    folds = folds_of(features.take, examples, whole)
    test_rows = examples.rows[problem.test_positions]
    test = list(features.blocks(test_rows))
    for number, fit in enumerate(fits):
        part = part_of_folds(folds, whole, fit.plan)
        own = problem._replace(plan=fit.plan)
        coded = np.searchsorted(whole.train, fit.added)
        for seed, probe in probes.items():
            fitted = probe(part)
            held_out = held_out_of(fitted, part, features, own)
            prediction = predicted_on(test, fitted.predict, len(test_rows), problem.target)
            value, reason = measured(metric, problem.test.y_true, prediction, problem.test.target)
            validation = mean_measured(metric, *held_out, problem.target)
            code = folds.train.y[coded], fitted.predict(folds.train.X[coded])
            bits, why = code_bits(*code, problem.target, len(part.train.y))
            row = {"fit": number, "size": fit.size, "draw": fit.draw, "seed": seed}
            row |= {"labels": len(part.train.y), "held_out": sum(map(len, held_out[0]))}
            row |= {"metric": metric, "validation": validation, "test": value, "reason": reason}
            yield row | {"bits": bits, "coded": len(coded), "bits_reason": why}, prediction


class Chosen:
    """Of each fit of one pooling the layer with the best mean on validation over probe seeds, the
    first one of equals, and its predictions on test."""

    def __init__(self, metric: str) -> None:
        self.order = better_first(metric)
        self.best: dict[int, tuple[float, int, np.ndarray]] = {}  # value, layer, predictions

    def see(self, layer: int, rows: Sequence[Row], predictions: Sequence[np.ndarray]) -> None:
        """Take note of one layer's rows and predictions."""
        for fit in dict.fromkeys(row["fit"] for row in rows):
            own = [place for place, row in enumerate(rows) if row["fit"] == fit]
            value = self.order * np.mean([rows[place]["validation"] for place in own])
            if not np.isnan(value) and (fit not in self.best or value > self.best[fit][0]):
                kept = np.stack([predictions[place] for place in own])  # [seed, ...]
                self.best[fit] = value, layer, kept

    def layer(self, fit: int) -> int:
        """Return the layer of a fit; NONE where no layer has a value on validation."""
        return self.best[fit][1] if fit in self.best else NONE


def rows_left_out(left_out: Mapping[str, str], metric: str) -> list[Row]:
    """Return a row per size that was left out, with its reason."""
    nothing: Row = dict.fromkeys(("fit", "draw", "layer", "seed"), NONE)
    nothing |= {"chosen": 0, "labels": 0, "held_out": 0, "coded": 0, "metric": metric}
    values = dict.fromkeys(("validation", "test", "bits"), np.nan)
    return [
        nothing | values | {"size": size, "reason": reason, "bits_reason": reason}
        for size, reason in left_out.items()
    ]


def pooling_rows(
    embeddings: Embeddings,
    pooling: str,
    problem: Problem,
    fits: Sequence[Fit],
    probe: Probe,
    metric: str,
) -> tuple[list[Row], Chosen]:
    """Return the rows of every layer of a pooling, and which layers were chosen."""
    probes, chosen, rows = probe.fits(problem.target), Chosen(metric), []
    for layer in layers_to_fit(embeddings, pooling, probe.common.layers):
        features = Features(embeddings, pooling, layer, probe.device)
        own, predictions = zip(*fit_rows(features, problem, fits, probes, metric), strict=True)
        chosen.see(layer, own, predictions)
        rows += [{"pooling": pooling, "layer": layer, **row} for row in own]
        log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.num_layers - 1)
    return [row | {"chosen": int(chosen.layer(row["fit"]) == row["layer"])} for row in rows], chosen


def fit_curves(
    embeddings: Embeddings,
    labels: pd.DataFrame,
    output: Path | str,
    probe: Probe,
    metric: str,
    families: Mapping[str, str] | None = None,
    task: str = "this task",
    **curve: Any,
) -> list[Row]:
    """Return a row of CURVE_COLUMNS per pooling, layer, fit and probe seed, and write the
    predictions on test of each fit's chosen layer to the HDF5 file `output`, under the number of
    the fit where files of predictions have a layer.

    metric: by which layers are chosen; curve: `sizes`, `draws`, `validation`.
    """
    subsets = nested_subsets(labels, probe.task_type, families=families, **curve)
    subsets, left_out = usable(labels, probe.task_type, subsets)
    for reason in left_out.values():
        log.warning("%s: left out of the learning curve: %s", task, reason)
    problem = problem_of(embeddings, labels, probe, task)
    ids = pd.unique(present(labels, embeddings)["id"]).astype(str)
    fits, rows = fits_of(problem, ids, subsets), []
    with new_predictions(output, problem.test) as write:
        for pooling in embeddings.poolings:
            own, chosen = pooling_rows(embeddings, pooling, problem, fits, probe, metric)
            missing = rows_left_out(left_out, metric)
            rows += own + [{"pooling": pooling, **row} for row in missing]
            for fit, (_, _, predictions) in chosen.best.items():
                write(pooling, fit, predictions)
    return rows


def write_curves(path: Path | str, rows: Sequence[Row], **job: str) -> None:
    """Write the rows of one job as TSV; NaN is written as `NaN`."""
    table = pd.DataFrame([{**job, **row} for row in rows], columns=[*JOB, *CURVE_COLUMNS])
    table.to_csv(path, sep="\t", index=False, na_rep="NaN")


def read_curves(path: Path | str) -> pd.DataFrame:
    """Return a table of `write_curves`."""
    text = dict.fromkeys([*JOB, "pooling", "size", "reason", "bits_reason"], str)
    undefined = {name: ["NaN"] for name in ("validation", "test", "bits")}
    return pd.read_csv(path, sep="\t", dtype=text, keep_default_na=False, na_values=undefined)
