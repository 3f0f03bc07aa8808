"""The table a newcomer looks at first, as Markdown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from plmbench.core.columns import NETWORK_ROW
from plmbench.core.direct import DIRECT
from plmbench.core.selections import VALIDATION
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.notes import remarks, verdict_text, why_no_rows
from plmbench.report.worth import overview_cell


def value_text(rows: pd.DataFrame) -> str:
    """Return the value of one arm with half the width of its 95 % interval, as text."""
    if not len(rows) or np.isnan(rows["value"].iloc[0]):
        return "-"
    row = rows.iloc[0]
    half = (row["high"] - row["low"]) / 2
    return f"{row['value']:.3f}" + ("" if np.isnan(half) else f" ± {half:.3f}")


def shown_arms(
    chosen: pd.DataFrame, names: Mapping[str, str], baselines: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return {column: rows} of one network: baselines, ablations, the pretrained network.

    chosen: all arms at their layer chosen on validation.
    """
    key = ["dataset", "split"]
    # What predicts by itself has no probe, and stands beside every one.
    own_probe = chosen["probe"].isin([names["probe"], DIRECT])
    task = chosen[(chosen[key] == pd.Series(names)[key]).all(axis=1) & own_probe]
    own_rows = task[(task["model"] == names["model"]) & (task["pooling"] == names["pooling"])]
    ablations = sorted(set(chosen["ablation"]) - {NONE, PRETRAINED})
    # A baseline of several poolings shows that of the network, where it has it.
    own_pooling_first = task.sort_values(
        "pooling", key=lambda pooling: pooling != names["pooling"], kind="stable"
    )
    shown = {name: own_pooling_first[own_pooling_first["model"] == name] for name in baselines}
    weights = [*ablations, PRETRAINED]
    return shown | {name: own_rows[own_rows["ablation"] == name] for name in weights}


def training_cell(row: pd.Series, verdicts: pd.DataFrame) -> dict[str, str]:
    """Return the cell of what a row's intervals take the training data for, where rows differ;
    tables of earlier versions say nothing of it."""
    if verdicts.get("training_data", pd.Series()).nunique() < 2:
        return {}
    return {"training data": row["training_data"]}


def overview(
    verdicts: pd.DataFrame,
    arms: pd.DataFrame,
    baselines: Sequence[str],
    titles: Mapping[str, str],
) -> str:
    """Return one row per task, probe, pooling and network pretrained to the end, at the layer
    chosen on validation.

    baselines: the models without weights to show; titles: {model: name}.
    """
    chosen, rows = arms[arms["layer_selection"] == VALIDATION], []
    for _, row in verdicts.iterrows():
        shown = shown_arms(chosen, {name: row[name] for name in NETWORK_ROW}, baselines)
        rows.append(
            {"task": f"{row['dataset']}/{row['split']}", "probe": row["probe"]}
            | {"pooling": row["pooling"], "network": titles.get(row["model"], row["model"])}
            | {titles.get(name, name): value_text(own_rows) for name, own_rows in shown.items()}
            | {"layer": "-" if np.isnan(row["layer"]) else int(row["layer"])}
            | overview_cell(row)
            | training_cell(row, verdicts)
            | {"verdict": verdict_text(row)}
            | {"beside it": "; ".join(remarks(row, titles))}
        )
    if not rows:
        return f"{why_no_rows(arms['ablation'])}. The scores are in results/tables/summary.tsv.\n"
    return markdown(pd.DataFrame(rows))


def markdown(table: pd.DataFrame) -> str:
    """Return a table as aligned Markdown, readable in a terminal."""
    columns = [[str(name), *map(str, table[name])] for name in table]
    widths = [max(map(len, column)) for column in columns]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) + " |"
        for row in zip(*columns, strict=True)
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines) + "\n"
