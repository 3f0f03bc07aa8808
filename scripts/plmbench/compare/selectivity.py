"""Selectivity (Hewitt & Liang 2019): a probe's score less its score on the control task.

It is low where a probe could as well have memorised what a layer says of each type of residue or
sequence, and high where the layer holds what the task asks for.
"""

from collections.abc import Mapping

import pandas as pd

from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.core.columns import ARM
from plmbench.core.metrics import better_first

KEY = [*ARM, "layer", "metric"]
SELECTIVITY_COLUMNS = [*ARM, "layer", "metric", "n", "score", "control_score", "selectivity"]


def of_metric(scores: pd.DataFrame, metrics: Mapping[str, str]) -> pd.DataFrame:
    """Return the means over probe seeds on test, of the metric of each data set."""
    table = over_seeds(with_ablation(scores))
    own_metric = table["metric"] == table["dataset"].map(metrics)
    return table[own_metric & (table["subset"] == "test")]


def selectivity_table(
    scores: pd.DataFrame,
    control_tasks: pd.DataFrame,
    controls: Mapping[str, str],
    metrics: Mapping[str, str],
) -> pd.DataFrame:
    """Return SELECTIVITY_COLUMNS, one row per pretrained network, probe, pooling and layer.

    scores: of all arms; control_tasks: of probes on control tasks; controls: {control: the probe
    it is of}; metrics: {data set: its metric}. Above 0 is better, whatever it is.
    """
    ours, theirs = (of_metric(table, metrics) for table in (scores, control_tasks))
    theirs = theirs.assign(probe=theirs["probe"].map(controls)).set_index(KEY)["mean"]
    table = ours.join(theirs.rename("control_score"), on=KEY, how="inner")
    table = table.rename(columns={"mean": "score"})
    sign = table["metric"].map(better_first)
    table["selectivity"] = sign * (table["score"] - table["control_score"])
    return table[SELECTIVITY_COLUMNS].reset_index(drop=True)
