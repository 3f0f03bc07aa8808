"""Effect size: which share of the gain over a baseline is due to pretraining.

(pretrained - ablation) / (pretrained - baseline): 1 where the ablation is no better than the
baseline, 0 where it is as good as the pretrained network, below 0 where it is better.
"""

from typing import NamedTuple

import numpy as np

from plmbench.compare.draws import Estimate
from plmbench.compare.noise import TAIL
from plmbench.compare.tails import student_isf

NO_GAIN = "no gain over the baseline, of which there could be a share"
MAY_BE_NONE = "the gain over the baseline may be 0, so that a share of it has no bounds"


class Share(NamedTuple):
    """A share of a gain with its 95 % interval, or NaN and the reason."""

    share_of_gain: float
    share_low: float
    share_high: float
    share_reason: str


def unknown_share(reason: str) -> Share:
    """Return a Share that has no number."""
    return Share(np.nan, np.nan, np.nan, reason)


def share_of(part: Estimate, whole: Estimate, covariance: float) -> Share:
    """Return part / whole with the interval of Fieller (1954): all ratios r for which part less
    r times whole does not differ from 0."""
    if not np.isfinite([part.error, whole.error]).all():
        return unknown_share(part.reason or whole.reason or "no interval")
    if whole.value <= 0:
        return unknown_share(NO_GAIN)
    t2 = student_isf(TAIL, min(part.freedom, whole.freedom)) ** 2
    square = whole.value**2 - t2 * whole.error**2
    if square <= 0:
        return unknown_share(MAY_BE_NONE)
    middle = part.value * whole.value - t2 * covariance
    rest = max(0.0, middle**2 - square * (part.value**2 - t2 * part.error**2))
    low, high = ((middle + sign * np.sqrt(rest)) / square for sign in (-1, 1))
    return Share(part.value / whole.value, float(low), float(high), "")
