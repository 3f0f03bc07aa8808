"""What metrics compute, by numpy alone: to the last bit the numbers of scipy and scikit-learn, as
tests say, whose imports cost a second, which is more than most jobs take for all else."""

import numpy as np


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks from 1 of values [..., example] along the last axis, equals at their mean
    rank; NaN throughout where one is NaN. As scipy's rankdata."""
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, -1)
    first = np.ones(values.shape, bool)  # of its equals
    first[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    starts = np.flatnonzero(first)  # [group], over all rows
    sizes = np.diff(starts, append=values.size)
    ranks = starts % values.shape[-1] + 1 + (sizes - 1) / 2
    ranked = np.empty(values.shape)
    np.put_along_axis(ranked, order, np.repeat(ranks, sizes).reshape(values.shape), -1)
    ranked[np.isnan(values).any(-1)] = np.nan
    return ranked


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's correlation of two arrays [example] that vary. As scipy's spearmanr."""
    return float(np.corrcoef(mean_ranks(np.stack([x, y])))[1, 0])


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Pearson's correlation of two float64 arrays [example] that vary. As scipy's
    pearsonr."""
    sides = []
    for values in (x, y):
        apart = values - values.mean()
        largest = np.abs(apart).max()
        sides.append(apart / (largest * np.linalg.norm(apart / largest, 2, -1)))
    found = np.clip(np.vecdot(*sides), -1.0, 1.0)
    return float(found.round() if len(x) == 2 else found)  # of two it is 1 or -1


def mean_squared_error(y_true: np.ndarray, prediction: np.ndarray) -> float:
    """Return the mean squared error of predictions [example]."""
    return float(((y_true - prediction) ** 2).mean())


def explained(y_true: np.ndarray, prediction: np.ndarray) -> float:
    """Return the coefficient of determination of predictions [example]; where the spread of the
    truth is too small to be squared 0, or 1 without an error. As scikit-learn's r2_score."""
    errors = ((y_true - prediction) ** 2).sum()
    spread = ((y_true - y_true.mean()) ** 2).sum()
    return float(1 - errors / spread) if spread else float(errors == 0)


def discounted_gain(gains: np.ndarray, prediction: np.ndarray) -> float:
    """Return the normalised discounted cumulative gain of gains >= 0 [example] by predictions,
    equals averaged over their orders. As scikit-learn's ndcg_score."""
    discount = 1 / (np.log(np.arange(len(gains)) + 2) / np.log(2))  # [rank]
    _, group, sizes = np.unique(-prediction, return_inverse=True, return_counts=True)
    means = np.bincount(group, gains) / sizes  # [group]
    sums = np.diff(np.cumsum(discount)[np.cumsum(sizes) - 1], prepend=0.0)  # [group], of discounts
    ideal = discount @ -np.sort(-gains)
    return float((means * sums).sum() / ideal) if ideal else 0.0


def confusion(y_true: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return how many examples of each class are predicted as each [true class, predicted] of the
    classes in truth or prediction, in order."""
    known, both = np.unique(np.concatenate([y_true, codes]), return_inverse=True)
    pairs = both[: len(y_true)] * len(known) + both[len(y_true) :]
    return np.bincount(pairs, minlength=len(known) ** 2).reshape(len(known), -1)


def mean_recall(counts: np.ndarray) -> float:
    """Return the mean recall of the classes in the truth from `confusion`. As scikit-learn's
    balanced_accuracy_score."""
    true = counts.sum(1)
    return float((counts.diagonal()[true > 0] / true[true > 0]).mean())


def mean_f1(counts: np.ndarray) -> float:
    """Return the mean F1 of all classes from `confusion`. As scikit-learn's f1_score."""
    return float((2.0 * counts.diagonal() / (counts.sum(1) + counts.sum(0))).mean())


def matthews(counts: np.ndarray) -> float:
    """Return Matthews' correlation from `confusion`, of truth and predictions that vary. As
    scikit-learn's matthews_corrcoef."""
    true, predicted = (counts.sum(axis).astype(np.float64) for axis in (1, 0))
    total = predicted.sum()
    covariance = counts.trace() * total - true @ predicted
    spreads = (total**2 - predicted @ predicted) * (total**2 - true @ true)
    return float(covariance / np.sqrt(spreads))


def area_under_curve(inside: np.ndarray, scores: np.ndarray) -> float:
    """Return the area under the ROC curve of scores [example] for the examples inside [example] a
    class, of which there are some and others. As scikit-learn's roc_auc_score."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)  # of its equals
    hits = np.cumsum(inside[order], dtype=np.float64)[last]
    curve = np.stack([1 + last - hits, hits])  # [false and true positives, threshold]
    corner = np.ones(len(last), bool)
    corner[1:-1] = np.diff(curve, 2).any(0)
    false, true = (np.append(0.0, side[corner]) / side[-1] for side in curve)
    return float(np.trapezoid(true, false))
