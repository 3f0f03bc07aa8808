"""From single scores to a table a reader can cite: per task, model and ablation, the best layer,
chosen on validation, and the last one, with mean and spread over the ablation's seeds."""

import numpy as np
import pandas as pd

from plmbench.metrics import METRICS, better_first
from plmbench.weights import NONE, PRETRAINED, parse_weights

ARM = ["dataset", "split", "model", "ablation", "pooling", "probe"]
COLUMNS = [*ARM, "metric", "choice", "layer", "mean", "sd", "seeds", "n"]


def with_ablation(scores):
    """Return the score rows that are metrics, with a column `ablation` read from `weights`."""
    scores = scores[scores["metric"].isin(METRICS)]
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
    """Return {choice: layer} of one arm: the best mean on validation, and the last layer.

    Where the metric is undefined on validation for every layer there is no best one.
    """
    validation = arm[(arm["subset"] == "validation") & (arm["metric"] == metric)]
    layers = {"last": int(arm["layer"].max())}
    if validation["mean"].notna().any():
        best = (better_first(metric) * validation["mean"]).idxmax()
        layers = {"best": int(validation.loc[best, "layer"]), **layers}
    return layers


def summarise(scores, metric_of):
    """Return the summary table (COLUMNS) of a score table.

    metric_of: {dataset: metric by which its layers are compared}. Values are of the test subset.
    """
    table, rows = over_seeds(with_ablation(scores)), []
    for _, arm in table.groupby(ARM, sort=False):
        test = arm[arm["subset"] == "test"]
        for choice, layer in chosen_layers(arm, metric_of[arm["dataset"].iloc[0]]).items():
            rows.append(test[test["layer"] == layer].assign(choice=choice))
    return pd.concat(rows, ignore_index=True)[COLUMNS]


def cell(row):
    """Return mean and spread of a summary row as text."""
    if row is None:
        return "-"
    spread = "" if np.isnan(row["sd"]) else f" ± {row['sd']:.3f}"
    return f"{row['mean']:.3f}{spread}"


def overview(summary, metric_of, baselines, titles):
    """Return the table a newcomer looks at, as Markdown.

    A row a task, network and pooling, at the layer chosen on validation: each baseline, each
    ablation, the pretrained network and its best layer. baselines: models without weights, rows
    themselves where nothing else ran; titles: {model: name}.
    """
    best = summary[summary["choice"] == "best"]
    best = best[best["metric"] == best["dataset"].map(metric_of)]
    arms = [a for a in sorted(set(best["ablation"])) if a not in (NONE, PRETRAINED)]
    levels = [model for model in baselines if model in set(best["model"])]
    columns = levels if set(best["model"]) - set(levels) else []
    rows = []
    for (dataset, split, probe), task in best.groupby(["dataset", "split", "probe"], sort=False):
        level = {row["model"]: row for _, row in task.iterrows()}
        networks = task[~task["model"].isin(columns)].groupby(["model", "pooling"], sort=False)
        for (model, pooling), mine in networks:
            arm = {row["ablation"]: row for _, row in mine.iterrows()}
            rows.append(
                {"task": f"{dataset}/{split}", "probe": probe}
                | {"model": titles.get(model, model), "pooling": pooling}
                | {titles.get(name, name): cell(level.get(name)) for name in levels}
                | {name: cell(arm.get(name)) for name in [*arms, PRETRAINED]}
                | {"best layer": arm[PRETRAINED]["layer"] if PRETRAINED in arm else "-"}
            )
    if not rows:
        return "No layer was chosen: no score on validation. summary.tsv has the last layers.\n"
    return markdown(pd.DataFrame(rows))


def markdown(table):
    """Return a table as aligned Markdown, readable in a terminal."""
    columns = [[str(name), *map(str, table[name])] for name in table]
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in zip(*columns, strict=True)
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines) + "\n"
