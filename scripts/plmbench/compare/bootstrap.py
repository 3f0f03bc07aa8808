"""Uncertainty of a metric on a test subset: paired bootstrap over its units, and over seeds.

A unit is what was sampled: a sequence, also where each of its residues is an example. All arms of
a task get the same resamples, so that what two arms share cancels in their difference.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata
from scipy.stats import t as student

from plmbench.compare.fast_metrics import RANKED, TALLIED, ranked_values, ratio, tallied_values
from plmbench.compare.seeds import seed_variance, with_seed_noise
from plmbench.core.errors import InputError
from plmbench.core.metrics import Target, measured

PERCENTILES = (2.5, 97.5)  # of a 95 % interval
ROUNDING = 1e-12  # share of a metric's value below which a difference is the rounding of a mean
FEWEST_POINTS = 3  # of a rank correlation
FEWEST_UNITS = 2  # of a spread

# (metric, y_true, prediction, target, counts, offsets) -> values [resample]
Resampled = Callable[[str, np.ndarray, np.ndarray, Target, np.ndarray, np.ndarray], np.ndarray]
FAST: dict[Resampled, Collection[str]] = {  # the metrics that need no loop
    tallied_values: TALLIED,
    ranked_values: RANKED,
}


class Arm(NamedTuple):
    """One side of a comparison: a metric on the test subset, points [seed], and the same on each
    resample of it, resampled [seed, resample]."""

    points: np.ndarray
    resampled: np.ndarray


class Estimate(NamedTuple):
    """A value with its 95 % interval and two-sided p of value = 0; what is unknown is NaN."""

    value: float
    low: float
    high: float
    p: float = np.nan
    seeds: int = 0


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def resamples(units: int, count: int, seed: int) -> np.ndarray:
    """Return how often each unit is drawn, int32 [resample, unit], in as many draws as units.

    Each row is a multinomial draw; the same seed gives the same resamples for every arm. Raises
    InputError where there is no unit.
    """
    if units < 1:
        raise InputError("there are no test units to resample; the test subset must not be empty")
    generator = np.random.Generator(np.random.PCG64(seed))
    counts = np.empty((count, units), np.int32)
    for row in counts:
        row[:] = np.bincount(generator.integers(0, units, units), minlength=units)
    return counts


def looped_values(
    metric: str,
    y_true: np.ndarray,
    prediction: np.ndarray,
    target: Target,
    counts: np.ndarray,
    offsets: np.ndarray,
) -> np.ndarray:
    """Return any metric [resample] of repeated examples, one resample after another."""
    values, lengths = np.empty(len(counts)), np.diff(offsets)
    for i, row in enumerate(counts):
        drawn = np.repeat(np.arange(len(y_true)), np.repeat(row, lengths))
        values[i], _ = measured(metric, y_true[drawn], prediction[drawn], target)
    return values


def bootstrapped(
    metric: str,
    y_true: ArrayLike,
    prediction: ArrayLike,
    target: Target,
    counts: np.ndarray,
    offsets: ArrayLike | None = None,
) -> np.ndarray:
    """Return a metric on every resample, float64 [resample]; NaN where it is undefined there, and
    everywhere where it is undefined on the examples as they are.

    counts [resample, unit] are of `resamples`. With offsets int64 [unit + 1], unit u holds the
    examples offsets[u] to offsets[u + 1] (residues of a chain); without, a unit is an example.
    Raises ValueError where these do not fit together.
    """
    y_true, prediction = np.asarray(y_true), np.asarray(prediction, np.float64)
    offsets = np.arange(len(y_true) + 1) if offsets is None else np.asarray(offsets)
    sizes = {len(y_true), len(prediction), int(offsets[-1])}
    if len(offsets) != counts.shape[1] + 1 or len(sizes) > 1:
        raise ValueError(
            f"{counts.shape[1]} units resampled, {len(offsets) - 1} in the offsets; "
            f"{offsets[-1]} examples there, {len(y_true)} y_trues, {len(prediction)} predictions"
        )
    if measured(metric, y_true, prediction, target)[1]:
        return np.full(len(counts), np.nan)
    values_of = next((f for f, names in FAST.items() if metric in names), looped_values)
    return values_of(metric, y_true, prediction, target, counts, offsets)


def percentile_interval(
    centre: np.ndarray, sides: Sequence[np.ndarray], rng: np.random.Generator
) -> tuple[float, float]:
    """Return the 95 % percentiles of centre [resample] with the seeds' noise of each side added."""
    low, high = np.percentile(with_seed_noise(centre, sides, rng), PERCENTILES)
    return float(low), float(high)


def p_of_zero(
    value: float, variances: Sequence[float], freedoms: Sequence[float], rounding: float
) -> float:
    """Return the two-sided p of value = 0 by Student's t, from the independent variances [part] of
    the value and their degrees of freedom [part], joined as Welch (1947) and Satterthwaite (1946).
    """
    parts, freedoms_of = np.array(variances), np.array(freedoms, np.float64)
    if np.isnan([value, *parts]).any():
        return np.nan
    error = np.sqrt(parts.sum())
    if error <= rounding:
        return 1.0
    known = parts > 0
    with np.errstate(divide="ignore"):  # infinite freedom is the normal distribution
        freedom = error**4 / (parts[known] ** 2 / freedoms_of[known]).sum()
    return float(2 * student.sf(abs(value) / error, freedom))


def as_arm(arm: Arm) -> Arm:
    """Return an arm with float64 arrays for its fields."""
    return Arm(np.asarray(arm.points, np.float64), np.asarray(arm.resampled, np.float64))


def mean_with_interval(arm: Arm, rng: np.random.Generator) -> Estimate:
    """Return the mean of an arm over its seeds with its interval; p is NaN, for nothing is tested.

    `rng` draws the seeds' noise (see `seeds.with_seed_noise`).
    """
    points, resampled = as_arm(arm)
    low, high = percentile_interval(resampled.mean(0), [points], rng)
    return Estimate(float(points.mean()), low, high, np.nan, len(points))


def difference(
    first: Arm, second: Arm, rng: np.random.Generator, units: float = np.inf
) -> Estimate:
    """Return mean(first) - mean(second) over seeds, its interval and its p; NaN gives NaN.

    The interval is that of the paired resamples. Each side of several seeds adds its noise, drawn
    from `rng` (see `seeds.with_seed_noise`); with one seed on each side it is the plain percentile
    interval. p adds the variances of the same parts; `units` is how many units were resampled (many
    by default). Interval and p are NaN where no spread can be seen: with one unit, or where all
    resamples of a few units give the same difference, unless that is none. `seeds` is that of the
    second side.
    """
    first, second = as_arm(first), as_arm(second)
    value = float(first.points.mean() - second.points.mean())
    centre = first.resampled.mean(0) - second.resampled.mean(0)
    sides = [first.points, second.points]
    variances = [centre.var(ddof=1), *map(seed_variance, sides)]
    freedoms = [units - 1, *(max(len(points) - 1, 1) for points in sides)]
    rounding = ROUNDING * np.abs(np.concatenate(sides)).max()
    without_spread = np.sqrt(sum(variances)) <= rounding < abs(value)
    if units < FEWEST_UNITS or without_spread:
        return Estimate(value, np.nan, np.nan, np.nan, len(second.points))
    low, high = percentile_interval(centre, sides, rng)
    p = p_of_zero(value, variances, freedoms, rounding)
    return Estimate(value, low, high, p, len(second.points))


def holm(p: ArrayLike) -> np.ndarray:
    """Return p [row] adjusted for all rows that have one (Holm 1979); NaN stays NaN, uncounted."""
    p = np.asarray(p, np.float64)
    adjusted, order = np.full(p.shape, np.nan), np.argsort(p)
    order = order[: np.isfinite(p).sum()]  # NaN sorts last
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def rank_correlations(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation [column] of x [point] with each column of values [point,
    column]; NaN where either is constant or holds NaN."""
    middle = (len(x) + 1) / 2
    ranks, others = rankdata(x) - middle, rankdata(values, axis=0) - middle  # NaN where one is
    return ratio(ranks @ others, np.sqrt((ranks**2).sum() * (others**2).sum(0)))


def rank_correlation(x: ArrayLike, points: ArrayLike, resampled: ArrayLike) -> Estimate:
    """Return Spearman's correlation of a metric, points [point], with x [point] (size, depth, share
    of pretraining), and its interval over resampled [point, resample]; p is NaN.

    The interval covers the test subset alone: the models are taken as given. A resample on which
    all points are equal counts as 0, for there is no rise. NaN below three points.
    """
    x, points = np.asarray(x, np.float64), np.asarray(points, np.float64)
    if len(x) < FEWEST_POINTS:
        return UNKNOWN
    value = rank_correlations(x, points[:, None])[0]
    if np.isnan(value):
        return UNKNOWN
    resampled = np.asarray(resampled, np.float64)
    all_equal = (resampled == resampled[0]).all(axis=0)
    drawn = np.where(all_equal, 0.0, rank_correlations(x, resampled))
    low, high = np.percentile(drawn, PERCENTILES)
    return Estimate(float(value), float(low), float(high))
