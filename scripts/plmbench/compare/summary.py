"""From single scores to a table that a reader can cite: per task, model and ablation, the layer
chosen on validation and the last one, with mean and spread over the ablation's seeds."""

from collections.abc import Mapping

import pandas as pd

from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.core.columns import ARM
from plmbench.core.metrics import better_first
from plmbench.core.selections import LAST, VALIDATION

SUMMARY_COLUMNS = [*ARM, "metric", "layer_selection", "layer", "mean", "sd", "seeds", "n"]


def selected_layers(arm: pd.DataFrame, metric: str) -> dict[str, int]:
    """Return {layer_selection: layer} of the rows of one arm: the layer that has the best mean on
    validation, and the last one.

    Where the metric is undefined on validation for every layer, none is chosen there.
    """
    validation = arm[(arm["subset"] == "validation") & (arm["metric"] == metric)]
    layers = {LAST: int(arm["layer"].max())}
    if validation["mean"].notna().any():
        best = (better_first(metric) * validation["mean"]).idxmax()
        layers = {VALIDATION: int(validation.loc[best, "layer"]), **layers}
    return layers


def summarise(scores: pd.DataFrame, metric_of: Mapping[str, str]) -> pd.DataFrame:
    """Return the summary table (SUMMARY_COLUMNS) of a score table.

    metric_of: {dataset: metric by which its layers are compared}. Values are of the test subset.
    """
    table, rows = over_seeds(with_ablation(scores)), []
    for _, arm in table.groupby(ARM, sort=False):
        test = arm[arm["subset"] == "test"]
        layers = selected_layers(arm, metric_of[arm["dataset"].iloc[0]])
        for layer_selection, layer in layers.items():
            rows.append(test[test["layer"] == layer].assign(layer_selection=layer_selection))
    return pd.concat(rows, ignore_index=True)[SUMMARY_COLUMNS]
