"""What an interval is made of, and why there is none: no spread is read as certainty."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from plmbench.compare.exact import Range
from plmbench.compare.seeds import seed_variance, with_seed_noise
from plmbench.core.units import FEWEST_UNITS

PERCENTILES = (2.5, 97.5)  # of a 95 % interval
ROUNDING = 1e-12  # share of a metric's value below which a difference is the rounding of a mean
LEAST_DEFINED = 0.9  # share of resamples on which a metric needs a value


class Estimate(NamedTuple):
    """A value with its 95 % interval and two-sided p of value = 0; what is unknown is NaN.

    defined: the share of resamples on which the value is defined. reason: why there is no interval,
    or that it is exact.
    """

    value: float
    low: float
    high: float
    p: float = np.nan
    seeds: int = 0
    defined: float = np.nan
    reason: str = ""


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


class Draws(NamedTuple):
    """What an interval is made of: a value, the same on each resample, centre [resample], and the
    sides, each points [seed], whose seeds add noise."""

    value: float
    centre: np.ndarray
    sides: Sequence[np.ndarray]
    units: float  # how many were resampled
    unit_range: Range | None  # in which one unit lies, if the value is a mean over units

    @property
    def defined(self) -> np.ndarray:
        """Return the value on the resamples on which it is defined."""
        return self.centre[np.isfinite(self.centre)]

    @property
    def share(self) -> float:
        """Return the share of resamples on which the value is defined."""
        return len(self.defined) / len(self.centre)

    @property
    def variances(self) -> list[float]:
        """Return the variances of the parts: resamples, and the seeds of each side."""
        spread = self.defined.var(ddof=1) if len(self.defined) > 1 else np.nan
        return [spread, *map(seed_variance, self.sides)]

    @property
    def rounding(self) -> float:
        """Return the size below which a spread is the rounding of a mean."""
        return float(ROUNDING * np.abs(np.concatenate(self.sides)).max())

    @property
    def without_spread(self) -> bool:
        """Tell whether no resample and no seed differs."""
        return bool(np.sqrt(sum(self.variances)) <= self.rounding)


def why_no_interval(draws: Draws, value_reason: str = "", same: bool = False) -> str:
    """Return why a value has no interval; "" where it has one.

    same: whether the two sides of a difference are equal by construction.
    """
    exact = draws.unit_range is not None and draws.without_spread
    reasons = (
        (np.isnan(draws.value), value_reason or "undefined on the test subset"),
        (draws.units < 2, "one test sequence has no spread"),
        (
            draws.share < LEAST_DEFINED,
            f"defined on {np.floor(1000 * draws.share) / 10:g} % of the resamples of test; "
            f"an interval needs {100 * LEAST_DEFINED:g} %",
        ),
        (
            draws.units < FEWEST_UNITS and not (same or exact),
            f"{draws.units} test sequences are too few: an interval needs {FEWEST_UNITS}",
        ),
        (
            draws.without_spread and not (same or exact),
            "the same on every resample of test: no spread can be seen",
        ),
    )
    return next((words for found, words in reasons if found), "")


def percentile_interval(draws: Draws, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % percentiles of the resamples with the seeds' noise of each side added."""
    drawn = with_seed_noise(draws.centre, draws.sides, rng)
    low, high = np.percentile(drawn[np.isfinite(drawn)], PERCENTILES)
    return float(low), float(high)
