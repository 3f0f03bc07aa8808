"""What every probe shares: the examples it may see, what it returns, and how a choice is made.

A choice is made on held-out parts of the training data (or the validation subset) and never sees
the test subset, which no probe is given.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import Target, better_first, measured
from plmbench.probe.arrays import Array


class Examples(NamedTuple):
    """Features X [example, feature] and targets y [example], numbers or codes of classes."""

    X: Array
    y: np.ndarray


class Folds(NamedTuple):
    """All training examples, and the pairs (fit on, held out) that choices are made on.

    With a validation subset the only pair is (train, validation). Without one the pairs are parts
    of train. No pairs: there is nothing to choose on.
    """

    train: Examples
    pairs: list[tuple[Examples, Examples]]

    @property
    def validation(self) -> Examples | None:
        """Return the validation subset; None where choices are made on parts of train."""
        if len(self.pairs) == 1 and self.pairs[0][0] is self.train:
            return self.pairs[0][1]
        return None


class Fitted(NamedTuple):
    """A probe that has been fit.

    predict takes features [example, feature] and returns [example] for a number, [example, class]
    for classes, numpy's. `choices` are the hyperparameters taken, by name. `held_out` has, for
    every pair, the predictions on its held-out part by a fit on its other part with these choices.
    `learned_from_held_out`: the fit that predicts has since seen the held-out part too.
    """

    predict: Callable[[Array], np.ndarray]
    choices: dict[str, float]
    held_out: list[np.ndarray]
    learned_from_held_out: bool = False


def value_of(select: str, held_out: Examples, prediction: np.ndarray, target: Target) -> float:
    """Return a metric of predictions on held-out examples; NaN where it is undefined.

    Examples of a class that the fit has never seen say nothing of a choice and are left out: such a
    class has probability 0 throughout, and the loss of every candidate would be infinite.
    """
    y = held_out.y
    if target.classes:
        known = np.any(prediction, axis=0)[y]  # [example]
        y, prediction = y[known], prediction[known]
    return measured(select, y, prediction, target)[0] if len(y) else np.nan


def mean_over_pairs(values: Sequence[Sequence[float]] | np.ndarray) -> np.ndarray:
    """Return [candidate] from metric values [pair, candidate].

    A pair that defines the metric for no candidate (all its targets are equal, say) does not count.
    In the others a candidate must be defined to have a mean, else it would win by its easier pairs.
    """
    table = np.asarray(values, np.float64)  # [pair, candidate]
    counted = table[~np.isnan(table).all(axis=1)]
    return counted.mean(0) if len(counted) else np.full(table.shape[1], np.nan)


def first_best(values: Sequence[float] | np.ndarray, metric: str) -> int | None:
    """Return the index of the best of metric values [candidate], ties to the first; None if all
    are undefined."""
    signed = better_first(metric) * np.asarray(values, np.float64)  # larger is better
    return None if np.isnan(signed).all() else int(np.nanargmax(signed))


def chosen_index(values: Sequence[float] | np.ndarray, metric: str) -> int:
    """Return `first_best`, and the first where no candidate is defined; the log says so."""
    best = first_best(values, metric)
    if best is None:
        log.warning(
            "%s is undefined on held-out examples for all %d candidates: the first is taken",
            metric,
            len(values),
        )
    return best or 0


def chosen_among(
    held_out: Sequence[Sequence[np.ndarray]], folds: Folds, select: str, target: Target
) -> int:
    """Return the index of the best candidate from predictions [pair][candidate] on held-out parts,
    by the mean over pairs of the metric `select`."""
    values = [
        [value_of(select, part, prediction, target) for prediction in predictions]
        for (_, part), predictions in zip(folds.pairs, held_out, strict=True)
    ]
    return chosen_index(mean_over_pairs(values), select)


def require_pairs(folds: Folds, candidates: int, name: str) -> None:
    """Raise InputError where there are several candidates and nothing to choose on."""
    if candidates > 1 and not folds.pairs:
        raise InputError(
            f"nothing to choose {name} on, among {candidates}: no validation rows, and no folds of "
            f"train, which has {len(folds.train.y):,} example(s); give the table more training "
            "rows (of each class) or a column validation, set validation: {folds: 5} in the data "
            f"set's entry, or give the probe a single {name}"
        )
