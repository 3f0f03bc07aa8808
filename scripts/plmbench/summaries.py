"""From single scores to a table a reader can cite: per task, model and ablation, the best layer,
chosen on validation, and the last one, with mean and spread over the ablation's seeds."""

import numpy as np
import pandas as pd

from plmbench.metrics import METRICS, better_first
from plmbench.weights import NONE, PRETRAINED, parse_weights

ARM = ["dataset", "split", "model", "ablation", "pooling", "probe"]
COLUMNS = [*ARM, "metric", "choice", "layer", "mean", "sd", "seeds", "n"]
TITLES = {NONE: "no weights", PRETRAINED: "pretrained"}


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
    """Return mean, spread and layer of a summary row as text."""
    if row is None:
        return "-"
    spread = "" if np.isnan(row["sd"]) else f" ± {row['sd']:.3f}"
    return f"{row['mean']:.3f}{spread}"


def overview(summary, metric_of, baselines, titles):
    """Return the table a newcomer looks at, as Markdown.

    A row a task and network, at the layer chosen on validation: each baseline, each ablation, the
    pretrained network and its best layer. baselines: models without weights; titles: {model: name}.
    """
    best = summary[summary["choice"] == "best"]
    best = best[best["metric"] == best["dataset"].map(metric_of)]
    networks = best[~best["model"].isin(baselines)]
    ablations = sorted(set(networks["ablation"]) - {PRETRAINED})
    present = [model for model in baselines if model in set(best["model"])]
    rows = []
    keys = ["dataset", "split", "probe", "model"]
    for (dataset, split, probe, model), arms in networks.groupby(keys, sort=False):
        task = best[
            (best["dataset"] == dataset) & (best["split"] == split) & (best["probe"] == probe)
        ]
        values = {r["model"]: r for _, r in task.iterrows() if r["model"] in baselines}
        values |= {r["ablation"]: r for _, r in arms.iterrows()}
        pretrained = values.get(PRETRAINED)
        rows.append(
            {
                "task": f"{dataset}/{split}",
                "probe": probe,
                "model": titles.get(model, model),
                **{titles.get(name, name): cell(values.get(name)) for name in present},
                **{name: cell(values.get(name)) for name in [*ablations, PRETRAINED]},
                "best layer": "-" if pretrained is None else pretrained["layer"],
            }
        )
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
