"""Probes: simple models fit on each layer. Every choice is made on validation, and the test subset
is read once, with the choice made.

A probe of a kind is a function `(train, validation, **settings) -> (predict, choices)`, where
predict takes features [example, feature] and choices are hyperparameters to report.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.metrics import mean_squared_error, ndcg_score

from plmbench.errors import InputError
from plmbench.logs import log
from plmbench.metrics import METRICS, better_first
from plmbench.ridge import RidgePath


class Examples(NamedTuple):
    """Features X [example, feature] and targets y [example] of a subset."""

    X: np.ndarray
    y: np.ndarray


def scale_none(X):
    """Return the divisor that leaves features as they are."""
    return np.ones(X.shape[1])


def scale_standard(X):
    """Return each feature's standard deviation; 1 where it is constant."""
    deviations = X.std(0, dtype=np.float64)
    return np.where(deviations > 0, deviations, 1.0)


def scale_l2(X):
    """Return each centred feature's L2 norm, as the published protocol divides; 1 where it is 0."""
    return scale_standard(X) * np.where(X.std(0, dtype=np.float64) > 0, np.sqrt(len(X)), 1.0)


def choose_by(metric, train, validation):
    """Return the index of the best column by a metric on validation, ties to the first.

    `train` and `validation` are (truth [example], predictions [example, alpha]).
    """
    truth, predictions = validation
    values = [METRICS[metric](truth, column) for column in predictions.T]
    if np.isnan(values).all():
        log.warning("%s is undefined on validation for every alpha: the first is taken", metric)
        return 0
    return int(np.nanargmax(better_first(metric) * np.array(values)))


def ndcg(truth, prediction):
    """Return NDCG on raw gains, shifted to be at least 0 within the subset, as published."""
    return ndcg_score([truth - min(truth.min(), 0.0)], [prediction])


def choose_as_published(train, validation):
    """Return the index that the earlier study's rule takes, to show its numbers beside ours.

    In the order given, an alpha replaces the last one if it has both a lower training error and a
    higher NDCG on validation. The error compares targets in their own unit with predictions of the
    standardised target, so the choice depends on that unit.
    """
    (train_truth, train_predictions), (truth, predictions) = train, validation
    deviation = train_truth.std() or 1.0
    best, chosen = (np.inf, -np.inf), 0
    for i in range(predictions.shape[1]):
        standardised = (train_predictions[:, i] - train_truth.mean()) / deviation
        candidate = (mean_squared_error(train_truth, standardised), ndcg(truth, predictions[:, i]))
        if candidate[0] < best[0] and candidate[1] > best[1]:
            best, chosen = candidate, i
    return chosen


SCALES = {"none": scale_none, "standard": scale_standard, "l2": scale_l2}
SELECTIONS = {
    **{metric: partial(choose_by, metric) for metric in METRICS},
    "as_published": choose_as_published,
}


def joined(first, second):
    """Return two subsets as one."""
    return Examples(np.concatenate([first.X, second.X]), np.concatenate([first.y, second.y]))


def fit_ridge(train, validation, alphas, scale="none", select="spearman", refit=False):
    """Fit ridge for every alpha on train, choose one on validation.

    `refit` fits once more, with the chosen alpha, on train and validation together, as FLIP does.
    """
    divisor = SCALES[scale](train.X)
    path = RidgePath(train.X / divisor, train.y)
    chosen = 0
    if len(alphas) > 1:
        if not len(validation.y):
            raise InputError(
                "no validation examples to choose alpha on; give the data set's table a validation "
                "column, its entry a validation fraction, or the probe a single alpha"
            )
        fitted = [(s.y, path.predict(s.X / divisor, alphas)) for s in (train, validation)]
        chosen = SELECTIONS[select](*fitted)
    if refit:
        everything = joined(train, validation)
        divisor = SCALES[scale](everything.X)
        path = RidgePath(everything.X / divisor, everything.y)
    alpha = alphas[chosen]
    return lambda X: path.predict(X / divisor, [alpha])[:, 0], {"alpha": alpha}


PROBES = {"ridge": fit_ridge}


def subset_rows(embeddings, labels):
    """Return {subset: (positions in the file [example], targets [example])}, aligned by id."""
    positions = embeddings.rows(labels["id"])
    targets = labels["target"].to_numpy(np.float64)
    masks = {name: (labels["subset"] == name).to_numpy() for name in labels["subset"].unique()}
    return {name: (positions[mask], targets[mask]) for name, mask in masks.items()}


def score_layer(features, rows, fit):
    """Yield subset, n, metric and value for one layer's features [sequence, feature]."""
    subsets = {name: Examples(features[where], targets) for name, (where, targets) in rows.items()}
    empty = Examples(features[:0], np.empty(0))
    predict, choices = fit(subsets["train"], subsets.get("validation", empty))
    for name, value in choices.items():
        yield "validation", len(subsets.get("validation", empty).y), name, value
    for subset, examples in subsets.items():
        prediction = predict(examples.X)
        for metric, measure in METRICS.items():
            yield subset, len(examples.y), metric, measure(examples.y, prediction)


def score_layers(embeddings, labels, kind, **settings):
    """Yield a score row for every pooling, layer, subset and metric of an embedding file.

    Features are read layer by layer. An undefined metric is NaN, and the log says where.
    """
    rows, fit = subset_rows(embeddings, labels), partial(PROBES[kind], **settings)
    for pooling in embeddings.poolings:
        for layer in range(embeddings.layers):
            features = embeddings.layer(pooling, layer)
            for subset, n, metric, value in score_layer(features, rows, fit):
                if np.isnan(value):
                    log.warning("layer %d, %s: %s is undefined", layer, subset, metric)
                yield {
                    "pooling": pooling,
                    "layer": layer,
                    "seed": 0,
                    "subset": subset,
                    "n": n,
                    "metric": metric,
                    "value": value,
                }
            log.info("pooling %s, layer %d of %d", pooling, layer, embeddings.layers - 1)
