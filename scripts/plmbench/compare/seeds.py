"""Scores of several seeds: their mean in tables, and the noise that they add to an interval."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from plmbench.core.columns import ARM
from plmbench.core.metrics import METRICS
from plmbench.core.weights import parse_weights


def with_ablation(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the score rows that are metrics, with a column `ablation` read from `weights`."""
    scores = scores[scores["metric"].isin(METRICS)]
    return scores.assign(ablation=scores["weights"].map(lambda text: parse_weights(text).ablation))


def over_seeds(scores: pd.DataFrame) -> pd.DataFrame:
    """Return mean, sd (n - 1; NaN for one seed), seeds and n of each arm, layer, subset, metric.

    A NaN among the seeds makes the mean NaN: an undefined score is not left out silently.
    """
    groups = scores.groupby([*ARM, "layer", "subset", "metric"], sort=False)
    values = groups["value"]
    table = values.agg(mean=lambda v: v.mean(skipna=False), sd=lambda v: v.std(skipna=False))
    return table.assign(seeds=values.size(), n=groups["n"].first()).reset_index()


def seed_variance(points: np.ndarray) -> float:
    """Return the variance of the mean of points [seed]: 0 for one seed, as nothing is known."""
    return points.var(ddof=1) / len(points) if len(points) > 1 else 0.0


def with_seed_noise(
    centre: np.ndarray, sides: Iterable[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Return centre [resample] with the seeds' noise of each side, points [seed], added.

    A mean over k seeds, in units of its standard error, misses by Student's t with k - 1 degrees
    of freedom.
    """
    for points in sides:
        if len(points) > 1:
            noise = rng.standard_t(len(points) - 1, len(centre))
            centre = centre + noise * np.sqrt(seed_variance(points))
    return centre
