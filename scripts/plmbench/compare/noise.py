"""What the error of a value is made of: independent parts, each known by so many draws of its own.

A part is what one source adds to the variance of a value: the test units, the networks that an
ablation drew, the probe's seeds. Another source is one more `Part`, no more.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from plmbench.compare.moderation import Prior, moderated
from plmbench.compare.tails import normal_isf, student_isf, student_sf
from plmbench.core.noise_sources import TEST

LEVEL = 0.95  # of an interval
TAIL = (1 - LEVEL) / 2
ROUNDING = 1e-12  # share of a value below which a difference is the rounding of a mean


class Part(NamedTuple):
    """What one source adds to the variance of a value.

    freedom: degrees of freedom of the estimate, infinite where the variance is known. gross: the
    estimate before the noise of another source was taken from it, which says how well it is known.
    source: one of core/noise_sources.py.
    """

    variance: float
    freedom: float = np.inf
    gross: float = 0.0
    source: str = TEST


class Noise(NamedTuple):
    """The standard error of a value, and its degrees of freedom by Welch (1947) and Satterthwaite
    (1946)."""

    error: float
    freedom: float

    def p_above(self, distance: float) -> float:
        """Return how likely a value without expectation is to lie this far above it or farther."""
        if self.error == 0:
            return 0.0 if distance > 0 else 1.0
        return float(student_sf(distance / self.error, self.freedom))

    def half_width(self, tail: float = TAIL) -> float:
        """Return how far the ends of an interval lie from its middle."""
        return float(student_isf(tail, self.freedom) * self.error) if self.error else 0.0


def joined(parts: Sequence[Part]) -> Noise:
    """Return the Noise of independent parts; it is known no worse than the part known worst."""
    variance = sum(part.variance for part in parts)
    unsure = sum(max(part.variance, part.gross) ** 2 / part.freedom for part in parts)
    if not unsure:
        return Noise(float(np.sqrt(variance)), np.inf)
    least = min(part.freedom for part in parts)
    return Noise(float(np.sqrt(variance)), max(least, float(variance**2 / unsure)))


def error_by(parts: Sequence[Part], source: str) -> float:
    """Return the standard error that one source makes by itself."""
    return float(np.sqrt(sum(part.variance for part in parts if part.source == source)))


def largest_source(parts: Sequence[Part]) -> str:
    """Return the source that adds most to the variance, the first of several; "" where none adds
    anything."""
    sums: dict[str, float] = {}
    for part in parts:
        sums[part.source] = sums.get(part.source, 0.0) + part.variance
    most = max(sums, key=lambda source: sums[source], default="")
    return most if most and sums[most] > 0 else ""


def unit_noise(resampled: np.ndarray) -> float:
    """Return the variance that the test units add to each of several draws by itself, from
    resampled [draw, resample]."""
    defined = resampled[:, np.isfinite(resampled).all(0)]
    if defined.shape[1] < 2:
        return 0.0
    own = (defined - defined.mean(0)).var(axis=1, ddof=1)
    return float(own.sum()) / (len(resampled) - 1)


def told_part(prior: Prior) -> Part:
    """Return the Part of a single draw, of whose spread others tell."""
    gross, freedom = moderated(0.0, 0.0, prior)
    return Part(max(0.0, gross - prior.own), freedom, gross)


def spread_part(
    points: np.ndarray, resampled: np.ndarray, times: float, prior: Prior | None = None
) -> list[Part]:
    """Return the Part of draws (networks, probe seeds, refits) with a value each, points [draw],
    resampled [draw, resample]; none of a single draw, of whose spread nothing is known.

    The spread of the points holds the noise that the test units add to each draw by itself. It is
    in the variance over resamples already, and is taken out. times: what the value has of the
    variance of one draw, 1 / k for a mean over k of them. prior: what other spreads tell of it.
    """
    draws = len(points)
    if draws < 2:
        return []
    gross, test = float(points.var(ddof=1)), unit_noise(resampled)
    if max(gross, test) <= (ROUNDING * np.abs(points).max()) ** 2:
        return []  # equal networks, such as ablations that keep what this layer reads
    gross, freedom = moderated(gross, draws - 1, prior)
    return [Part(times * max(0.0, gross - test), freedom, times * gross)]


def widened(limits: tuple[float, float], part: Part, noise: Noise) -> tuple[float, float]:
    """Return the ends of an interval that holds one part alone, by its normal distribution, moved
    apart so that it holds all noise."""
    more = noise.half_width() - normal_isf(TAIL) * np.sqrt(part.variance)
    return limits[0] - more, limits[1] + more
