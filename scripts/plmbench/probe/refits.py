"""Refits: settings chosen and a probe fit again on redrawn training and validation rows.

Each redraw is fit on every layer, and tested on the same test subset as the plain fit. The layer is
chosen where all seeds of an ablation are at hand, in `compare`; a table of scores is all it needs.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plmbench.core.errors import about
from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.probe.examples import Labelled
from plmbench.probe.layerwise import (
    Features,
    Fits,
    Probe,
    folds_of,
    layers_to_fit,
    measure_all,
)
from plmbench.probe.plans import Plan, can_be_fit, drawn, pairs_of, require_two_targets
from plmbench.probe.problems import Labels, Problem, Tested, problems_of
from plmbench.probe.redraws import redraw
from plmbench.probe.scores import JOB, NUMBER, Row, write_rows
from plmbench.probe.selection import Fitted
from plmbench.store.embeddings import Embeddings

COLUMNS = [*JOB, "refit", *NUMBER]


class Refit(NamedTuple):
    """One redraw: its number, from 1, and the Plan of what is learned from and chosen on."""

    number: int
    plan: Plan


class Fit(NamedTuple):
    """A redraw that has been fit under one probe seed."""

    refit: Refit
    seed: int
    fitted: Fitted


class Taken:
    """Rows of a layer in memory, to be taken as from Features."""

    def __init__(self, features: Features, rows: np.ndarray) -> None:
        """Read these rows int64 [row] of the layer, once; several may be the same."""
        self.rows = np.unique(rows)
        self.X = features.take(self.rows)[0]  # [row, feature]

    def take(self, *wanted: np.ndarray) -> list[np.ndarray]:
        """Return features float32 [row, feature] of several lists of rows."""
        return [self.X[np.searchsorted(self.rows, rows)] for rows in wanted]


def repeated(examples: Labelled, subset: str, times: np.ndarray) -> np.ndarray:
    """Return the positions of a subset's examples, each as often as it was drawn, in order."""
    positions = np.flatnonzero(examples.subset == subset)
    return np.repeat(positions, times[positions])


def plan_of_redraw(
    examples: Labelled, times: np.ndarray, most: int, target: Target, seed: int
) -> Plan:
    """Return the Plan of the examples of train and validation, drawn so often, int [example].

    At most `most` are learned from, drawn by `seed`, and as many chosen on. With each once, and
    seed 0, it is that of `plan_of`. Raises InputError where there is nothing to learn.
    """
    train = drawn(repeated(examples, "train", times), most, seed)
    require_two_targets(examples, train, target)
    validation = repeated(examples, "validation", times)
    if (examples.subset == "validation").any():
        return Plan(train, [(train, drawn(validation, most, seed))], validation)
    pairs = [pair for pair in pairs_of(examples, train) if can_be_fit(examples, pair)]
    return Plan(train, pairs, validation)


def refits_of(
    problem: Problem, dropped: set[str], count: int, probe: Probe, task: str
) -> list[Refit]:
    """Return so many Refits of a task; dropped: ids that the embedding file left out."""
    labels = problem.labels
    ids = labels["id"][~labels["id"].isin(dropped)].unique()  # [unit]
    most, refits = probe.max_examples or len(labels), []
    for number in range(1, count + 1):
        drawn_ids = redraw(labels, task, number)
        times = np.array([drawn_ids.get(name, 0) for name in ids])[problem.examples.unit]
        with about(f"refit {number} of {count}"):
            plan = plan_of_redraw(problem.examples, times, most, problem.target, number)
        refits.append(Refit(number, plan))
    return refits


def fits_of_layer(
    features: Features, problem: Problem, refits: Sequence[Refit], fits: Fits
) -> list[Fit]:
    """Return every redraw fit on one layer under every seed, with one read of the layer."""
    examples = problem.examples
    learned = [np.concatenate([r.plan.train, *(held for _, held in r.plan.pairs)]) for r in refits]
    taken = Taken(features, examples.rows[np.concatenate(learned)])
    return [
        Fit(refit, seed, fit(folds))
        for refit in refits
        for folds in [folds_of(taken.take, examples, refit.plan)]
        for seed, fit in fits.items()
    ]


def chosen_on_a_sample(fit: Fit) -> bool:
    """Tell whether a fit has validation examples that it can be scored on, and has not seen."""
    plan = fit.refit.plan
    held = sum(len(positions) for _, positions in plan.pairs)
    return len(plan.validation) > held and not fit.fitted.learned_from_held_out


def predictions_of(
    features: Features, problem: Problem, fits: Sequence[Fit], rows: np.ndarray
) -> np.ndarray:
    """Return the predictions of all fits on some rows of the layer, [row, fit(, class)], with one
    more read of these."""

    def predict(block: np.ndarray) -> np.ndarray:
        return np.stack([fit.fitted.predict(block) for fit in fits], axis=1)

    return features.predicted(predict, rows, problem.target)


def rows_of_fit(
    fit: Fit, problem: Problem, tested: Tested, on_test: np.ndarray, on_validation: np.ndarray
) -> Iterator[Row]:
    """Yield the score rows of one fit on validation (or held-out folds) and test.

    on_test, on_validation: its predictions [example] or [example, class] on the test set, and on
    the plan's validation where it is scored on that.
    """
    y, plan, target = problem.examples.y, fit.refit.plan, problem.target
    held, found = [positions for _, positions in plan.pairs], fit.fitted.held_out
    if chosen_on_a_sample(fit):
        held, found = [plan.validation], [on_validation]
    if held:
        yield from measure_all("validation", [y[part] for part in held], found, target)
    yield from measure_all("test", [tested.test.y_true], [on_test], tested.test.target)


def refit_layer(
    features: Features, problem: Problem, refits: Sequence[Refit], fits: Fits
) -> Iterator[Row]:
    """Yield the score rows of every redraw, seed and test set on one layer."""
    found = fits_of_layer(features, problem, refits, fits)
    scored = [fit.refit.plan.validation for fit in found if chosen_on_a_sample(fit)]
    validation = np.unique(np.concatenate([problem.plan.train[:0], *scored]))
    for name, tested in problem.tests.items():
        rows = np.concatenate([tested.rows, problem.examples.rows[validation]])
        values = predictions_of(features, problem, found, rows)
        on_test, on_validation = np.split(values, [len(tested.rows)])
        for place, fit in enumerate(found):
            own = np.searchsorted(validation, fit.refit.plan.validation)
            own = own if chosen_on_a_sample(fit) else own[:0]
            names: Row = {"refit": fit.refit.number, "set": name, "seed": fit.seed}
            facts = fit, problem, tested, on_test[:, place], on_validation[own, place]
            yield from ({**names, **row} for row in rows_of_fit(*facts))


def refit_layers(
    embeddings: Embeddings,
    labels: Labels,
    probe: Probe,
    count: int,
    task: str = "this task",
) -> Iterator[Row]:
    """Yield a score row for every refit, pooling, layer, seed, metric, and validation and test of
    every test set.

    Redraws are those of the task, whatever the embeddings and the probe.
    """
    problems = problems_of(embeddings, labels, probe, task)
    redrawn = [refits_of(each, embeddings.dropped, count, probe, task) for each in problems]
    for pooling in embeddings.poolings:
        for layer in layers_to_fit(embeddings, pooling, probe.common.layers):
            for problem, refits in zip(problems, redrawn, strict=True):
                features = Features(embeddings, pooling, layer, probe.device)
                for row in refit_layer(features, problem, refits, probe.fits(problem.target)):
                    yield {"pooling": pooling, "layer": layer, **row}
            log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.num_layers - 1)


def write_refits(path: Path | str, rows: Iterable[Row], **job: str) -> None:
    """Write the rows of one job as TSV; NaN is written as `NaN`."""
    write_rows(path, rows, COLUMNS, **job)
