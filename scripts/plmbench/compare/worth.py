"""Worth: by which factor the labels of a reference would have to grow to reach the score of a
pretrained network, read from two learning curves.

At a size of the reference it has a score, for which it needs n labels, and the network m: worth is
n / m. Curves are made monotone (isotonic regression) and are straight between sizes against the
logarithm of labels. Where the network is above that score with its smallest size already, worth is
at least the reference's size over that one; where it does not reach it with all labels, worth is
below the reference's size over all.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

PERCENTILES = (2.5, 97.5)  # of a 95 % interval
LEAST_DEFINED = 0.9  # share of the resamples on which worth needs to be defined
ROUNDING = 1e-9  # share of a score by which two equal ones may differ
DIGITS = 2  # of a worth in words
AT_LEAST, BELOW = ">= ", "< "


class Worth(NamedTuple):
    """A worth with its 95 % interval. A number that the data only bound is NaN, and the text says
    the bound; reason: why there is no worth, or no interval."""

    worth: float = np.nan
    low: float = np.nan
    high: float = np.nan
    text: str = ""
    reason: str = ""


def monotone(curves: np.ndarray) -> np.ndarray:
    """Return the isotonic regression of curves [..., size], rising, each size of the same weight
    (the min-max formula: Barlow et al. 1972)."""
    sizes = curves.shape[-1]
    sums = np.concatenate([np.zeros_like(curves[..., :1]), curves.cumsum(-1)], axis=-1)
    fitted = np.full_like(curves, -np.inf)
    for start in range(sizes):
        # The least mean of what begins here and ends at or after each size.
        means = (sums[..., start + 1 :] - sums[..., start, None]) / np.arange(1, sizes - start + 1)
        least = np.minimum.accumulate(means[..., ::-1], axis=-1)[..., ::-1]
        fitted[..., start:] = np.maximum(fitted[..., start:], least)
    return fitted


def labels_to_reach(curves: np.ndarray, log_labels: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the logarithm of the fewest labels [...] with which rising curves [..., size] reach a
    level [...]: -inf where the smallest size is above it, inf where none reaches it."""
    slack = ROUNDING * np.abs(level)
    reached = curves >= (level - slack)[..., None]
    place = reached.argmax(-1).clip(1)  # the first size that reaches it
    low, high = (
        np.take_along_axis(curves, (place - back)[..., None], -1)[..., 0] for back in (1, 0)
    )
    # 0 where the smallest size is at the level, or above it.
    share = np.maximum(level - low, 0) / np.where(high > low, high - low, 1.0)
    found = log_labels[place - 1] + share * (log_labels[place] - log_labels[place - 1])
    found = np.where(reached[..., -1], found, np.inf)
    found = np.where(curves[..., 0] > level + slack, -np.inf, found)
    return np.where(np.isnan(level) | np.isnan(curves).any(-1), np.nan, found)


def log_worths(network: np.ndarray, reference: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the logarithm of worth [..., size] of curves [..., size], in which higher is better,
    at each size of the reference: inf where the data only bound it from below, -inf from above.

    Of both curves the fewest labels count that reach the score, so that two equal curves are worth
    1 also where they are flat. labels: [size], rising, of both.
    """
    network, reference, log_labels = monotone(network), monotone(reference), np.log(labels)
    found = []
    for place in range(len(labels)):
        level = reference[..., place]
        needed = [labels_to_reach(curve, log_labels, level) for curve in (reference, network)]
        found.append(needed[0] - needed[1])
    return np.stack(found, axis=-1)


def in_words(log_worth: float, size: int, labels: np.ndarray) -> str:
    """Return a worth in words; where the data only bound it, with the bound."""
    bounds = {np.inf: (AT_LEAST, labels[0]), -np.inf: (BELOW, labels[-1])}
    if log_worth in bounds:
        sign, other = bounds[log_worth]
        return f"{sign}{labels[size] / other:.{DIGITS}g}"
    return f"{np.exp(log_worth):.{DIGITS}g}"


def percentiles(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the 95 % interval of values [resample] that may be infinite: each is one
    of them, for no mean of a number and a bound says anything."""
    low, high = np.quantile(values, np.array(PERCENTILES) / 100, method="inverted_cdf")
    return float(low), float(high)


def worth_of(
    point: float, drawn: np.ndarray, size: int, labels: np.ndarray, reason: str = ""
) -> Worth:
    """Return the Worth at a size from its logarithm, and the same on resamples [resample]; reason:
    why there is no interval, if that is known."""
    if np.isnan(point):
        return Worth(reason=reason or "undefined: a score of one of the curves is")
    words, defined = in_words(point, size, labels), drawn[~np.isnan(drawn)]
    worth = float(np.exp(point)) if np.isfinite(point) else np.nan
    if len(defined) < LEAST_DEFINED * len(drawn) and not reason:
        reason = f"defined on {100 * len(defined) / len(drawn):.0f} % of the resamples of test"
    if reason:
        return Worth(worth, text=words, reason=reason)
    ends = percentiles(defined)
    low, high = (float(np.exp(end)) if np.isfinite(end) else np.nan for end in ends)
    limits = [in_words(end, size, labels) for end in ends]
    interval = "" if set(limits) == {words} else f" [{', '.join(limits)}]"  # all at one bound
    return Worth(worth, low, high, f"{words}{interval}")


def against_best(log_worths_of: Sequence[np.ndarray]) -> np.ndarray:
    """Return the logarithm of worth against the best of several references, from those against each
    [...]: the least one."""
    return np.min(log_worths_of, axis=0)
