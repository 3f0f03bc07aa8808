"""What intervals are worth where test sequences are of families: how often they hold the true gain.

before: every sequence is a unit. after: a family is one, by `compare.units.in_families`, which all
intervals use. Two arms of the same accuracy are right or wrong by a normal score; a share of its
variance is the family's, half of it shared by both arms.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm

from plmbench.compare.arms import unit_range_of
from plmbench.compare.bootstrap import Arm, bootstrapped, difference, resamples
from plmbench.compare.units import in_families
from plmbench.core.metrics import Target
from plmbench.probe.predictions import TestSet

SEQUENCES, MEMBERS = 300, 5
CORRELATIONS = (0.0, 0.3, 0.6)  # of the scores of two members of a family
ACCURACY, SHARED = 0.5, 0.5
RESAMPLES, QUICK, TRIALS = 300, 100, 1000
CLASSES = Target("classification", ("wrong", "right"))
NAMES = np.array([f"sequence {i}" for i in range(SEQUENCES)], object)
FAMILIES = {name: f"family {i // MEMBERS}" for i, name in enumerate(NAMES)}


def scores(rng: np.random.Generator, correlation: float) -> np.ndarray:
    """Return normal scores [sequence] of which families share so much of the variance."""
    own = rng.normal(size=SEQUENCES)
    family = np.repeat(rng.normal(size=SEQUENCES // MEMBERS), MEMBERS)
    return np.sqrt(correlation) * family + np.sqrt(1 - correlation) * own


def predictions(rng: np.random.Generator, correlation: float) -> list[np.ndarray]:
    """Return what two arms predict [sequence, class] of sequences that are all `right`."""
    common, found = scores(rng, correlation), []
    for _ in range(2):
        score = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * scores(rng, correlation)
        right = (score < norm.ppf(ACCURACY)).astype(float)
        found.append(np.stack([1 - right, right], 1))
    return found


def interval(
    sides: list[np.ndarray], families: dict[str, str], rng: np.random.Generator
) -> tuple[float, float]:
    """Return the interval of the difference of two arms, drawn by these families."""
    test = TestSet(NAMES, np.ones(SEQUENCES, np.int16), None, CLASSES)
    grouped, positions = in_families(test, np.arange(SEQUENCES), families)
    units = len(grouped.names)
    counts = resamples(units, RESAMPLES, int(rng.integers(2**31)))
    arms = []
    for side in sides:
        own = side[positions]
        point = np.array([(own.argmax(1) == grouped.y_true).mean()])
        facts = "accuracy", grouped.y_true, own, CLASSES, counts, grouped.offsets
        arms.append(Arm(point, bootstrapped(*facts)[None]))
    return difference(*arms, units, unit_range_of("accuracy"))[1:3]


def rates(correlation: float, trials: int) -> dict[str, object]:
    """Return how often the intervals before and after hold the true gain, which is 0, and how wide
    they are."""
    rng = np.random.default_rng([7, round(100 * correlation)])
    limits: dict[str, list[tuple[float, float]]] = {"before": [], "after": []}
    for _ in range(trials):
        sides = predictions(rng, correlation)
        limits["before"].append(interval(sides, {}, rng))
        limits["after"].append(interval(sides, FAMILIES, rng))
    row: dict[str, object] = {"correlation": correlation, "members": MEMBERS, "trials": trials}
    for name, found in limits.items():
        low, high = np.array(found).T
        row |= {f"coverage_{name}": ((low <= 0) & (high >= 0)).mean()}
        row |= {f"width_{name}": (high - low).mean()}
    return row


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per correlation within families of five."""
    trials = QUICK if quick else TRIALS
    return pd.DataFrame([rates(correlation, trials) for correlation in CORRELATIONS])
