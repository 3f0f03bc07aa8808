"""The ridge probe: least squares with a penalty; classes as one target each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import sqrt

import numpy as np

from plmbench.core.errors import InputError
from plmbench.core.measures import discounted_gain, mean_squared_error
from plmbench.core.metrics import METRICS, Target
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION
from plmbench.probe.arrays import Array, names, put
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.ridge_path import Moments, RidgePath, moments_of
from plmbench.probe.selection import Examples, Fitted, Folds, chosen_among, require_pairs
from plmbench.probe.standardise import Standard


def scale_none(X: Array) -> Array:
    """Return the divisor [feature] that leaves features as they are."""
    return put(np.ones(X.shape[1]), X)


def spread(X: Array) -> Array:
    """Return the range of each feature [feature]. It tells a constant exactly, of which rounding of
    the mean leaves a deviation of some 1e-17."""
    xp = names(X)
    return xp.amax(X, 0) - xp.amin(X, 0)


def scale_standard(X: Array) -> Array:
    """Return each feature's standard deviation [feature]; 1 where it is constant."""
    return names(X).where(spread(X) > 0, Standard(X).deviations(), 1.0)


def scale_l2(X: Array) -> Array:
    """Return each centred feature's L2 norm [feature], as the published protocol divides; 1 where
    it is 0."""
    return scale_standard(X) * names(X).where(spread(X) > 0, sqrt(len(X)), 1.0)


SCALES = {"none": scale_none, "standard": scale_standard, "l2": scale_l2}


@dataclass(frozen=True)
class RidgeSettings:
    """The settings of ridge."""

    alphas: Sequence[float] = field(
        metadata={
            "description": "penalties on the squared weights to choose from",
            "min_length": 1,
            "items": {"gt": 0},
        }
    )
    scale: str = field(
        default="none",
        metadata={
            "description": "how features are scaled, by their training subset: not at all, to "
            "standard deviation 1, or to L2 norm 1",
            "choices": tuple(SCALES),
        },
    )
    refit: bool = field(
        default=False,
        metadata={"description": "fit once more on train and validation with the chosen alpha"},
    )


def one_column(y: np.ndarray, target: Target) -> np.ndarray:
    """Return numbers [example] as [example, 1]."""
    return y[:, None]


def one_against_rest(y: np.ndarray, target: Target) -> np.ndarray:
    """Return codes of classes as [example, class]: 1 for the class, -1 for the others, as
    scikit-learn's RidgeClassifier. With 0 a strong penalty would give rows that look like
    probabilities, and so a cross-entropy for some alphas only."""
    return 2 * np.eye(len(target.classes))[y] - 1


# What the columns of a fit are, and the shape predictions have for the metrics.
COLUMNS: dict[str, Callable[[np.ndarray, Target], np.ndarray]] = {
    REGRESSION: one_column,
    CLASSIFICATION: one_against_rest,
    RESIDUE_CLASSIFICATION: one_against_rest,
}
SHAPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {REGRESSION: lambda columns: columns[:, 0]}


class ScaledRidge:
    """Ridge fits for every alpha on scaled features."""

    def __init__(
        self, train: Examples, target: Target, scale: str, moments: Moments | None = None
    ) -> None:
        """moments: of the training examples, if they are known."""
        columns = COLUMNS[target.task_type](train.y, target)  # [example, column]
        self.path = RidgePath(train.X, columns, SCALES[scale](train.X), moments)
        self.shaped = SHAPES.get(target.task_type, lambda columns: columns)

    def candidates(self, X: Array, alphas: Sequence[float]) -> list[np.ndarray]:
        """Return predictions [example] or [example, class] for X by each of the alphas."""
        predictions = self.path.predict(X, alphas)  # [example, column, alpha]
        return [self.shaped(predictions[:, :, i]) for i in range(len(alphas))]

    def predict(self, X: Array, alpha: float) -> np.ndarray:
        """Return predictions for X [example] or [example, class] by one alpha."""
        return self.candidates(X, [alpha])[0]


def ndcg(y_true: np.ndarray, prediction: np.ndarray) -> float:
    """Return NDCG on raw gains, shifted to be at least 0 within the subset, as published."""
    return discounted_gain(y_true - min(y_true.min(), 0.0), prediction)


def choose_as_published(
    train: tuple[np.ndarray, list[np.ndarray]], validation: tuple[np.ndarray, list[np.ndarray]]
) -> int:
    """Return the index that the earlier study's rule takes, to show its numbers beside ours.

    In the order given, an alpha replaces the last one if it has both a lower training error and a
    higher NDCG on validation. The error compares targets in their own unit with predictions of the
    standardised target, so the choice depends on that unit. `train` and `validation` are
    (y_true [example], predictions [alpha][example]).
    """
    (y_train, train_predictions), (y_true, predictions) = train, validation
    deviation = y_train.std() or 1.0
    best, chosen = (np.inf, -np.inf), 0
    for i, (fitted, predicted) in enumerate(zip(train_predictions, predictions, strict=True)):
        standardised = (fitted - y_train.mean()) / deviation
        candidate = (mean_squared_error(y_train, standardised), ndcg(y_true, predicted))
        if candidate[0] < best[0] and candidate[1] > best[1]:
            best, chosen = candidate, i
    return chosen


def chosen_as_published(
    folds: Folds,
    fits: list[ScaledRidge],
    alphas: Sequence[float],
    held_out: list[list[np.ndarray]],
    target: Target,
) -> int:
    """Return the index of alpha by the earlier study's rule, which needs a validation subset."""
    if folds.validation is None or target.task_type != REGRESSION:
        raise InputError(
            "select: as_published is a rule for numbers, chosen on a validation subset; take a "
            "metric for classes, or where training examples are held out in folds"
        )
    offset = target.offset  # this rule, of all, depends on where the targets' zero is
    fitted = [prediction + offset for prediction in fits[0].candidates(folds.train.X, alphas)]
    train = folds.train.y + offset, fitted
    return choose_as_published(train, (folds.validation.y + offset, held_out[0]))


SELECTIONS = {"as_published": chosen_as_published}  # rules that are no metric


def joined(first: Examples, second: Examples) -> Examples:
    """Return two subsets as one."""
    X = names(first.X).concatenate([first.X, second.X])
    return Examples(X, np.concatenate([first.y, second.y]))


def moments_of_parts(folds: Folds, target: Target) -> list[Moments | None]:
    """Return the moments of the part that each pair is fit on, in folds: those of what the other
    pairs hold out, so that every example is read once, and not once per fold. None: where folds
    are not all of the examples, or a part has fewer examples than features."""
    held_out = [held for _, held in folds.pairs]
    fewest = min((len(part.y) for part, _ in folds.pairs), default=0)
    shared = sum(len(held.y) for held in held_out) == len(folds.train.y)
    if folds.validation is not None or not shared or fewest < folds.train.X.shape[1]:
        return [None] * len(folds.pairs)
    columns = [COLUMNS[target.task_type](held.y, target) for held in held_out]
    known: list[Moments] = []
    for held, own in zip(held_out, columns, strict=True):
        known.append(moments_of(held.X, own, known[0] if known else None))
    parts: list[Moments | None] = []
    for place, (part, _) in enumerate(folds.pairs):
        first, *others = known[:place] + known[place + 1 :]
        parts.append(first.with_others(others).centred(spread(part.X) == 0))
    return parts


def fit_ridge(
    folds: Folds, target: Target, settings: RidgeSettings, *, select: str, seed: int
) -> Fitted:
    """Fit ridge for every alpha, choose one on the held-out parts, and return what is Fitted.

    Predictions for classes are decision values, the highest that of the class predicted.
    `refit` fits once more, with the chosen alpha, on train and validation together, as FLIP does;
    `held_out` stays what the fit on train predicts. Nothing is drawn: `seed` changes nothing.
    """
    alphas, chosen = settings.alphas, 0
    require_pairs(folds, len(alphas), "alpha")
    if select in METRICS and METRICS[select].needs_probabilities:
        raise InputError("select: ridge gives no probabilities to choose by; take accuracy or mcc")
    fit = partial(ScaledRidge, target=target, scale=settings.scale)
    pairs = zip(folds.pairs, moments_of_parts(folds, target), strict=True)
    fits = [fit(train, moments=moments) for (train, _), moments in pairs]
    held_out = [
        f.candidates(part.X, alphas) for f, (_, part) in zip(fits, folds.pairs, strict=True)
    ]
    if len(alphas) > 1 and select in SELECTIONS:
        chosen = SELECTIONS[select](folds, fits, alphas, held_out, target)
    elif len(alphas) > 1:
        chosen = chosen_among(held_out, folds, select, target)
    if folds.validation is None:
        final = fit(folds.train)
    else:
        final = fit(joined(folds.train, folds.validation)) if settings.refit else fits[0]
    return Fitted(
        partial(final.predict, alpha=alphas[chosen]),
        {"alpha": alphas[chosen]},
        [predictions[chosen] for predictions in held_out],
        learned_from_held_out=settings.refit,
    )


DECIDING = partial(metrics_to_choose_by, probabilities=False)
PROBE = ProbeType(
    name="ridge",
    label="ridge regression",
    settings=RidgeSettings,
    chooses_by={
        REGRESSION: (*DECIDING(REGRESSION), *SELECTIONS),
        CLASSIFICATION: DECIDING(CLASSIFICATION),
        RESIDUE_CLASSIFICATION: DECIDING(RESIDUE_CLASSIFICATION),
    },
    fit=fit_ridge,
)
