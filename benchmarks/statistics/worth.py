"""What the interval of worth in labels is worth: how often it holds the true factor, by the number
of test units, the true factor and the spread between draws of training subsets.

A network and its reference have one curve, shifted along the logarithm of labels by the true
factor. Curves bend: they are a power law, which the straight lines between sizes only approach.
naive: a percentile bootstrap of test units alone, with training subsets taken as given.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from plmbench.compare.bootstrap import resamples
from plmbench.compare.curve_arms import Cell, drawn_curve, weights_of_mean
from plmbench.compare.worth import log_worths, percentiles

SHARES = np.array([1 / 64, 1 / 16, 1 / 4, 1])
LABELS = 640 * SHARES
DRAWS, RESAMPLES = 5, 400
AT = len(SHARES) - 1  # worth where the reference has all labels
TRIALS, QUICK = 300, 60


class Scene(NamedTuple):
    """What is true: the factor, the test units, and the spread between draws (of 1/4 of the labels,
    in the unit of a normal score; it falls with the root of labels)."""

    worth: float
    units: int
    spread: float


SCENES = [
    Scene(worth, units, spread)
    for worth in (1.0, 3.0, 10.0, 100.0)
    for units in (100, 300, 1000)
    for spread in (0.0, 0.05)
]


def skill(labels: np.ndarray) -> np.ndarray:
    """Return the normal score of the share of units that is right after so many labels."""
    return 1.5 - 2.2 * labels**-0.3


def cells_of(
    shift: float, scene: Scene, easy: np.ndarray, rng: np.random.Generator, shares: np.ndarray
) -> list[Cell]:
    """Return the Cells of an arm that learns from `shift` times its labels.

    easy: how easy each unit is, [unit], the same for both arms; shares: of each unit in a resample,
    [unit, resample].
    """
    cells = []
    for share, labels in zip(SHARES, LABELS, strict=True):
        draws = DRAWS if share < 1 else 1
        luck = rng.normal(size=(draws, 1)) * scene.spread * np.sqrt(0.25 / share)
        noise = rng.normal(size=(draws, len(easy))) * np.sqrt(0.5)
        right = (easy * np.sqrt(0.5) + noise < skill(shift * labels) + luck).astype(np.float64)
        drawn = right @ shares  # [draw, resample]
        cells.append(Cell(right.mean(1)[None], drawn[None]))
    return cells


def intervals(scene: Scene, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """Return the intervals of the logarithm of worth by each rule, from one drawn study."""
    easy = rng.normal(size=scene.units)
    counts = resamples(scene.units, RESAMPLES, int(rng.integers(2**31)))
    shares = counts.T / np.float64(scene.units)
    arms = [cells_of(shift, scene, easy, rng, shares) for shift in (scene.worth, 1.0)]
    weights = weights_of_mean(DRAWS, RESAMPLES, rng)
    even = np.full_like(weights, 1 / DRAWS)
    found = {}
    for name, draws in (("naive", even), ("shipped", weights)):
        sides = [drawn_curve(cells, draws, rng) for cells in arms]
        found[name] = percentiles(log_worths(*sides, LABELS)[:, AT])
    return found


def truth_of(scene: Scene) -> float:
    """Return the logarithm of the true worth as far as these sizes can tell: inf above the largest
    factor between them."""
    return float(np.log(scene.worth)) if scene.worth < 1 / SHARES[0] else np.inf


def rates(scene: Scene, trials: int) -> dict[str, float]:
    """Return how often each rule's interval holds the true worth, its width in factors of two, and
    how often it shows a worth above 1."""
    rng, truth = np.random.default_rng([SCENES.index(scene), 14]), truth_of(scene)
    drawn = [intervals(scene, rng) for _ in range(trials)]
    row: dict[str, float] = {}
    for name in ("naive", "shipped"):
        low, high = np.array([each[name] for each in drawn]).T
        bounds = np.log([SHARES[-1] / SHARES[0], 1.0])  # where the data end
        width = np.clip(high, bounds[1], bounds[0]) - np.clip(low, bounds[1], bounds[0])
        row |= {f"coverage_{name}": ((low <= truth) & (truth <= high)).mean()}
        row |= {f"doublings_{name}": width.mean() / np.log(2)}
        row |= {f"above_one_{name}": (low > 0).mean()}
    return row


def rows(quick: bool) -> Iterator[dict[str, float]]:
    """Yield one row per scene."""
    trials = QUICK if quick else TRIALS
    for scene in SCENES:
        share = float(norm.cdf(skill(LABELS[-1:]))[0])
        yield scene._asdict() | {"reference_score": share, "trials": trials} | rates(scene, trials)


def measure(quick: bool) -> pd.DataFrame:
    """Return the table of all scenes."""
    return pd.DataFrame(rows(quick))
