"""Does the gain rise along an axis? A slope, and how far it would vary by chance alone.

What varies decides the rule, and test sequences are the least of it: networks vary from training to
training, and the layers of one network, like the checkpoints of one training, depend on each other.
docs/scaling.md has the rules, and a simulation of each.
"""

from typing import NamedTuple

import numpy as np

from plmbench.compare.bootstrap import rank_correlations
from plmbench.compare.tails import student_ppf, student_sf

FEWEST_PLACES = 5  # sizes, layers or checkpoints, of one pretraining each
FEWEST_RUNS, FEWEST_REPEATED = 3, 3  # pretrainings of each, and sizes or checkpoints, instead
FEWEST_RANKED = 3  # points of a rank correlation
ROUNDING = 1e-12  # below which an error is none
CONFIDENCE = 0.975  # of a 95 % interval's ends


class Rule(NamedTuple):
    """How a slope is made, and what chance does to it.

    weights [point]: the slope is their sum with the gains; variance: of the slope, from how the
    points vary; freedom: of that variance.
    """

    weights: np.ndarray
    variance: float
    freedom: int


class Trend(NamedTuple):
    """A slope with its 95 % interval and two-sided p of slope = 0; or why there is none."""

    slope: float = np.nan
    low: float = np.nan
    high: float = np.nan
    p: float = np.nan
    reason: str = ""


def fitted(x: np.ndarray, values: np.ndarray) -> Rule:
    """Return the least-squares line through points that are independent of each other."""
    centred = x - x.mean()
    weights = centred / (centred @ centred)
    left = values - values.mean() - (weights @ values) * centred
    freedom = len(x) - 2
    return Rule(weights, float(left @ left / freedom / (centred @ centred)), freedom)


def of_networks(x: np.ndarray, values: np.ndarray) -> Rule:
    """Return the Rule of networks of their own trainings: points [network] at x [network].

    From FEWEST_PLACES sizes on, a size counts once, as the mean of its pretrainings: then an
    architecture that is good by chance misleads no more often than a training that is. Below, each
    pretraining is a point.
    """
    places, place = np.unique(x, return_inverse=True)
    if len(places) < FEWEST_PLACES:
        return fitted(x, values)
    members = np.equal.outer(np.arange(len(places)), place)  # [place, network]
    means = members / members.sum(1, keepdims=True)
    rule = fitted(places, means @ values)
    return rule._replace(weights=rule.weights @ means)


def ends(x: np.ndarray) -> np.ndarray:
    """Return the weights [point] of the mean step along rising x."""
    weights = np.zeros(len(x))
    weights[[0, -1]] = np.array([-1, 1]) / (x[-1] - x[0])
    return weights


def of_path(x: np.ndarray, values: np.ndarray) -> Rule:
    """Return the Rule of points of which each goes on from the one before, x rising: the layers of
    one network, or the checkpoints of one training.

    Steps of a walk without a drift are as often up as down, so the mean step is compared with how
    steps vary. A line through the points would take any walk for a trend.
    """
    weights, widths, steps = ends(x), np.diff(x), np.diff(values)
    left = steps - (weights @ values) * widths
    freedom = len(x) - 2
    return Rule(weights, float((left**2 / widths).sum() / freedom / widths.sum()), freedom)


def of_paths(x: np.ndarray, values: np.ndarray, runs: np.ndarray) -> Rule:
    """Return the Rule of the paths of several pretrainings, `runs` [point] their names: each has
    one slope, and these are independent whatever the points of a path are."""
    names = np.unique(runs)
    weights = np.zeros((len(names), len(x)))
    for row, name in zip(weights, names, strict=True):
        own = np.flatnonzero(runs == name)
        own = own[np.argsort(x[own])]
        row[own] = ends(x[own])
    freedom = len(names) - 1
    return Rule(weights.mean(0), float((weights @ values).var(ddof=1) / len(names)), freedom)


def needed(what: str) -> str:
    """Return what it takes to assess an axis, in words."""
    return f"needs {FEWEST_PLACES}, or {FEWEST_RUNS} pretrainings at {FEWEST_REPEATED} {what}"


def rule_of_networks(x: np.ndarray, values: np.ndarray) -> Rule | str:
    """Return the Rule of networks of several sizes, or why there is none."""
    _, counts = np.unique(x, return_counts=True)
    if len(counts) >= FEWEST_PLACES or (counts >= FEWEST_RUNS).sum() >= FEWEST_REPEATED:
        return of_networks(x, values)
    return f"{len(counts)} sizes, {len(x)} pretrainings: {needed('sizes')}"


def rule_of_paths(x: np.ndarray, values: np.ndarray, runs: np.ndarray, what: str) -> Rule | str:
    """Return the Rule of the paths of one network's pretrainings, or why there is none.

    runs [point]: the seed of each point's pretraining; what: a word for the points. Below
    FEWEST_RUNS pretrainings that are paths, the first one counts alone.
    """
    seeds, counts = np.unique(runs, return_counts=True)
    paths = seeds[counts >= FEWEST_REPEATED]
    own = np.isin(runs, paths if len(paths) >= FEWEST_RUNS else paths[:1])
    if len(paths) >= FEWEST_RUNS:
        rule = of_paths(x[own], values[own], runs[own])
    elif own.sum() >= FEWEST_PLACES:
        order = np.argsort(x[own])
        rule = of_path(x[own][order], values[own][order])
        rule = rule._replace(weights=rule.weights[np.argsort(order)])
    else:
        trained = f"{len(seeds)} pretraining{'s' * (len(seeds) > 1)}"
        return f"{counts.max()} {what}, {trained}: {needed(what)}"
    weights = np.zeros(len(x))
    weights[own] = rule.weights
    return rule._replace(weights=weights)


def judged(slope: float, rule: Rule, noise: float) -> Trend:
    """Return the Trend of a slope. noise: its variance over test sequences and ablation seeds,
    which counts where it is larger than what the points show: points share their test sequences."""
    if np.isnan(noise):
        return Trend(slope, reason="a gain is undefined on too many resamples of test")
    error = np.sqrt(max(rule.variance, noise))
    if error <= ROUNDING * max(1.0, abs(slope)):
        return Trend(slope, reason="the gains are the same at every point, or on every resample")
    half = error * student_ppf(CONFIDENCE, rule.freedom)
    p = 2 * student_sf(abs(slope) / error, rule.freedom)
    return Trend(slope, slope - half, slope + half, float(p))


def rank_correlation_of(x: np.ndarray, values: np.ndarray) -> float:
    """Return Spearman's correlation of values [point] with x [point]; NaN below FEWEST_RANKED
    points, or where either is constant. It describes points, and tests nothing."""
    return float(rank_correlations(x, values[:, None])[0]) if len(x) >= FEWEST_RANKED else np.nan
