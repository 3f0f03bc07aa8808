"""Metrics for a numeric target: (truth [example], prediction [example]) -> float, higher is better
unless named in LOWER_IS_BETTER. What is undefined is NaN, never 0."""

import numpy as np
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import r2_score, root_mean_squared_error


def varies(values):
    """Tell whether there are at least two different values."""
    return len(values) > 1 and np.ptp(values) > 0


def spearman(truth, prediction):
    """Return Spearman's rank correlation; NaN where either side is constant."""
    if not (varies(truth) and varies(prediction)):
        return np.nan
    return float(spearmanr(truth, prediction).statistic)


def pearson(truth, prediction):
    """Return Pearson's correlation; NaN where either side is constant."""
    if not (varies(truth) and varies(prediction)):
        return np.nan
    return float(pearsonr(truth, prediction).statistic)


def r2(truth, prediction):
    """Return the coefficient of determination; NaN where the truth is constant."""
    return float(r2_score(truth, prediction)) if varies(truth) else np.nan


def rmse(truth, prediction):
    """Return the root mean squared error, in the unit of the target."""
    return float(root_mean_squared_error(truth, prediction))


METRICS = {"spearman": spearman, "pearson": pearson, "r2": r2, "rmse": rmse}
LOWER_IS_BETTER = {"rmse"}


def better_first(metric):
    """Return the sign that makes a larger product with this metric's value the better one."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0
