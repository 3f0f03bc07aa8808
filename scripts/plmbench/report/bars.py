"""One figure per task: every arm as a bar with its 95 % interval, at the layer chosen on validation
and at the last layer."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plmbench.core.direct import DIRECT, NO_POOLING
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.metrics import better_first
from plmbench.core.roles import BASELINE, CONTROL
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.style import (
    CONTROL_HATCH,
    GREYS,
    LEGEND_BELOW,
    PRETRAINED_COLOUR,
    AblationStyle,
    Look,
    ablation_styles,
    message_figure,
    quantity,
    save,
    setting_label,
    show_message,
    with_minus_sign,
)
from plmbench.report.subjects import (
    Subject,
    Tables,
    heading,
    in_order,
    of_only_task,
    role_of,
    title_of,
    with_label_controls,
)
from plmbench.report.tips import set_tips, text_of

SELECTION_TITLES = {VALIDATION: "layer chosen on validation", LAST: "last layer"}
GAP = 0.7  # between two models, in bars
BAR_INCHES = 0.155  # of one bar
FIGURE_WIDTH, MARGIN = 9.2, 1.6  # of the figure; above and below its panels, in inches
STRONGEST: Look = {"color": "black", "linewidth": 0.8, "linestyle": (0, (5, 3))}
HATCH_OF_ROLE = {BASELINE: "", CONTROL: CONTROL_HATCH}
BAR = ["model", "pooling", "ablation"]

Styles = Mapping[str, AblationStyle]


class Slot(NamedTuple):
    """Where the bar of one arm stands (in bars, downward), and its style."""

    y: float
    arm: tuple[str, str, str]  # BAR
    style: Look
    label: str  # of who points at it


def bar_style(row: pd.Series, about: Models, styles: Styles) -> Look:
    """Return colour and hatch of an arm: the pretrained network, an ablation, or no weights."""
    if row["ablation"] == PRETRAINED:
        return {"facecolor": PRETRAINED_COLOUR, "edgecolor": "white"}
    if row["ablation"] == NONE:
        role = role_of(row["model"], about)
        return {"facecolor": GREYS[role], "edgecolor": "white", "hatch": HATCH_OF_ROLE[role]}
    style = styles[row["ablation"]]
    return {"facecolor": style["color"], "edgecolor": "white", "hatch": style["hatch"]}


def bar_label(rows: pd.DataFrame, about: Models, pooling: str) -> str:
    """Return what stands beside a group of bars; the pooling, too, where it is not the panel's."""
    first = rows.iloc[0]
    other = f" ({first['pooling']})" if first["pooling"] not in ("", NO_POOLING, pooling) else ""
    return title_of(first["model"], about) + other


def bar_groups(
    table: pd.DataFrame, about: Models, pooling: str
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield (name, rows) of a panel from top to bottom: networks, then baselines, then controls."""
    ranks_of_roles = {BASELINE: 1, CONTROL: 2}
    ranks = [
        ranks_of_roles[role_of(model, about)] if ablation == NONE else 0
        for model, ablation in zip(table["model"], table["ablation"], strict=True)
    ]
    for _, part in table.assign(rank=ranks).groupby("rank"):
        for model in in_order(part["model"], about):
            own_rows = part[part["model"] == model]
            for _, rows in own_rows.groupby("pooling", sort=False):
                # pretrained first, then ablations by name
                order = rows.assign(late=rows["ablation"] != PRETRAINED)
                yield bar_label(rows, about, pooling), order.sort_values(["late", "ablation"])


def slots_of(
    table: pd.DataFrame, about: Models, pooling: str, styles: Styles
) -> tuple[list[Slot], dict[float, str]]:
    """Return the slots of a panel, and {height: name} of the groups they stand in.

    Both selections of the layer share them, so that a row reads across.
    """
    slots, names, top = [], {}, 0.0
    for name, rows in bar_groups(table.drop_duplicates(BAR), about, pooling):
        for i, (_, row) in enumerate(rows.iterrows()):
            own = name if row["ablation"] == NONE else f"{name}, {row['ablation']}"
            slots.append(Slot(top + i, tuple(row[BAR]), bar_style(row, about, styles), own))
        names[top + (len(rows) - 1) / 2] = name
        top += len(rows) + GAP
    return slots, names


def write_beside(axis: Axes, y: float, text: str, style: str = "normal") -> None:
    """Write a text into the margin beside a bar."""
    place: Look = {"transform": axis.get_yaxis_transform(), "va": "center"}
    axis.text(1.015, y, text, style=style, fontsize=7, **place)


def draw_bar(axis: Axes, slot: Slot, row: pd.Series | None) -> None:
    """Draw one bar with its interval, and beside it value and layer, or why there is no bar."""
    if row is None or np.isnan(row["value"]):
        message = "no layer chosen" if row is None else "undefined"
        write_beside(axis, slot.y, message, style="italic")
        return
    (bar,) = axis.barh(slot.y, row["value"], height=0.92, linewidth=0.4, **slot.style)
    set_tips(bar, [text_of(slot.label, row["value"], row["low"], row["high"])])
    axis.hlines(slot.y, row["low"], row["high"], color="white", linewidth=2.6)  # seen on any bar
    axis.hlines(slot.y, row["low"], row["high"], color="black", linewidth=1.1)
    axis.plot([row["low"], row["high"]], [slot.y] * 2, "|", color="black", markersize=4)
    layer = "" if row["ablation"] == NONE else f", layer {int(row['layer'])}"
    none = ", no interval" if np.isnan(row["low"]) else ""
    write_beside(axis, slot.y, with_minus_sign(f"{row['value']:.3f}") + layer + none)


def draw_strongest(axis: Axes, table: pd.DataFrame, metric: str) -> None:
    """Draw a line at the best model without weights, behind the bars of all networks."""
    without_weights = table[(table["ablation"] == NONE) & table["value"].notna()]
    if len(without_weights) and len(without_weights) < len(table):
        best = (better_first(metric) * without_weights["value"]).idxmax()
        axis.axvline(without_weights.loc[best, "value"], zorder=0.5, **STRONGEST)


def draw_arms(axis: Axes, table: pd.DataFrame, slots: list[Slot], subject: Subject) -> None:
    """Draw the arms of one probe and pooling at one selection of the layer."""
    rows = {tuple(row[BAR]): row for _, row in table.iterrows()}
    if not rows:
        show_message(axis, "No layer was chosen:\nthe metric is undefined on validation.")
        return
    for slot in slots:
        draw_bar(axis, slot, rows.get(slot.arm))
    draw_strongest(axis, table, subject.metric)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelbottom=True)
    axis.set_ylim(slots[-1].y + 0.8, -0.8)
    axis.set_xlabel(f"{subject.label} on test")


def draw_setting(
    axes: np.ndarray,
    setting: tuple[str, str],
    table: pd.DataFrame,
    styles: Styles,
    subject: Subject,
) -> None:
    """Draw one probe and pooling: one column per selection of the layer, the names on the left."""
    slots, names = slots_of(table, subject.about, setting[1], styles)
    for (layer_selection, title), axis in zip(SELECTION_TITLES.items(), axes, strict=True):
        draw_arms(axis, table[table["layer_selection"] == layer_selection], slots, subject)
        axis.set_yticks(list(names), [""] * len(names))
        axis.set_title(f"{setting_label(*setting)}: {title}", fontsize=9)
    first = next((axis for axis in axes if axis.axison), axes[0])  # one that shows more than words
    first.set_yticks(list(names), list(names.values()))


def settings_of(table: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return {(probe, pooling): rows} of networks, each with the models without weights: those of
    the probe, and those that need none."""
    without_weights = table["ablation"] == NONE
    networks = table[~without_weights]
    if networks.empty:
        return {(probe, ""): rows for probe, rows in table.groupby("probe", sort=False)}
    keys = zip(networks["probe"], networks["pooling"], strict=True)
    return {
        (probe, pooling): table[
            (table["probe"] == probe) & ((table["pooling"] == pooling) | without_weights)
            | (table["probe"] == DIRECT)
        ]
        for probe, pooling in dict.fromkeys(keys)
    }


def legend_handles(table: pd.DataFrame, styles: Styles) -> list[Artist]:
    """Return the handles of one legend for all panels."""
    handles: list[Artist] = []
    if (table["ablation"] == PRETRAINED).any():
        handles.append(Patch(label="pretrained", facecolor=PRETRAINED_COLOUR, edgecolor="white"))
    for name, style in styles.items():
        seeds = int(table.loc[table["ablation"] == name, "seeds"].max())
        look: Look = {"facecolor": style["color"], "edgecolor": "white", "hatch": style["hatch"]}
        handles.append(Patch(label=f"{name} ({quantity(seeds, 'seed')})", **look))
    if handles and (table["ablation"] == NONE).any():
        handles.append(Line2D([], [], label="the best without a network", **STRONGEST))
    return handles


def height_of(rows: pd.DataFrame) -> float:
    """Return the height of a panel in inches, by its bars and the gaps between models."""
    arms = rows.drop_duplicates(BAR)
    return max(1.0, BAR_INCHES * (len(arms) + GAP * len(arms.drop_duplicates(BAR[:2]))))


def draw_bars(arms: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task's arms (rows of arms.tsv of one dataset and
    split)."""
    table = with_label_controls(arms[arms["metric"] == subject.metric], subject.task)
    title = heading(subject.task, table)
    if table.empty:
        return message_figure(title, f"No value of {subject.label}.")
    settings, styles = settings_of(table), ablation_styles(table["ablation"])
    heights = [height_of(rows) for rows in settings.values()]
    size = (FIGURE_WIDTH, sum(heights) + 0.7 * len(settings) + MARGIN)
    grid: Look = {
        "height_ratios": heights,
        "sharex": True,
        "squeeze": False,
        "layout": "constrained",
    }
    figure, axes = plt.subplots(len(settings), len(SELECTION_TITLES), figsize=size, **grid)
    for (setting, rows), row_axes in zip(settings.items(), axes, strict=True):
        draw_setting(row_axes, setting, rows, styles, subject)
    handles = legend_handles(table, styles)
    if handles:
        figure.legend(handles=handles, ncols=4, **LEGEND_BELOW)
    figure.suptitle(f"{title}\nwhiskers: 95 % intervals", fontsize=10)
    return figure


def write_bars(path: Path | str, arms: pd.DataFrame, subject: Subject) -> None:
    """Draw a task's arms as bars and write them as SVG."""
    save(path, lambda: draw_bars(arms, subject))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, own_rows = of_only_task(tables, tasks, about)
    write_bars(path, own_rows["arms"], subject)
