"""Metrics of a task: one declaration per metric, with its function, in METRICS.

A function takes (y_true, prediction, target) and returns one number. Where it has no value it
raises Undefined with the reason; it is never reported as 0. y_true [example] is float64
(regression) or an integer code into target.classes. prediction is [example] (regression) or
[example, class], probabilities or decision values. In a residue task an example is a residue.

Neither scipy nor scikit-learn is loaded: see `core.measures`.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from plmbench.core import measures
from plmbench.core.errors import InputError
from plmbench.core.task_types import CLASSIFICATION, REGRESSION, RESIDUE_CLASSIFICATION

SUM_TOLERANCE = 1e-4  # by which a row of float32 probabilities may miss the sum of 1
NUMBERS = (REGRESSION,)
CLASSES = (CLASSIFICATION, RESIDUE_CLASSIFICATION)


class Target(NamedTuple):
    """What is predicted: the task type, the names of the classes, and for regression the least
    target of the whole data set (NDCG's gains are target - floor), and what was subtracted from
    all targets, the floor among them, so that an offset costs no digits."""

    task_type: str
    classes: tuple[str, ...] = ()
    floor: float = 0.0
    offset: float = 0.0


class Undefined(Exception):  # noqa: N818 (an answer that a metric gives, not an error)
    """A metric has no value here; the text is the reason."""


def demand(condition: bool | np.bool_, reason: str) -> None:
    """Raise Undefined with the reason unless the condition holds."""
    if not condition:
        raise Undefined(reason)


def varies(values: np.ndarray) -> bool:
    """Tell whether there are at least two different values."""
    return len(values) > 1 and bool(np.ptp(values) > 0)


def finite(prediction: np.ndarray) -> np.ndarray:
    """Return predictions as float64; Undefined where there are none or one is no number."""
    demand(len(prediction) > 0, "there are no examples")
    demand(np.isfinite(prediction).all(), "a prediction is not a finite number")
    return np.asarray(prediction, np.float64)


def correlated(y_true: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return predictions as float64; Undefined where a correlation has no value."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    demand(varies(prediction), "the prediction is constant")
    return prediction


def spearman(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return Spearman's rank correlation, ties at their mean rank."""
    return measures.rank_correlation(y_true, correlated(y_true, prediction))


def pearson(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return Pearson's correlation."""
    return measures.correlation(y_true, correlated(y_true, prediction))


def r2(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the coefficient of determination."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    return measures.explained(y_true, prediction)


def rmse(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the root mean squared error, in the unit of the target."""
    return math.sqrt(measures.mean_squared_error(y_true, finite(prediction)))


def gains_of(y_true: np.ndarray, floor: float) -> np.ndarray:
    """Return NDCG's gains [example], target - floor; raises InputError where one is negative."""
    if np.min(y_true) < floor:
        raise InputError(
            f"a target of {np.min(y_true)} is below the floor of {floor}; "
            "the floor is the least target of the whole data set, over all its subsets"
        )
    return y_true - floor


def discounts(count: int) -> np.ndarray:
    """Return NDCG's weight of each rank [rank], 1 / log2(rank + 1) from rank 1."""
    return 1 / np.log2(np.arange(count) + 2)


def ndcg(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the normalised discounted cumulative gain of all ranks on raw gains, with tied
    predictions averaged over their orders (Järvelin & Kekäläinen 2002; McSherry & Najork 2008)."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    return measures.discounted_gain(gains_of(y_true, target.floor), prediction)


def chance_ndcg(y_true: np.ndarray, target: Target) -> float:
    """Return the expected NDCG of a random order: every rank holds the mean gain."""
    gains, weights = gains_of(y_true, target.floor), discounts(len(y_true))
    return float(gains.mean() * weights.sum() / (np.sort(gains)[::-1] @ weights))


def ndcg_corrected(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return NDCG on a scale where 0 is a random order and 1 the ideal one; it may be negative.

    Raw NDCG hardly falls below its chance level, which depends on the targets of the subset.
    """
    value, chance = ndcg(y_true, prediction, target), chance_ndcg(y_true, target)
    return (value - chance) / (1 - chance)


def predicted(prediction: np.ndarray) -> np.ndarray:
    """Return the code of each example's highest column [example], ties to the first."""
    return finite(prediction).argmax(1)


def accuracy(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the share of examples whose class is predicted."""
    return float(np.mean(predicted(prediction) == y_true))


def balanced_accuracy(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the mean recall of the classes present in the truth, as scikit-learn does."""
    return measures.mean_recall(measures.confusion(y_true, predicted(prediction)))


def macro_f1(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the mean F1 of the classes present in truth or prediction, as scikit-learn does."""
    return measures.mean_f1(measures.confusion(y_true, predicted(prediction)))


def mcc(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return Matthews' correlation of several classes (Gorodkin 2004), which scikit-learn gives as
    0 where it has no value."""
    codes = predicted(prediction)
    demand(varies(y_true), "the truth holds one class only")
    demand(varies(codes), "one class is predicted for all")
    return measures.matthews(measures.confusion(y_true, codes))


def losses(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> np.ndarray:
    """Return the negative log probability of each example's class [example], in nats."""
    prediction = finite(prediction)
    sums = np.abs(prediction.sum(1) - 1).max()
    demand(
        prediction.min() >= 0 and sums < SUM_TOLERANCE,
        "the predictions are decision values, not probabilities",
    )
    probabilities = prediction[np.arange(len(y_true)), y_true]
    impossible = np.unique(y_true[probabilities == 0])
    names = ", ".join(target.classes[code] for code in impossible)
    demand(not names, f"infinite: an example of {names} has probability 0 for its class")
    return -np.log(probabilities)


def cross_entropy(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the mean over examples of the negative log probability of the class, in nats."""
    return float(losses(y_true, prediction, target).mean())


def roc_auc(y_true: np.ndarray, prediction: np.ndarray, target: Target) -> float:
    """Return the area under the ROC curve, one class against the rest, mean of all classes."""
    prediction = finite(prediction)
    masks = [y_true == code for code in range(len(target.classes))]
    absent = [name for name, mask in zip(target.classes, masks, strict=True) if not mask.any()]
    demand(not absent, f"absent from the truth: {', '.join(absent)}")
    demand(len(masks) > 1, "there is one class only")
    areas = [
        measures.area_under_curve(mask, prediction[:, code]) for code, mask in enumerate(masks)
    ]
    return float(np.mean(areas))


class Metric(NamedTuple):
    """One metric. Schemas, docs, tables and the page take all they say of it from here."""

    name: str
    label: str  # in figures and tables, with the unit
    function: Callable[[np.ndarray, np.ndarray, Target], float]
    applies_to: tuple[str, ...]  # task types
    lower_is_better: bool = False
    needs_probabilities: bool = False  # decision values have no value by it
    fewest_units: int = 50  # test units that a verdict by it needs (docs/verdicts.md)
    # Between which values it lies on one unit, if it is the mean over units: only such a mean has
    # an exact interval where all units agree.
    unit_range: tuple[float, float] | None = None
    # The smallest gain worth having where `statistics.min_effect` does not say, with its reason in
    # docs/statistics.md; None for a metric in the unit of the target, of which the user knows it.
    min_effect: float | None = 0.01
    large_effect: float = 0.2  # what would not even be found has too few units or seeds


# In the order of rows in score tables. The first that applies to a task type is its primary metric.
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("spearman", "Spearman's ρ", spearman, NUMBERS),
        Metric("pearson", "Pearson's r", pearson, NUMBERS),
        Metric("r2", "R²", r2, NUMBERS),
        Metric(
            "rmse",
            "RMSE (unit of the target)",
            rmse,
            NUMBERS,
            lower_is_better=True,
            min_effect=None,
            large_effect=math.inf,
        ),
        Metric("ndcg", "NDCG", ndcg, NUMBERS, min_effect=0.001),
        Metric("ndcg_corrected", "NDCG above chance (0 random, 1 ideal)", ndcg_corrected, NUMBERS),
        Metric("accuracy", "accuracy (share)", accuracy, CLASSES, unit_range=(0.0, 1.0)),
        Metric("balanced_accuracy", "balanced accuracy (mean recall)", balanced_accuracy, CLASSES),
        Metric("macro_f1", "macro F1", macro_f1, CLASSES),
        Metric("mcc", "Matthews' correlation", mcc, CLASSES, min_effect=0.02),
        Metric(
            "cross_entropy",
            "cross-entropy (nats)",
            cross_entropy,
            CLASSES,
            lower_is_better=True,
            needs_probabilities=True,
        ),
        Metric("roc_auc", "ROC AUC (one vs rest)", roc_auc, CLASSES),
    )
}
LABELS = {metric.name: metric.label for metric in METRICS.values()}
LOWER_IS_BETTER = {metric.name for metric in METRICS.values() if metric.lower_is_better}


def metrics_of(task_type: str) -> Mapping[str, Metric]:
    """Return {name: Metric} of a task type, in order."""
    return {name: metric for name, metric in METRICS.items() if task_type in metric.applies_to}


def primary_metric(task_type: str) -> str:
    """Return the name of the metric that a task of this type is judged by where none is given."""
    return next(iter(metrics_of(task_type)))


def better_first(metric: str) -> float:
    """Return the sign that makes a larger product with this metric's value the better one."""
    return -1.0 if METRICS[metric].lower_is_better else 1.0


def metric_named(name: str, task_type: str) -> Metric:
    """Return a metric; raises InputError where a task of this type has none so named."""
    metric = METRICS.get(name)
    if metric is None or task_type not in metric.applies_to:
        known = ", ".join(metrics_of(task_type))
        raise InputError(f"{name!r} is no metric of a {task_type} task; its metrics are {known}")
    return metric


def measured(
    metric: str, y_true: np.ndarray, prediction: np.ndarray, target: Target
) -> tuple[float, str]:
    """Return (value, ""), or (NaN, the reason) where the metric is undefined."""
    try:
        return metric_named(metric, target.task_type).function(y_true, prediction, target), ""
    except Undefined as undefined:
        return np.nan, str(undefined)
