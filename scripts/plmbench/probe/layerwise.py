"""Every layer of an embedding file through one probe: scores, and the predictions on test.

Every choice is made on validation, or by cross-validation within train where the task has none; the
test subset is read once, with the choice made.
"""

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.layers import chosen_layers
from plmbench.core.logs import log
from plmbench.core.metrics import METRICS, Target, measured
from plmbench.probe.examples import LABELLED, Labelled, Plan, plan_of, shuffled, without_test
from plmbench.probe.predictions import TestSet, new_predictions, test_set_of
from plmbench.probe.selection import Examples, Folds
from plmbench.probe.types import PROBES

BLOCK = 1 << 14  # rows of a layer that are read, and predicted, at a time


class Features:
    """One layer's rows, of sequences or of residues, read from the file block by block: memory
    holds what a probe is shown at once and a block, never the layer beside them."""

    def __init__(self, embeddings, pooling, layer):
        self.read = partial(embeddings.part, pooling, layer)

    def blocks(self, rows):
        """Yield positions in `rows` and their features float32 [position, feature], in the order
        of the file."""
        order = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[order], np.arange(0, rows.max() + BLOCK + 1, BLOCK))
        for start, stop in pairwise(bounds):
            if stop > start:
                part = order[start:stop]
                first, last = rows[part[0]], rows[part[-1]]
                block = self.read(first, last + 1)
                yield part, block[rows[part] - first].astype(np.float32, copy=False)

    def filled(self, rows, values_of):
        """Return float32 [row, ...] in the order of `rows`: what `values_of` makes of blocks."""
        values = None
        for part, block in self.blocks(rows):
            found = values_of(block)
            if values is None:
                values = np.empty((len(rows), *found.shape[1:]), np.float32)
            values[part] = found
        return values

    def take(self, rows):
        """Return features float32 [row, feature]."""
        return self.filled(rows, lambda block: block)

    def predicted(self, predict, rows):
        """Return predictions float32 [row] or [row, class], as they are kept."""
        return self.filled(rows, predict)


class Problem(NamedTuple):
    """What is asked of every layer."""

    target: Target  # as a choice may know it
    examples: Labelled
    plan: Plan
    test: TestSet
    tested: np.ndarray  # positions in `examples` of what `test` holds
    refit: bool  # whether a fit learns anew from what it was chosen on


def folds_of(features, examples, plan):
    """Return the Folds of a layer: what a probe may see."""
    X, y = features.take(examples.rows[plan.train]), examples.y[plan.train]
    train = Examples(X, y)
    if len(plan.validation):
        where = plan.pairs[0][1]
        held_out = Examples(features.take(examples.rows[where]), examples.y[where])
        return Folds(train, [(train, held_out)])
    places = [[np.searchsorted(plan.train, where) for where in pair] for pair in plan.pairs]
    return Folds(train, [tuple(Examples(X[part], y[part]) for part in pair) for pair in places])


def measure_all(subset, y_trues, predictions, target):
    """Yield a row a metric: its mean over parts (of cross-validation; else there is one)."""
    for metric in METRICS[target.task_type]:
        found = [
            measured(metric, y_true, prediction, target)
            for y_true, prediction in zip(y_trues, predictions, strict=True)
        ]
        values, reasons = [value for value, _ in found], [text for _, text in found if text]
        yield {
            "subset": subset,
            "n": sum(map(len, y_trues)),
            "metric": metric,
            "value": float(np.mean(values)),
            "reason": reasons[0] if reasons else "",
        }


def score_fit(fitted, folds, features, problem):
    """Yield rows of validation (or of the held-out folds) and train, for one fit."""
    examples, validation = problem.examples, problem.plan.validation
    y_trues, predictions = [part.y for _, part in folds.pairs], fitted.held_out
    n = sum(map(len, y_trues))
    for name, value in fitted.choices.items():
        yield {"subset": "validation", "n": n, "metric": name, "value": value, "reason": ""}
    if len(validation) > n and not problem.refit:  # chosen on a sample, scored on all
        y_trues = [examples.y[validation]]
        predictions = [features.predicted(fitted.predict, examples.rows[validation])]
    if y_trues:
        yield from measure_all("validation", y_trues, predictions, problem.target)
    found = features.predicted(fitted.predict, examples.rows[problem.plan.train])
    yield from measure_all("train", [folds.train.y], [found], problem.target)


def score_layer(features, problem, fits):
    """Return the score rows of one layer, and its predictions on test float32 [seed, ...].

    fits: {seed: function of Folds that returns what is Fitted}.
    """
    folds, rows, predictions = folds_of(features, problem.examples, problem.plan), [], []
    for seed, fit in fits.items():
        fitted = fit(folds)
        rows_of_test = problem.examples.rows[problem.tested]
        predictions.append(features.predicted(fitted.predict, rows_of_test))
        y_true = [problem.test.y_true]
        found = [
            *score_fit(fitted, folds, features, problem),
            *measure_all("test", y_true, predictions[-1:], problem.test.target),
        ]
        rows += [{"seed": seed} | row for row in found]
    return rows, np.stack(predictions)


def layers_to_fit(embeddings, pooling, choice):
    """Return the layers that are stored under a pooling and that the probe's `layers` chooses.

    Raises InputError where there are none.
    """
    stored = embeddings.layers_of(pooling)
    wanted = set(chosen_layers(choice, embeddings.num_layers))
    if not wanted & set(stored):
        raise InputError(
            f"the probe's layers {choice} are none of those stored, {stored}; "
            "mend layers in config/probes.yaml or config/config.yaml"
        )
    return [layer for layer in stored if layer in wanted]


def problem_of(embeddings, labels, task_type, max_residues, permute_labels, refit):
    """Return the Problem of a task's labels and an embedding file; see `score_layers`."""
    target, examples = LABELLED[task_type](labels, embeddings, task_type)
    test, where = test_set_of(examples, target)
    plan = plan_of(examples, max_residues if task_type == "residue_classification" else len(labels))
    target, examples = (
        without_test(target, examples),
        shuffled(examples) if permute_labels else examples,
    )
    log.info(
        "learning from %d examples, choosing on %d in %d part(s), testing on %d",
        len(plan.train),
        sum(len(held_out) for _, held_out in plan.pairs),
        len(plan.pairs),
        len(where),
    )
    return Problem(target, examples, plan, test, where, refit)


def score_layers(
    embeddings,
    labels,
    output,
    *,
    task_type,
    probe_type,
    select,
    seeds=(0,),
    layers="all",
    max_residues=100_000,
    permute_labels=False,
    **settings,
):
    """Yield a score row for every pooling, layer, seed, subset and metric of an embedding file, and
    write the predictions on test to the HDF5 file `output`.

    task_type, probe_type: of the data set and of the probe; settings: the probe's own.
    Features are read layer by layer. An undefined metric is NaN, with its reason.
    """
    refit = settings.get("refit", False)
    problem = problem_of(embeddings, labels, task_type, max_residues, permute_labels, refit)
    shared = {"target": problem.target, "select": select, **settings}
    fits = {seed: partial(PROBES[probe_type], seed=seed, **shared) for seed in seeds}
    with new_predictions(output, problem.test) as write:
        for pooling in embeddings.poolings:
            for layer in layers_to_fit(embeddings, pooling, layers):
                embeddings.check(pooling, layer)
                features = Features(embeddings, pooling, layer)
                rows, predictions = score_layer(features, problem, fits)
                yield from ({"pooling": pooling, "layer": layer} | row for row in rows)
                write(pooling, layer, predictions)
                log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.num_layers - 1)
