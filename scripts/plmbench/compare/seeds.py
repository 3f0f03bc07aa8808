"""Scores of several seeds: their mean in tables."""

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
