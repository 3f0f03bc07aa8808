"""Networks over all tasks, as figure and table; and those of several pretrainings."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.report.cells import Cell, Table, count, gain_with_interval, measure
from plmbench.report.style import (
    PRETRAINED_COLOUR,
    Look,
    message_figure,
    quantity,
    save,
    setting_label,
)
from plmbench.report.subjects import Tables, metric_label, title_of
from plmbench.report.tips import gain_text, set_tips

TITLE = "What pretraining gives over the better ablation,\nmean over tasks"
NO_NETWORK = "No network ran with pretrained and with ablated weights."
COLUMNS = ["network", "tasks", "mean gain", "not told apart from"]
ARCHITECTURES = "Networks of several pretrainings, and the reference that is hardest to beat"
ARCHITECTURE_COLUMNS = ["network", "task", "probe", "pretrainings", "value", "hardest reference"]
ARCHITECTURE_COLUMNS += ["gain", "verdict on the architecture"]


def draw_networks(networks: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure: one row per network, the largest mean gain on top."""
    if networks.empty:
        return message_figure(TITLE, NO_NETWORK)
    figure, axis = plt.subplots(figsize=(5.6, 1.3 + 0.3 * len(networks)), layout="constrained")
    y = -np.arange(len(networks))
    look: Look = {"color": PRETRAINED_COLOUR}
    axis.hlines(y, networks["low"], networks["high"], linewidth=1.4, **look)
    (points,) = axis.plot(networks["gain"], y, "o", markersize=5, **look)
    limits = networks[["model", "gain", "low", "high"]].itertuples(index=False)
    set_tips(points, [gain_text(title_of(model, about), *numbers) for model, *numbers in limits])
    axis.axvline(0, color="#888888", linewidth=0.8, zorder=0.5)
    axis.set_yticks(y, [title_of(model, about) for model in networks["model"]])
    axis.set_xlabel("mean gain, with 95 % interval over tasks")
    figure.suptitle(TITLE, fontsize=10)
    return figure


def write_networks(path: Path | str, networks: pd.DataFrame, about: Models) -> None:
    """Draw the networks and write them as SVG."""
    save(path, lambda: draw_networks(networks, about))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    write_networks(path, tables["networks"], about)


def network_cells(row: pd.Series, networks: int, about: Models) -> list[Cell]:
    """Return the cells of one network over all tasks."""
    ties = [name for name in row["tied_with"].split(", ") if name]
    others = networks - 1
    words = (
        "all others"
        if others and len(ties) == others
        else ", ".join(title_of(name, about) for name in ties)
    )
    return [
        Cell(title_of(row["model"], about)),
        Cell(count(row["tasks"])),
        Cell(gain_with_interval(row["gain"], row["low"], row["high"])),
        Cell(words or "none"),
    ]


def across_tasks(networks: pd.DataFrame, about: Models) -> Table | None:
    """Return the table of networks over all tasks, or None without any."""
    if networks.empty:
        return None
    rows = [network_cells(row, len(networks), about) for _, row in networks.iterrows()]
    reasons = [text for text in dict.fromkeys(networks["reason"]) if text]
    caption = "; ".join(
        [f"Mean gain over {quantity(int(networks['tasks'].max()), 'task')}", *reasons]
    )
    return Table(caption, COLUMNS, rows)


def spread_text(value: float, spread: float, number: float) -> str:
    """Return a mean over draws, with their standard deviation."""
    return f"{measure(value)}\nsd {measure(spread)} of {count(number)}"


def architecture_cells(row: pd.Series, about: Models) -> list[Cell]:
    """Return the cells of one network of several pretrainings on one task."""
    reference = (row["reference_value"], row["reference_sd"], row["reference_seeds"])
    reason = f"\n{row['reason']}" if row["reason"] else ""
    return [
        Cell(title_of(row["model"], about)),
        Cell(f"{row['dataset']}/{row['split']}\n{metric_label(row['metric'])}"),
        Cell(setting_label(row["probe"], row["pooling"])),
        Cell(count(row["pretrainings"])),
        Cell(spread_text(row["value"], row["pretraining_sd"], row["pretrainings"])),
        Cell(f"{title_of(row['reference'], about)}\n{spread_text(*reference)}"),
        Cell(gain_with_interval(row["gain"], row["low"], row["high"])),
        Cell(row["verdict"] + reason, strong=True),
    ]


def architectures_table(architectures: pd.DataFrame, about: Models) -> Table | None:
    """Return the table of networks of several pretrainings, or None without any."""
    rows = [architecture_cells(row, about) for _, row in architectures.iterrows()]
    return Table(ARCHITECTURES, ARCHITECTURE_COLUMNS, rows) if rows else None
