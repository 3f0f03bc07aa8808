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
from plmbench.core.test_sets import Place
from plmbench.probe.description_length import code_bits
from plmbench.probe.examples import Labelled, present
from plmbench.probe.layerwise import (
    Features,
    Fits,
    Probe,
    folds_of,
    held_out_of,
    layers_to_fit,
)
from plmbench.probe.nested_subsets import Subset, nested_subsets, usable
from plmbench.probe.places import predicted_on
from plmbench.probe.plans import Plan, can_be_fit, pairs_of
from plmbench.probe.predictions import new_predictions
from plmbench.probe.problems import Labels, Problem, problems_of, tests_of
from plmbench.probe.scores import JOB, rows_at, write_rows
from plmbench.probe.selection import Examples, Folds
from plmbench.store.embeddings import Embeddings

CURVE_COLUMNS = ["pooling", "fit", "size", "draw", "layer", "seed", "chosen", "labels", "held_out"]
CURVE_COLUMNS += ["metric", "validation", "test", "reason", "bits", "coded", "bits_reason"]
NONE = -1  # no fit, no draw, no layer: a size that was left out
Row = dict[str, Any]


class FitRow(NamedTuple):
    """A row of a fit without its test, and by the name of each test set what the row has of that,
    and the predictions on it."""

    row: Row
    tested: dict[str, Row]
    predictions: dict[str, np.ndarray]


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
) -> Iterator[FitRow]:
    """Yield a FitRow for one layer, each fit and each probe seed."""
    examples, whole = problem.examples, problem.plan
    folds = folds_of(features.take, examples, whole)
    blocks = {name: list(features.blocks(own.rows)) for name, own in problem.tests.items()}
    for number, fit in enumerate(fits):
        part = part_of_folds(folds, whole, fit.plan)
        own = problem._replace(plan=fit.plan)
        coded = np.searchsorted(whole.train, fit.added)
        for seed, probe in probes.items():
            fitted = probe(part)
            held_out = held_out_of(fitted, part, features, own)
            tested, predictions = {}, {}
            for name, (test, rows) in problem.tests.items():
                facts = blocks[name], fitted.predict, len(rows), problem.target
                predictions[name] = predicted_on(*facts)
                value, why = measured(metric, test.y_true, predictions[name], test.target)
                tested[name] = {"test": value, "reason": why}
            validation = mean_measured(metric, *held_out, problem.target)
            code = folds.train.y[coded], fitted.predict(folds.train.X[coded])
            bits, why = code_bits(*code, problem.target, len(part.train.y))
            row = {"fit": number, "size": fit.size, "draw": fit.draw, "seed": seed}
            row |= {"labels": len(part.train.y), "held_out": sum(map(len, held_out[0]))}
            row |= {"metric": metric, "validation": validation}
            row |= {"bits": bits, "coded": len(coded), "bits_reason": why}
            yield FitRow(row, tested, predictions)


class Chosen:
    """Of each fit of one pooling the layer with the best mean on validation over probe seeds, the
    first one of equals, and its predictions on each test set."""

    def __init__(self, metric: str) -> None:
        self.order = better_first(metric)
        self.best: dict[int, tuple[float, int, dict[str, np.ndarray]]] = {}  # value, layer, ...

    def see(self, layer: int, found: Sequence[FitRow]) -> None:
        """Take note of one layer's rows and predictions."""
        for fit in dict.fromkeys(each.row["fit"] for each in found):
            own = [each for each in found if each.row["fit"] == fit]
            value = self.order * np.mean([each.row["validation"] for each in own])
            if not np.isnan(value) and (fit not in self.best or value > self.best[fit][0]):
                kept = {n: np.stack([e.predictions[n] for e in own]) for n in own[0].predictions}
                self.best[fit] = value, layer, kept  # [seed, ...]

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
        found = list(fit_rows(features, problem, fits, probes, metric))
        chosen.see(layer, found)
        rows += [
            {"pooling": pooling, "layer": layer, "set": name, **each.row, **tested}
            for each in found
            for name, tested in each.tested.items()
        ]
        log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.num_layers - 1)
    return [row | {"chosen": int(chosen.layer(row["fit"]) == row["layer"])} for row in rows], chosen


def fits_by_draws(
    problem: Problem, embeddings: Embeddings, probe: Probe, task: str, curve: Mapping[str, Any]
) -> tuple[list[Fit], Mapping[str, str]]:
    """Return the Fits of a problem, and {size: why it is left out}."""
    labels = problem.labels
    subsets = nested_subsets(labels, probe.task_type, **curve)
    subsets, left_out = usable(labels, probe.task_type, subsets)
    for reason in left_out.values():
        log.warning("%s: left out of the learning curve: %s", task, reason)
    ids = pd.unique(present(labels, embeddings)["id"]).astype(str)
    return fits_of(problem, ids, subsets), left_out


def fit_curves(
    embeddings: Embeddings,
    labels: Labels,
    output: Path | str,
    probe: Probe,
    metric: str,
    task: str = "this task",
    **curve: Any,
) -> list[Row]:
    """Return a row of CURVE_COLUMNS per pooling, layer, fit, probe seed and test set, and write the
    predictions on test of each fit's chosen layer to the HDF5 file `output`, under the number of
    the fit where files of predictions have a layer.

    metric: by which layers are chosen; curve: `sizes`, `draws`, `validation`, `families`.
    """
    problems, rows = problems_of(embeddings, labels, probe, task), []
    planned = [fits_by_draws(each, embeddings, probe, task, curve) for each in problems]
    with new_predictions(output, tests_of(problems)) as write:
        for pooling in embeddings.poolings:
            for problem, (fits, left_out) in zip(problems, planned, strict=True):
                own, chosen = pooling_rows(embeddings, pooling, problem, fits, probe, metric)
                rows += own + [
                    {"pooling": pooling, "set": name, **row}
                    for name in problem.tests
                    for row in rows_left_out(left_out, metric)
                ]
                for fit, (_, _, predictions) in chosen.best.items():
                    write(pooling, fit, predictions)
    return rows


def write_curves(path: Path | str, rows: Sequence[Row], **job: str) -> None:
    """Write the rows of one job as TSV; NaN is written as `NaN`."""
    write_rows(path, rows, [*JOB, *CURVE_COLUMNS], **job)


def read_curves(path: Place) -> pd.DataFrame:
    """Return a table of `write_curves`."""
    text = dict.fromkeys([*JOB, "pooling", "size", "reason", "bits_reason"], str)
    undefined = {name: ["NaN"] for name in ("validation", "test", "bits")}
    return rows_at(path, dtype=text, na_values=undefined)
