"""What an interval is made of, and why there is none: no spread is read as certainty."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from plmbench.compare.exact import Range
from plmbench.compare.noise import ROUNDING, TAIL, Noise, Part, joined, widened
from plmbench.core.units import FEWEST_UNITS

PERCENTILES = (100 * TAIL, 100 * (1 - TAIL))
LEAST_DEFINED = 0.9  # share of resamples on which a metric needs a value


class Estimate(NamedTuple):
    """A value with its 95 % interval and two-sided p of value = 0; what is unknown is NaN.

    defined: the share of resamples on which the value is defined. reason: why there is no interval
    or no p, or that the interval is exact. error, freedom: of its Noise. most_noise: what adds most
    to it. test_error, seed_error: what of it the test units, and the networks that ablations drew,
    make by themselves.
    """

    value: float
    low: float
    high: float
    p: float = np.nan
    seeds: int = 0
    defined: float = np.nan
    reason: str = ""
    error: float = np.nan
    freedom: float = np.nan
    most_noise: str = ""
    test_error: float = np.nan
    seed_error: float = np.nan


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


class Draws(NamedTuple):
    """What an interval is made of: a value, the same on each resample, centre [resample], and the
    parts of its noise beside the test units.

    size: of the numbers that the value is made of; units: how many were resampled; unit_range: in
    which one unit lies, if the value is a mean over units; seeds: the parts that seeds show;
    others: parts that neither resamples nor seeds show.
    """

    value: float
    centre: np.ndarray
    size: float
    units: float = np.inf
    unit_range: Range | None = None
    seeds: Sequence[Part] = ()
    others: Sequence[Part] = ()

    @property
    def defined(self) -> np.ndarray:
        """Return the value on the resamples on which it is defined."""
        return self.centre[np.isfinite(self.centre)]

    @property
    def share(self) -> float:
        """Return the share of resamples on which the value is defined."""
        return len(self.defined) / len(self.centre)

    @property
    def test(self) -> Part:
        """Return the Part of the test units."""
        defined = self.defined
        variance = float(defined.var(ddof=1)) if len(defined) > 1 else np.nan
        return Part(variance, max(self.units - 1, 1))

    @property
    def without_spread(self) -> bool:
        """Tell whether no resample and no seed differs by more than rounding."""
        return joined([self.test, *self.seeds]).error <= ROUNDING * self.size

    @property
    def parts(self) -> list[Part]:
        """Return all parts of the noise."""
        return [self.test, *self.seeds, *self.others]

    @property
    def noise(self) -> Noise:
        """Return the noise of all parts."""
        return joined(self.parts)


def why_no_interval(draws: Draws, value_reason: str = "", same: bool = False) -> str:
    """Return why a value has no interval; "" where it has one.

    same: whether the two sides of a difference are equal by construction.
    """
    exact = draws.unit_range is not None and draws.without_spread
    reasons = (
        (np.isnan(draws.value), value_reason or "undefined on the test subset"),
        (draws.units < 2, "one test unit has no spread"),
        (
            draws.share < LEAST_DEFINED,
            f"defined on {np.floor(1000 * draws.share) / 10:g} % of the resamples of test; "
            f"an interval needs {100 * LEAST_DEFINED:g} %",
        ),
        (
            draws.units < FEWEST_UNITS and not (same or exact),
            f"{draws.units} test units are too few: an interval needs {FEWEST_UNITS}",
        ),
        (
            draws.without_spread and not (same or exact),
            "the same on every resample of test: no spread can be seen",
        ),
    )
    return next((words for found, words in reasons if found), "")


def percentile_interval(draws: Draws) -> tuple[float, float]:
    """Return the 95 % percentiles of the resamples."""
    low, high = np.percentile(draws.defined, PERCENTILES)
    return float(low), float(high)


def interval(draws: Draws) -> tuple[float, float]:
    """Return the percentiles of the resamples, moved apart by what the other parts add, within the
    range that the value can have."""
    low, high = widened(percentile_interval(draws), draws.test, draws.noise)
    if draws.unit_range is None:
        return low, high
    return max(low, draws.unit_range[0]), min(high, draws.unit_range[1])
