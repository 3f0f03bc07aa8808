"""Where in a network lies what pretraining gave: ratios along a sweep, with their intervals.

y(k) is the metric at the last layer with k blocks ablated, signed so that higher is better.
r(k) = (y(k) - y(N)) / (y(0) - y(N)) is what is left of the gain, its area the integral over k / N,
and k50 where r, made to fall (isotonic regression), crosses a half.
"""

from typing import NamedTuple

import numpy as np

from plmbench.compare.draws import LEAST_DEFINED, PERCENTILES

HALF = 0.5


class Drawn(NamedTuple):
    """A metric at the points of a sweep: value [point], and on each resample [resample, point]."""

    value: np.ndarray
    resampled: np.ndarray


class Interval(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


UNKNOWN = Interval(np.nan, np.nan, np.nan)


def over_seeds(points: np.ndarray, resampled: np.ndarray, rng: np.random.Generator) -> Drawn:
    """Return the Drawn of points [seed, point] and resampled [seed, resample, point], with the
    seeds' noise added: that of a mean over seeds, by Student's t, the same seeds at every point."""
    value, centre, seeds = points.mean(0), resampled.mean(0), len(points)
    if seeds > 1:
        deviations = (points - value) / np.sqrt(seeds * (seeds - 1))  # [seed, point]
        noise = rng.standard_normal((len(centre), seeds)) @ deviations  # [resample, point]
        heavier = np.sqrt((seeds - 1) / rng.chisquare(seeds - 1, len(centre)))
        centre = centre + noise * heavier[:, None]
    return Drawn(value, centre)


def left_of_gain(values: np.ndarray, intact: np.ndarray, ablated: np.ndarray) -> np.ndarray:
    """Return r [..., point] of values [..., point], given those with nothing and with all of it
    ablated [...]; NaN where there is no gain to divide by."""
    gain = (intact - ablated)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gain > 0, (values - ablated[..., None]) / gain, np.nan)


def area_under(depths: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return the integral of r [..., point] over depths [point], as a share of the network."""
    return np.trapezoid(left, depths, axis=-1) / depths[-1]


def falling(values: np.ndarray) -> np.ndarray:
    """Return the falling values [..., point] nearest to some, by least squares (isotonic
    regression): at i the least over starts up to i of the greatest mean from there to i or on."""
    count = values.shape[-1]
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), values.cumsum(-1)], -1)
    widths = np.arange(count + 1)[None, :] - np.arange(count + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        means = (sums[..., None, :] - sums[..., :, None]) / widths  # [..., start, stop]
    fitted = [
        means[..., : i + 1, i + 1 :].max(-1).min(-1)  # stops after i
        for i in range(count)
    ]
    return np.stack(fitted, -1)


def crossing(depths: np.ndarray, left: np.ndarray, level: float = HALF) -> np.ndarray:
    """Return where falling values [..., point], which begin above the level and end below it,
    cross it, on straight lines between depths [point]; NaN where a value is."""
    below = np.argmax(left <= level, axis=-1)  # [...], the first point at or below the level
    after = np.maximum(below, 1)[..., None]
    high, low = (np.take_along_axis(left, after - i, -1)[..., 0] for i in (1, 0))
    start, stop = depths[after[..., 0] - 1], depths[after[..., 0]]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (high - level) / (high - low), 0.0)
    return np.where(np.isfinite(left).all(-1), start + share * (stop - start), np.nan)


def half_depth(depths: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return k50 [...] of r [..., point]."""
    return crossing(depths, falling(left))


def interval(value: float, drawn: np.ndarray) -> Interval:
    """Return a value with the percentiles of what was drawn [resample]; without them where too few
    draws are defined."""
    defined = drawn[np.isfinite(drawn)]
    if len(defined) < LEAST_DEFINED * len(drawn):
        return Interval(float(value), np.nan, np.nan)
    low, high = np.percentile(defined, PERCENTILES)
    return Interval(float(value), float(low), float(high))


class Ratios(NamedTuple):
    """What a curve along the depth comes to."""

    left: list[Interval]  # r, at each depth
    area: Interval
    k50: Interval


def ratios(depths: np.ndarray, drawn: Drawn) -> Ratios:
    """Return the Ratios of a curve: its metric at depths [point] from 0 to all blocks."""
    value = left_of_gain(drawn.value, drawn.value[0], drawn.value[-1])  # [point]
    resampled = left_of_gain(drawn.resampled, drawn.resampled[:, 0], drawn.resampled[:, -1])
    pairs = zip(value, resampled.T, strict=True)
    functions = (area_under, half_depth)
    area, k50 = (interval(float(f(depths, value)), f(depths, resampled)) for f in functions)
    return Ratios([interval(*pair) for pair in pairs], area, k50)


def share_lost(point: Drawn, intact: Drawn, ablated: Drawn) -> Interval:
    """Return which share of the gain is lost at one point, each Drawn of that point alone [1];
    below 0 where the ablated part did harm."""
    value = 1 - left_of_gain(point.value, intact.value[0], ablated.value[0])[0]
    left = left_of_gain(point.resampled, intact.resampled[:, 0], ablated.resampled[:, 0])
    return interval(value, 1 - left[:, 0])
