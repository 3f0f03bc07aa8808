"""What intervals of few test units are worth, by metric and number of units: how often they hold
the true gain, and how often they exclude a gain that is there ("no benefit").

before: percentiles of the resamples whatever their number, and none where one resample is
undefined. after: the rules of `compare.bootstrap.difference`.
"""

import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.statistics.scenes import SCENES, Scene
from plmbench.compare.arms import unit_range_of
from plmbench.compare.bootstrap import Arm, bootstrapped, difference, resamples
from plmbench.core.metrics import METRICS, better_first

UNITS = (2, 5, 10, 20, 50, 100)
MIN_EFFECT = 0.01  # the default of `statistics.min_effect`
LEAST_GAIN = 0.03  # of a scene that counts: its exclusion is an error by a wide margin
RESAMPLES = 200
QUICK, TRIALS = 10, 200
Limits = tuple[float, float]


def percentiles(first: Arm, second: Arm) -> Limits:
    """Return the interval of a difference as it was before there were rules for few units."""
    centre = (first.resampled - second.resampled)[0]
    if not centre.any():
        return 0.0, 0.0
    low, high = np.percentile(centre, (2.5, 97.5))
    return (np.nan, np.nan) if low == high else (low, high)


def arms_of(scene: Scene, units: int, rng: np.random.Generator) -> list[Arm]:
    """Return the two arms of a scene on one drawn test subset."""
    y_true, *sides = scene.draw(rng, units, scene.skills)
    drawn = resamples(units, RESAMPLES, int(rng.integers(2**31)))
    counts = np.concatenate([np.ones((1, units), drawn.dtype), drawn])  # the subset as it is, first
    offsets = np.arange(0, len(y_true) + 1, scene.lengths)
    order, facts = better_first(scene.metric), (scene.target, counts, offsets)
    values = [order * bootstrapped(scene.metric, y_true, side, *facts) for side in sides]
    return [Arm(side[:1], side[None, 1:]) for side in values]


def rates(scene: Scene, units: int, gain: float, trials: int) -> dict[str, float]:
    """Return of intervals before and after: how many there are, hold the gain, and exclude it."""
    rng = np.random.default_rng([units, SCENES.index(scene)])
    span, found = unit_range_of(scene.metric), {"before": [], "after": []}
    for _ in range(trials):
        first, second = arms_of(scene, units, rng)
        found["before"].append(percentiles(first, second))
        found["after"].append(difference(first, second, units, span)[1:3])
    row = {}
    for name, limits in found.items():
        low, high = np.array(limits).T
        there = np.isfinite(low)
        held = (low <= gain) & (gain <= high)
        row |= {f"intervals_{name}": there.mean()}
        row |= {f"coverage_{name}": held.sum() / there.sum() if there.any() else np.nan}
        row |= {f"excluded_{name}": (high < MIN_EFFECT).mean()}
    return row


def false_no_benefit(table: pd.DataFrame) -> pd.Series:
    """Return how often each row of the table is a verdict of `no benefit` in error."""
    needed = table["metric"].map(lambda name: METRICS[name].fewest_units)
    return table["excluded_after"].where(table["units"] >= needed, 0.0)


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per scene of a gain that counts, and number of units."""
    return pd.DataFrame(rows_of(QUICK if quick else TRIALS))


def rows_of(trials: int) -> Iterator[dict[str, object]]:
    """Yield the rows."""
    for scene in SCENES:
        gain = scene.gain(np.random.default_rng(0))
        print(f"{scene.metric} {scene.skills}: gain {gain:.3f}", file=sys.stderr, flush=True)
        if gain < LEAST_GAIN:
            continue
        for units in UNITS:
            names = {"metric": scene.metric, "task_type": scene.target.task_type}
            names |= {"gain": gain, "units": units, "trials": trials}
            yield names | rates(scene, units, gain, trials)
