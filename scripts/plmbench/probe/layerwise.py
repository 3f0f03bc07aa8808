"""Every layer of an embedding file through one probe: scores, and the predictions on test.

Every choice is made on validation, or by cross-validation within train where the task has none; the
test subset is read once, with the choice made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.layers import LayerChoice, chosen_layers
from plmbench.core.logs import log
from plmbench.core.metrics import Target, measured, metrics_of, primary_metric
from plmbench.core.poolings import POOLINGS
from plmbench.core.task_types import RESIDUE_CLASSIFICATION
from plmbench.probe.arrays import Array, on_device
from plmbench.probe.examples import Labelled
from plmbench.probe.layer_residues import LayerResidues
from plmbench.probe.places import BLOCK, Places, Rows
from plmbench.probe.plans import Plan
from plmbench.probe.predictions import new_predictions
from plmbench.probe.probe_type import CommonSettings, ProbeType
from plmbench.probe.problems import Labels, Problem, problems_of, tests_of
from plmbench.probe.scores import Row
from plmbench.probe.selection import Examples, Fitted, Folds
from plmbench.probe.types import probe_type as probe_type_named
from plmbench.store.embeddings import Embeddings

Fits = Mapping[int, Callable[[Folds], Fitted]]  # by probe seed
Take = Callable[..., list[Array]]  # several int [row] -> their features [row, feature]


@dataclass(frozen=True)
class Probe:
    """One probe on the tasks of one type: its type and settings, and by what it chooses."""

    task_type: str
    type: ProbeType
    common: CommonSettings
    settings: Any  # of the type
    permute_labels: bool = False  # a control: there is nothing to learn
    device: Any = None  # of torch; None: the CPU, without torch for what needs none

    def fits(self, target: Target, **source: Any) -> Fits:
        """Return {seed: function of Folds that returns what is Fitted}; source: see ProbeType."""
        select = self.common.select or primary_metric(self.task_type)
        fit = partial(self.type.fit, target=target, settings=self.settings, select=select, **source)
        return {seed: partial(fit, seed=seed) for seed in self.common.seeds}

    @property
    def max_examples(self) -> int | None:
        """Return how many examples a fit may see at most; None for all."""
        return self.common.max_residues if self.task_type == RESIDUE_CLASSIFICATION else None


def probe_from(
    declared: ProbeType, task_type: str, settings: Mapping[str, Any], permute_labels: bool = False
) -> Probe:
    """Return the Probe of a declared type; settings: common ones and those of its type together."""
    names = {field.name for field in fields(CommonSettings)}
    common = CommonSettings(**{name: settings[name] for name in names & set(settings)})
    own = {name: value for name, value in settings.items() if name not in names}
    return Probe(task_type, declared, common, declared.settings(**own), permute_labels)


def probe_of(
    *, task_type: str, probe_type: str, permute_labels: bool = False, **settings: Any
) -> Probe:
    """Return the Probe of a catalogue's entry."""
    return probe_from(probe_type_named(probe_type), task_type, settings, permute_labels)


class Features(Rows):
    """One layer's rows, of sequences or of residues, read from the file block by block: memory
    holds what a probe is shown at once and a block, never the layer beside them."""

    def __init__(
        self, embeddings: Embeddings, pooling: str, layer: int, device: Any = None
    ) -> None:
        """device: of torch, where features go once they are read."""
        self.device = device
        self.read = partial(embeddings.part, pooling, layer)
        self.checked = partial(embeddings.blocks, pooling, layer)

    def blocks(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, Array]]:
        """Yield positions in `rows` and their features float32 [position, feature], in the order
        of the file."""
        order = np.argsort(rows, kind="stable")
        bounds = np.searchsorted(rows[order], np.arange(0, rows.max() + BLOCK + 1, BLOCK))
        for start, stop in pairwise(bounds):
            if stop > start:
                part = order[start:stop]
                first, last = rows[part[0]], rows[part[-1]]
                block = self.read(first, last + 1)  # [row, feature]
                own = block[rows[part] - first].astype(np.float32, copy=False)
                yield part, on_device(own, self.device)

    def take(self, *wanted: np.ndarray) -> list[Array]:
        """Return features float32 [row, feature] of several lists of rows, in one read of the layer
        that checks it, too."""
        orders = [np.argsort(rows, kind="stable") for rows in wanted]
        taken: list[np.ndarray] = []
        for start, block in self.checked():
            taken = taken or [np.empty((len(r), block.shape[1]), np.float32) for r in wanted]
            for rows, order, features in zip(wanted, orders, taken, strict=True):
                bounds = np.searchsorted(rows, [start, start + len(block)], sorter=order)
                part = order[slice(*bounds)]
                features[part] = block[rows[part] - start]
        return [on_device(features, self.device) for features in taken]


def folds_of(take: Take, examples: Labelled, plan: Plan) -> Folds:
    """Return the Folds of a layer, whose rows `take` returns: what a probe may see."""
    y, held = examples.y[plan.train], plan.pairs[0][1] if len(plan.validation) else plan.train[:0]
    X, held_out = take(examples.rows[plan.train], examples.rows[held])
    train = Examples(X, y)
    if len(plan.validation):
        return Folds(train, [(train, Examples(held_out, examples.y[held]))])

    def part(positions: np.ndarray) -> Examples:
        places = np.searchsorted(plan.train, positions)
        return Examples(X[places], y[places])

    return Folds(train, [(part(fitted), part(held)) for fitted, held in plan.pairs])


def measure_all(
    subset: str, y_trues: Sequence[np.ndarray], predictions: Sequence[np.ndarray], target: Target
) -> Iterator[Row]:
    """Yield one row per metric: its mean over parts (of cross-validation; else there is one)."""
    for metric in metrics_of(target.task_type):
        measurements = [
            measured(metric, y_true, prediction, target)
            for y_true, prediction in zip(y_trues, predictions, strict=True)
        ]
        reasons = [reason for _, reason in measurements if reason]
        yield {
            "subset": subset,
            "n": sum(map(len, y_trues)),
            "metric": metric,
            "value": float(np.mean([value for value, _ in measurements])),
            "reason": reasons[0] if reasons else "",
        }


def held_out_of(
    fitted: Fitted, folds: Folds, features: Rows, problem: Problem
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return what a fit is judged by where layers are chosen: truth and predictions [part]."""
    examples, validation = problem.examples, problem.plan.validation
    y_trues = [part.y for _, part in folds.pairs]
    # Chosen on a sample, scored on all.
    if len(validation) > sum(map(len, y_trues)) and not fitted.learned_from_held_out:
        rows = examples.rows[validation]
        return [examples.y[validation]], [features.predicted(fitted.predict, rows, problem.target)]
    return y_trues, fitted.held_out


def score_fit(fitted: Fitted, folds: Folds, features: Rows, problem: Problem) -> Iterator[Row]:
    """Yield rows of validation (or of the held-out folds) and train, for one fit."""
    n = sum(len(part.y) for _, part in folds.pairs)
    for name, value in fitted.choices.items():
        yield {"subset": "validation", "n": n, "metric": name, "value": value, "reason": ""}
    y_trues, predictions = held_out_of(fitted, folds, features, problem)
    if y_trues:
        yield from measure_all("validation", y_trues, predictions, problem.target)
    rows = problem.examples.rows[problem.plan.train]
    on_train = features.predicted(fitted.predict, rows, problem.target)
    yield from measure_all("train", [folds.train.y], [on_train], problem.target)


def score_layer(
    features: Rows, problem: Problem, fits: Fits
) -> tuple[list[Row], dict[str, np.ndarray]]:
    """Return the score rows of one layer, and {test set: predictions [seed, ...]}. Each set has
    rows of its own for what was learned, too."""
    folds = folds_of(features.take, problem.examples, problem.plan)
    rows: list[Row] = []
    predictions: dict[str, list[np.ndarray]] = {name: [] for name in problem.tests}
    for seed, fit in fits.items():
        fitted = fit(folds)
        learned = list(score_fit(fitted, folds, features, problem))
        for name, (test, test_rows) in problem.tests.items():
            found = features.predicted(fitted.predict, test_rows, problem.target)
            predictions[name].append(found)
            tested = measure_all("test", [test.y_true], [found], test.target)
            rows += [{"set": name, "seed": seed, **row} for row in (*learned, *tested)]
    return rows, {name: np.stack(found) for name, found in predictions.items()}


def layers_to_fit(embeddings: Embeddings, pooling: str, choice: LayerChoice) -> list[int]:
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


def poolings_to_fit(embeddings: Embeddings, probe: Probe) -> list[str]:
    """Return the poolings whose rows a probe takes: residues, or one vector per sequence."""
    residues = probe.type.per_residue or probe.task_type == RESIDUE_CLASSIFICATION
    return [name for name in embeddings.poolings if POOLINGS[name].per_residue == residues]


def features_and_fits(
    embeddings: Embeddings, pooling: str, layer: int, probe: Probe, target: Target
) -> tuple[Rows, Fits]:
    """Return a layer's features and the fits on them."""
    if probe.type.per_residue:
        source = LayerResidues(embeddings, layer, probe.device or "cpu")
        return Places(), probe.fits(target, source=source)
    return Features(embeddings, pooling, layer, probe.device), probe.fits(target)


def score_layers(
    embeddings: Embeddings,
    labels: Labels,
    output: Path | str,
    probe: Probe,
    task: str = "this task",
) -> Iterator[Row]:
    """Yield a score row for every pooling, layer, seed, subset and metric of an embedding file, and
    of every test set, and write the predictions on test to the HDF5 file `output`.

    Features are read layer by layer. An undefined metric is NaN, with its reason.
    """
    problems = problems_of(embeddings, labels, probe, task)
    with new_predictions(output, tests_of(problems)) as write:
        for pooling in poolings_to_fit(embeddings, probe):
            for layer in layers_to_fit(embeddings, pooling, probe.common.layers):
                for problem in problems:
                    facts = embeddings, pooling, layer, probe, problem.target
                    features, fits = features_and_fits(*facts)
                    rows, predictions = score_layer(features, problem, fits)
                    yield from ({"pooling": pooling, "layer": layer, **row} for row in rows)
                    write(pooling, layer, predictions)
                log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.num_layers - 1)
