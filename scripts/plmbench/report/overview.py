"""The table a newcomer looks at first, as Markdown."""

import numpy as np
import pandas as pd

from plmbench.core.weights import NONE, PRETRAINED

ROW = ["dataset", "split", "probe", "pooling", "model"]


def cell(rows):
    """Return the value of one arm with half the width of its 95 % interval, as text."""
    if not len(rows) or np.isnan(rows["value"].iloc[0]):
        return "-"
    row = rows.iloc[0]
    spread = (row["high"] - row["low"]) / 2
    return f"{row['value']:.3f}" + ("" if np.isnan(spread) else f" ± {spread:.3f}")


def shown_arms(best, names, baselines):
    """Return {column: rows} of one network: baselines, ablations, the pretrained network."""
    task = best[(best[["dataset", "split", "probe"]] == pd.Series(names)[:3]).all(axis=1)]
    mine = task[(task["model"] == names["model"]) & (task["pooling"] == names["pooling"])]
    ablations = sorted(set(best["ablation"]) - {NONE, PRETRAINED})
    # A baseline of several poolings shows that of the network, where it has it.
    alike = task.sort_values("pooling", key=lambda p: p != names["pooling"], kind="stable")
    levels = {model: alike[alike["model"] == model] for model in baselines}
    return levels | {name: mine[mine["ablation"] == name] for name in [*ablations, PRETRAINED]}


def overview(verdicts, arms, baselines, titles):
    """Return a row a task, probe, pooling and network pretrained to the end, at the layer chosen on
    validation.

    baselines: the models without weights to show; titles: {model: name}.
    """
    best, rows = arms[arms["layer_selection"] == "validation"], []
    for _, row in verdicts.iterrows():
        names = {name: row[name] for name in ROW}
        found = shown_arms(best, names, baselines)
        rows.append(
            {"task": f"{row['dataset']}/{row['split']}", "probe": row["probe"]}
            | {"pooling": row["pooling"], "network": titles.get(row["model"], row["model"])}
            | {titles.get(name, name): cell(mine) for name, mine in found.items()}
            | {"layer": "-" if np.isnan(row["layer"]) else int(row["layer"])}
            | {"verdict": row["verdict"]}
        )
    if not rows:
        return "No pretrained network ran: the scores are in results/tables/summary.tsv.\n"
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
