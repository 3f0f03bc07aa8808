"""Uncertainty of a metric on a test subset: paired bootstrap over its units, and over seeds.

A unit is what was sampled: a sequence, also where each of its residues is an example. All arms of
a task get the same resamples, so that what two arms share cancels in their difference.
"""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from plmbench.compare.draws import (
    UNKNOWN,
    Draws,
    Estimate,
    interval,
    why_no_interval,
)
from plmbench.compare.exact import EXACT, Range, exact_interval, exact_p
from plmbench.compare.fast_metrics import RANKED, TALLIED, ranked_values, ratio, tallied_values
from plmbench.compare.moderation import Prior
from plmbench.compare.noise import (
    TAIL,
    Noise,
    Part,
    error_by,
    largest_source,
    spread_part,
    told_part,
)
from plmbench.compare.rank_resamples import spearman_values
from plmbench.compare.tails import normal_isf
from plmbench.core.errors import InputError
from plmbench.core.measures import mean_ranks
from plmbench.core.metrics import Target, measured
from plmbench.core.noise_sources import NETWORKS, PROBE, TEST

ONE_SEED = "one seed: the spread between networks is unknown, and not in the interval; take five"

# (metric, y_true, prediction, target, counts, offsets) -> values [resample]
Resampled = Callable[[str, np.ndarray, np.ndarray, Target, np.ndarray, np.ndarray], np.ndarray]
FAST: dict[Resampled, Collection[str]] = {  # the metrics that need no loop
    tallied_values: TALLIED,
    ranked_values: RANKED,
    spearman_values: ("spearman",),
}


class Arm(NamedTuple):
    """One side of a comparison: a metric on the test subset, points [seed], and the same on each
    resample of it, resampled [seed, resample].

    reason: why a point is NaN. predictions: digests of what was predicted, by file and probe seed;
    "" for predictions that may be equal by chance. networks: how many networks drew the points,
    each with as many probe seeds, network by network; 0 where nothing was drawn but probe seeds.
    """

    points: np.ndarray
    resampled: np.ndarray
    reason: str = ""
    predictions: frozenset[str] = frozenset()
    networks: int = 0

    @property
    def seeds(self) -> int:
        """Return how many draws the mean is of: networks, or else the probe's seeds."""
        return self.networks or len(self.points)


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


def estimated(
    draws: Draws, seeds: int, value_reason: str = "", same: bool = False, unknown: str = ""
) -> Estimate:
    """Return the Estimate of what was drawn, by so many seeds.

    same: whether two sides are equal by construction. unknown: which noise nothing is known of, so
    that there is an interval without it, and no p.
    """
    if reason := why_no_interval(draws, value_reason, same):
        return UNKNOWN._replace(value=draws.value, seeds=seeds, defined=draws.share, reason=reason)
    if draws.without_spread:
        limits, p, noise, reason = without_spread(draws, same)
        most, errors = TEST if noise.error else "", (noise.error, 0.0)
    else:
        limits, noise, reason = interval(draws), draws.noise, ""
        p, most = min(1.0, 2 * noise.p_above(abs(draws.value))), largest_source(draws.parts)
        errors = error_by(draws.parts, TEST), error_by(draws.parts, NETWORKS)
    if unknown and not same:
        p, noise, reason, most = np.nan, Noise(np.nan, np.nan), unknown, ""
    return Estimate(draws.value, *limits, p, seeds, draws.share, reason, *noise, most, *errors)


def without_spread(draws: Draws, same: bool) -> tuple[Range, float, Noise, str]:
    """Return interval, p, noise and reason of a value that is the same on every resample: nothing
    where two sides are equal by construction, and else the exact bound by the number of units."""
    if same or draws.unit_range is None:
        return (draws.value, draws.value), 1.0, Noise(0.0, np.inf), ""
    facts = draws.value, draws.units, draws.unit_range
    low, high = exact_interval(*facts)
    error = max(high - draws.value, draws.value - low) / normal_isf(TAIL)
    return (low, high), exact_p(*facts), Noise(float(error), np.inf), EXACT


def as_arm(arm: Arm) -> Arm:
    """Return an arm with float64 arrays for its fields."""
    points, resampled = (np.asarray(values, np.float64) for values in arm[:2])
    return arm._replace(points=points, resampled=resampled)


def by_network(arm: Arm) -> tuple[np.ndarray, np.ndarray]:
    """Return points [network, probe seed] and resampled [network, probe seed, resample]."""
    shape = max(arm.networks, 1), -1
    return arm.points.reshape(shape), arm.resampled.reshape(*shape, arm.resampled.shape[-1])


def network_parts(arm: Arm, other: Arm | None = None, prior: Prior | None = None) -> list[Part]:
    """Return the Part of the networks that drew an arm; none of a single one.

    One network on the other side, such as the pretrained one, is a draw like these, compared with
    their distribution: 1 + 1 / k of a draw's variance, where a mean over k of them has 1 / k.
    Compared with what no network drew, such as one-hot, it is a draw all the same, whose spread the
    prior alone can tell.
    """
    if prior and other is not None and (arm.networks, other.networks) == (1, 0):
        return [told_part(prior)._replace(source=NETWORKS)]
    single = other is not None and other.networks == 1
    points, resampled = by_network(arm)
    times = single + 1 / len(points)
    found = spread_part(points.mean(1), resampled.mean(1), times, prior)
    return [part._replace(source=NETWORKS) for part in found]


def probe_parts(first: Arm, second: Arm | None = None) -> list[Part]:
    """Return the Part of the probe's seeds, which both sides have in common where they have as
    many."""
    sides = [[v.mean(0) for v in by_network(arm)] for arm in (first, second) if arm]
    if len(sides) == 2 and len(sides[0][0]) == len(sides[1][0]):
        sides = [[ours - theirs for ours, theirs in zip(*sides, strict=True)]]
    parts = [spread_part(points, drawn, 1 / len(points)) for points, drawn in sides]
    return [part._replace(source=PROBE) for found in parts for part in found]


def mean_with_interval(
    arm: Arm,
    units: float = np.inf,
    unit_range: Range | None = None,
    others: Sequence[Part] = (),
    prior: Prior | None = None,
) -> Estimate:
    """Return the mean of an arm over its seeds with its interval; p is NaN, for nothing is tested.

    units, unit_range, others, prior: see `difference`.
    """
    arm = as_arm(arm)
    value, size = float(arm.points.mean()), float(np.abs(arm.points).max())
    seeds = [*network_parts(arm, prior=prior), *probe_parts(arm)]
    draws = Draws(value, arm.resampled.mean(0), size, units, unit_range, seeds, others)
    return estimated(draws, arm.seeds, arm.reason)._replace(p=np.nan)


def equal_by_construction(first: Arm, second: Arm) -> bool:
    """Tell whether two arms read equal embeddings, such as a layer that the ablation keeps: their
    predictions are equal to the last bit."""
    digests = first.predictions | second.predictions
    return bool(digests) and "" not in digests and first.predictions == second.predictions


def unknown_spread(first: Arm, second: Arm) -> str:
    """Return that nothing is known of the spread between networks, where one is compared with one;
    "" elsewhere."""
    return ONE_SEED if first.networks == second.networks == 1 else ""


def difference(
    first: Arm,
    second: Arm,
    units: float = np.inf,
    unit_range: Range | None = None,
    others: Sequence[Part] = (),
    prior: Prior | None = None,
) -> Estimate:
    """Return mean(first) - mean(second) over seeds, its interval and its p; NaN gives NaN.

    What both sides share on a resample cancels. units: how many were resampled (many by default);
    unit_range: between which values the metric of one unit lies, for a metric that is the mean over
    units. Where no unit differs between the sides such a mean has an exact interval by their
    number, and other metrics have none, unless the sides have made the same predictions. others:
    parts of the noise beside test units and seeds. prior: what other ablations tell of the spread
    of the second side, or of the first where no network drew the second. See `why_no_interval` for
    what has no interval.
    """
    first, second = as_arm(first), as_arm(second)
    value = float(first.points.mean() - second.points.mean())
    centre = first.resampled.mean(0) - second.resampled.mean(0)
    size = float(np.abs([*first.points, *second.points]).max())
    span = unit_range and (unit_range[0] - unit_range[1], unit_range[1] - unit_range[0])
    ours = None if second.networks else prior
    seeds = [*network_parts(first, second, ours), *network_parts(second, first, prior)]
    seeds += probe_parts(first, second)
    draws = Draws(value, centre, size, units, span, seeds, others)
    same, unknown = equal_by_construction(first, second), unknown_spread(first, second)
    return estimated(draws, second.seeds, first.reason or second.reason, same, unknown)


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
    ranks, others = mean_ranks(x) - middle, mean_ranks(values.T).T - middle  # NaN where one is
    return ratio(ranks @ others, np.sqrt((ranks**2).sum() * (others**2).sum(0)))
