"""Metrics of a task: (y_true, prediction, target) -> float, higher is better unless the name is in
LOWER_IS_BETTER. What has no value raises Undefined with the reason; it is never reported as 0.

y_true [example] is float64 (regression) or an integer code into target.classes; prediction is
[example] (regression) or [example, class], probabilities or decision values. In a residue task an
example is a residue.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    f1_score,
    matthews_corrcoef,
    ndcg_score,
    r2_score,
    recall_score,
    roc_auc_score,
    root_mean_squared_error,
)

from plmbench.core.errors import InputError

SUM_TOLERANCE = 1e-4  # by which a row of float32 probabilities may miss the sum of 1


class Target(NamedTuple):
    """What is predicted: task_type (a key of METRICS), names of the classes, and for regression the
    least target of the whole data set: NDCG's gains are target - floor."""

    task_type: str
    classes: tuple[str, ...] = ()
    floor: float = 0.0


class Undefined(Exception):  # noqa: N818 (an answer that a metric gives, not an error)
    """A metric has no value here; the text is the reason."""


def demand(condition, reason):
    """Raise Undefined with the reason unless the condition holds."""
    if not condition:
        raise Undefined(reason)


def varies(values):
    """Tell whether there are at least two different values."""
    return len(values) > 1 and np.ptp(values) > 0


def finite(prediction):
    """Return predictions as float64; Undefined where there are none or one is no number."""
    demand(len(prediction), "there are no examples")
    demand(np.isfinite(prediction).all(), "a prediction is not a finite number")
    return np.asarray(prediction, np.float64)


def correlated(y_true, prediction):
    """Return predictions as float64; Undefined where a correlation has no value."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    demand(varies(prediction), "the prediction is constant")
    return prediction


def spearman(y_true, prediction, target):
    """Return Spearman's rank correlation, ties at their mean rank."""
    return float(spearmanr(y_true, correlated(y_true, prediction)).statistic)


def pearson(y_true, prediction, target):
    """Return Pearson's correlation."""
    return float(pearsonr(y_true, correlated(y_true, prediction)).statistic)


def r2(y_true, prediction, target):
    """Return the coefficient of determination."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    return float(r2_score(y_true, prediction))


def rmse(y_true, prediction, target):
    """Return the root mean squared error, in the unit of the target."""
    return float(root_mean_squared_error(y_true, finite(prediction)))


def gains_of(y_true, floor):
    """Return NDCG's gains [example], target - floor; raises InputError where one is negative."""
    if np.min(y_true) < floor:
        raise InputError(
            f"a target of {np.min(y_true)} is below the floor of {floor}; "
            "the floor is the least target of the whole data set, over all its subsets"
        )
    return y_true - floor


def discounts(count):
    """Return NDCG's weight of each rank [rank], 1 / log2(rank + 1) from rank 1."""
    return 1 / np.log2(np.arange(count) + 2)


def ndcg(y_true, prediction, target):
    """Return the normalised discounted cumulative gain of all ranks on raw gains, with tied
    predictions averaged over their orders (Järvelin & Kekäläinen 2002; McSherry & Najork 2008)."""
    prediction = finite(prediction)
    demand(varies(y_true), "the truth is constant")
    return float(ndcg_score([gains_of(y_true, target.floor)], [prediction]))


def chance_ndcg(y_true, target):
    """Return the expected NDCG of a random order: every rank holds the mean gain."""
    gains, weights = gains_of(y_true, target.floor), discounts(len(y_true))
    return float(gains.mean() * weights.sum() / (np.sort(gains)[::-1] @ weights))


def ndcg_corrected(y_true, prediction, target):
    """Return NDCG on a scale where 0 is a random order and 1 the ideal one; it may be negative.

    Raw NDCG hardly falls below its chance level, which depends on the targets of the subset.
    """
    value, chance = ndcg(y_true, prediction, target), chance_ndcg(y_true, target)
    return (value - chance) / (1 - chance)


def predicted(prediction):
    """Return the code of each example's highest column [example], ties to the first."""
    return finite(prediction).argmax(1)


def accuracy(y_true, prediction, target):
    """Return the share of examples whose class is predicted."""
    return float(np.mean(predicted(prediction) == y_true))


def balanced_accuracy(y_true, prediction, target):
    """Return the mean recall of the classes present in the y_true, as scikit-learn's
    balanced_accuracy_score, without its warning of classes that are only predicted."""
    codes = predicted(prediction)
    return float(recall_score(y_true, codes, labels=np.unique(y_true), average="macro"))


def macro_f1(y_true, prediction, target):
    """Return the mean F1 of the classes present in truth or prediction, as scikit-learn does."""
    return float(f1_score(y_true, predicted(prediction), average="macro"))


def mcc(y_true, prediction, target):
    """Return Matthews' correlation of several classes (Gorodkin 2004), which scikit-learn gives as
    0 where it has no value."""
    codes = predicted(prediction)
    demand(varies(y_true), "the truth holds one class only")
    demand(varies(codes), "one class is predicted for all")
    return float(matthews_corrcoef(y_true, codes))


def losses(y_true, prediction, target):
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


def cross_entropy(y_true, prediction, target):
    """Return the mean over examples of the negative log probability of the class, in nats."""
    return float(losses(y_true, prediction, target).mean())


def roc_auc(y_true, prediction, target):
    """Return the area under the ROC curve, one class against the rest, mean of all classes."""
    prediction = finite(prediction)
    masks = [y_true == code for code in range(len(target.classes))]
    absent = [name for name, mask in zip(target.classes, masks, strict=True) if not mask.any()]
    demand(not absent, f"absent from the y_true: {', '.join(absent)}")
    demand(len(masks) > 1, "there is one class only")
    areas = [roc_auc_score(mask, prediction[:, code]) for code, mask in enumerate(masks)]
    return float(np.mean(areas))


REGRESSION = {
    "spearman": spearman,
    "pearson": pearson,
    "r2": r2,
    "rmse": rmse,
    "ndcg": ndcg,
    "ndcg_corrected": ndcg_corrected,
}
CLASSIFICATION = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "mcc": mcc,
    "cross_entropy": cross_entropy,
    "roc_auc": roc_auc,
}
METRICS = {
    "regression": REGRESSION,
    "classification": CLASSIFICATION,
    "residue_classification": CLASSIFICATION,
}
PRIMARY = {
    "regression": "spearman",
    "classification": "accuracy",
    "residue_classification": "accuracy",
}
LOWER_IS_BETTER = {"rmse", "cross_entropy"}
LABELS = {
    "spearman": "Spearman's ρ",
    "pearson": "Pearson's r",
    "r2": "R²",
    "rmse": "RMSE (unit of the target)",
    "ndcg": "NDCG",
    "ndcg_corrected": "NDCG above chance (0 random, 1 ideal)",
    "accuracy": "accuracy (share)",
    "balanced_accuracy": "balanced accuracy (mean recall)",
    "macro_f1": "macro F1",
    "mcc": "Matthews' correlation",
    "cross_entropy": "cross-entropy (nats)",
    "roc_auc": "ROC AUC (one vs rest)",
}


def better_first(metric):
    """Return the sign that makes a larger product with this metric's value the better one."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def metric_named(metric, task_type):
    """Return a metric's function; raises InputError where a task of this type has none so named."""
    if metric not in METRICS[task_type]:
        known = ", ".join(METRICS[task_type])
        raise InputError(f"{metric!r} is no metric of a {task_type} task; its metrics are {known}")
    return METRICS[task_type][metric]


def measured(metric, y_true, prediction, target):
    """Return (value, ""), or (NaN, the reason) where the metric is undefined."""
    try:
        return metric_named(metric, target.task_type)(y_true, prediction, target), ""
    except Undefined as undefined:
        return np.nan, str(undefined)
