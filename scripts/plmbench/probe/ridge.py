"""The ridge probe: least squares with a penalty; classes as one target each."""

from functools import partial

import numpy as np
from sklearn.metrics import mean_squared_error, ndcg_score

from plmbench.core.errors import InputError
from plmbench.probe.ridge_path import RidgePath
from plmbench.probe.selection import Examples, Fitted, chosen_among, require_pairs
from plmbench.probe.standardise import Standard


def scale_none(X):
    """Return the divisor [feature] that leaves features as they are."""
    return np.ones(X.shape[1])


def scale_standard(X):
    """Return each feature's standard deviation; 1 where it is constant."""
    # The range tells a constant exactly: rounding of the mean leaves it a deviation of some 1e-17.
    return np.where(np.ptp(X, axis=0) > 0, Standard(X).deviations(), 1.0)


def scale_l2(X):
    """Return each centred feature's L2 norm, as the published protocol divides; 1 where it is 0."""
    return scale_standard(X) * np.where(np.ptp(X, axis=0) > 0, np.sqrt(len(X)), 1.0)


SCALES = {"none": scale_none, "standard": scale_standard, "l2": scale_l2}


def one_column(y, target):
    """Return a number a row as [example, 1]."""
    return y[:, None]


def one_against_rest(y, target):
    """Return codes of classes as [example, class]: 1 for the class, -1 for the others, as
    scikit-learn's RidgeClassifier. With 0 a strong penalty would give rows that look like
    probabilities, and so a cross-entropy for some alphas only."""
    return 2 * np.eye(len(target.classes))[y] - 1


# What the columns of a fit are, and the shape predictions have for the metrics.
COLUMNS = {
    "regression": one_column,
    "classification": one_against_rest,
    "residue_classification": one_against_rest,
}
SHAPES = {"regression": lambda columns: columns[:, 0]}


class ScaledRidge:
    """Ridge fits for every alpha on scaled features."""

    def __init__(self, train, target, scale):
        columns = COLUMNS[target.task_type](train.y, target)
        self.path = RidgePath(train.X, columns, SCALES[scale](train.X))
        self.shaped = SHAPES.get(target.task_type, lambda columns: columns)

    def candidates(self, X, alphas):
        """Return predictions for X by each of the alphas, a list."""
        predictions = self.path.predict(X, alphas)
        return [self.shaped(predictions[:, :, i]) for i in range(len(alphas))]

    def predict(self, X, alpha):
        """Return predictions for X [example] or [example, class] by one alpha."""
        return self.candidates(X, [alpha])[0]


def ndcg(y_true, prediction):
    """Return NDCG on raw gains, shifted to be at least 0 within the subset, as published."""
    return ndcg_score([y_true - min(y_true.min(), 0.0)], [prediction])


def choose_as_published(train, validation):
    """Return the index that the earlier study's rule takes, to show its numbers beside ours.

    In the order given, an alpha replaces the last one if it has both a lower training error and a
    higher NDCG on validation. The error compares targets in their own unit with predictions of the
    standardised target, so the choice depends on that unit. `train` and `validation` are
    (y_true [example], predictions [alpha][example]).
    """
    (train_truth, train_predictions), (y_true, predictions) = train, validation
    deviation = train_truth.std() or 1.0
    best, chosen = (np.inf, -np.inf), 0
    for i, (fitted, predicted) in enumerate(zip(train_predictions, predictions, strict=True)):
        standardised = (fitted - train_truth.mean()) / deviation
        candidate = (mean_squared_error(train_truth, standardised), ndcg(y_true, predicted))
        if candidate[0] < best[0] and candidate[1] > best[1]:
            best, chosen = candidate, i
    return chosen


def chosen_as_published(folds, fits, alphas, held_out, target):
    """Return the index of alpha by the earlier study's rule, which needs a validation subset."""
    if folds.validation is None or target.task_type != "regression":
        raise InputError(
            "select: as_published is a rule for numbers, chosen on a validation subset; take a "
            "metric for classes, or where training examples are held out in folds"
        )
    train = folds.train.y, fits[0].candidates(folds.train.X, alphas)
    return choose_as_published(train, (folds.validation.y, held_out[0]))


def chosen_by(select, folds, fits, alphas, held_out, target):
    """Return the index of the best alpha by a metric, mean over pairs."""
    return chosen_among(held_out, folds, select, target)


SELECTIONS = {"as_published": chosen_as_published}


def joined(first, second):
    """Return two subsets as one."""
    return Examples(np.concatenate([first.X, second.X]), np.concatenate([first.y, second.y]))


def final_fit(folds, fits, refit, fit):
    """Return the fit that predicts; with a validation subset and no refit it is there already."""
    if folds.validation is None:
        return fit(folds.train)
    return fit(joined(folds.train, folds.validation)) if refit else fits[0]


def fit_ridge(folds, target, select, seed, alphas, scale="none", refit=False):
    """Fit ridge for every alpha, choose one on the held-out parts, and return what is Fitted.

    Predictions for classes are decision values, the highest that of the class predicted.
    `refit` fits once more, with the chosen alpha, on train and validation together, as FLIP does;
    `held_out` stays what the fit on train predicts. Nothing is drawn: `seed` changes nothing.
    """
    require_pairs(folds, len(alphas), "alpha")
    if select == "cross_entropy":
        raise InputError("select: ridge gives no probabilities to choose by; take accuracy or mcc")
    fit = partial(ScaledRidge, target=target, scale=scale)
    fits = [fit(train) for train, _ in folds.pairs]
    held_out = [
        f.candidates(part.X, alphas) for f, (_, part) in zip(fits, folds.pairs, strict=True)
    ]
    chosen = 0
    if len(alphas) > 1:
        choose = SELECTIONS.get(select, partial(chosen_by, select))
        chosen = choose(folds, fits, alphas, held_out, target)
    final = final_fit(folds, fits, refit, fit)
    return Fitted(
        partial(final.predict, alpha=alphas[chosen]),
        {"alpha": alphas[chosen]},
        [predictions[chosen] for predictions in held_out],
    )
