"""From single scores to a table a reader can cite: per task, model and ablation, the best layer,
chosen on validation, and the last one, with mean and spread over the ablation's seeds."""

import pandas as pd

from plmbench.core.metrics import METRICS, better_first
from plmbench.core.weights import parse_weights

ARM = ["dataset", "split", "model", "ablation", "pooling", "probe"]
NAMES = {name for metrics in METRICS.values() for name in metrics}
COLUMNS = [*ARM, "metric", "layer_selection", "layer", "mean", "sd", "seeds", "n"]


def with_ablation(scores):
    """Return the score rows that are metrics, with a column `ablation` read from `weights`."""
    scores = scores[scores["metric"].isin(NAMES)]
    return scores.assign(ablation=scores["weights"].map(lambda text: parse_weights(text).ablation))


def over_seeds(scores):
    """Return mean, sd (n - 1; NaN for one seed), seeds and n of each arm, layer, subset, metric.

    A NaN among the seeds makes the mean NaN: an undefined score is not left out silently.
    """
    groups = scores.groupby([*ARM, "layer", "subset", "metric"], sort=False)["value"]
    table = groups.agg(mean=lambda v: v.mean(skipna=False), sd=lambda v: v.std(skipna=False))
    table["seeds"] = groups.size()
    table["n"] = scores.groupby([*ARM, "layer", "subset", "metric"], sort=False)["n"].first()
    return table.reset_index()


def chosen_layers(arm, metric):
    """Return {layer_selection: layer} of one arm: the best mean on validation, and the last layer.

    Where the metric is undefined on validation for every layer there is no best one.
    """
    validation = arm[(arm["subset"] == "validation") & (arm["metric"] == metric)]
    layers = {"last": int(arm["layer"].max())}
    if validation["mean"].notna().any():
        best = (better_first(metric) * validation["mean"]).idxmax()
        layers = {"validation": int(validation.loc[best, "layer"]), **layers}
    return layers


def summarise(scores, metric_of):
    """Return the summary table (COLUMNS) of a score table.

    metric_of: {dataset: metric by which its layers are compared}. Values are of the test subset.
    """
    table, rows = over_seeds(with_ablation(scores)), []
    for _, arm in table.groupby(ARM, sort=False):
        test = arm[arm["subset"] == "test"]
        for layer_selection, layer in chosen_layers(arm, metric_of[arm["dataset"].iloc[0]]).items():
            rows.append(test[test["layer"] == layer].assign(layer_selection=layer_selection))
    return pd.concat(rows, ignore_index=True)[COLUMNS]
