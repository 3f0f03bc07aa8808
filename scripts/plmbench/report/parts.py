"""One figure per task: where in each network lies what pretraining gave. On the left the metric
against the number of blocks ablated, on the right the share of the gain lost with each part."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.scopes import BOTTOM, TOP
from plmbench.report.panels import show_whole_numbers
from plmbench.report.style import (
    LEGEND_BELOW,
    PRETRAINED_COLOUR,
    Look,
    message_figure,
    save,
    setting_label,
    show_message,
    with_minus_sign,
)
from plmbench.report.subjects import Subject, Tables, heading, in_order, of_only_task, title_of

ROW = ["probe", "pooling", "model", "weights"]  # of the figure
CURVES: dict[str, Look] = {
    TOP: {"color": "#D55E00", "marker": "o", "linestyle": "-"},
    BOTTOM: {"color": "#009E73", "marker": "s", "linestyle": (0, (5, 1.5))},
}
WORDS = {TOP: "the k blocks at the top ablated", BOTTOM: "the k blocks at the bottom ablated"}
KINDS = {"roles": "#0072B2", "window": "#56B4E9", "scope": "#CC79A7"}
PANEL, MARGIN, BAR = 2.6, 1.5, 0.21  # inches


def draw_curve(axis: Axes, rows: pd.DataFrame, direction: str) -> None:
    """Draw the metric against the number of blocks ablated from one end, with its intervals, and
    mark where half of the gain is lost."""
    look = CURVES[direction]
    k, value = rows["k"].to_numpy(), rows["value"].to_numpy()
    axis.plot(k, value, markersize=4, linewidth=1.4, label=WORDS[direction], **look)
    axis.fill_between(k, rows["low"], rows["high"], color=look["color"], alpha=0.18, linewidth=0)
    first = rows.iloc[0]
    if np.isfinite(first["k50"]):
        height = (value[0] + value[-1]) / 2
        limits = first[["k50_low", "k50_high"]].to_numpy(np.float64)
        axis.plot([first["k50"]], [height], "D", markersize=6, color=look["color"], mec="black")
        if np.isfinite(limits).all():
            axis.hlines(height, *limits, color="black", linewidth=1.1)


def draw_depth(axis: Axes, rows: pd.DataFrame, subject: Subject) -> None:
    """Draw the curves of one network, or say why there is none."""
    if rows.empty:
        show_message(axis, "No sweep over the depth was asked for.")
        return
    for direction, own in rows.groupby("direction", sort=False):
        draw_curve(axis, own.sort_values("k"), str(direction))
    first, last = (rows[rows["k"] == k]["value"].iloc[0] for k in (0, rows["k"].max()))
    axis.axhline(first, color=PRETRAINED_COLOUR, linewidth=0.9, label="pretrained")
    dashes: Look = {"color": "#444444", "linewidth": 0.9, "linestyle": (0, (1, 2))}
    axis.axhline(last, label="all of it ablated", **dashes)
    show_whole_numbers(axis)
    axis.set_xlabel(f"blocks ablated, of {int(rows['blocks'].iloc[0])}")
    axis.set_ylabel(f"{subject.label} on test")


def draw_shares(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the share of the gain that is lost with each part, or say why there is none."""
    parts = rows[rows["kind"].isin(list(KINDS))]
    if parts.empty:
        show_message(axis, "No parts were asked for.")
        return
    if parts["share"].isna().all():
        show_message(axis, with_minus_sign(parts["reason"].iloc[0]).replace(": ", ":\n"))
        return
    places = np.arange(len(parts))
    colours = [KINDS[kind] for kind in parts["kind"]]
    axis.barh(places, parts["share"], color=colours, height=0.8)
    axis.hlines(places, parts["share_low"], parts["share_high"], color="white", linewidth=2.6)
    axis.hlines(places, parts["share_low"], parts["share_high"], color="black", linewidth=1.1)
    axis.set_yticks(places, parts["part"])
    axis.tick_params(axis="y", length=0, labelsize=8)
    axis.invert_yaxis()
    axis.axvline(0, color="black", linewidth=0.8)
    axis.axvline(1, color="#444444", linewidth=0.8, linestyle=(0, (1, 2)))
    axis.set_xlabel("share of the gain lost with the part ablated (1: all of it)")


def rows_of(depth: pd.DataFrame, parts: pd.DataFrame, about: Models) -> list[tuple[str, ...]]:
    """Return what the rows of the figure are of, in order."""
    found = pd.concat([depth[ROW], parts[ROW]]).drop_duplicates()
    order = in_order(found["model"], about)
    keys = [tuple(key) for key in found.itertuples(index=False)]
    return sorted(keys, key=lambda key: (key[0], key[1], order.index(key[2])))


def own(table: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Return the rows of a table that one row of the figure shows."""
    return table[(table[ROW] == list(key)).all(axis=1)]


def draw_parts(depth: pd.DataFrame, parts: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task's rows of critical_depth.tsv and parts.tsv."""
    keys = rows_of(depth, parts, subject.about)
    title = heading(subject.task, pd.concat([depth[["n"]], parts[["n"]]]))
    if not keys:
        return message_figure(title, "No network was ablated in part on this task.")
    heights = [max(PANEL, BAR * len(own(parts, key))) for key in keys]
    size = (9.2, sum(heights) + 0.75 * len(keys) + MARGIN)
    grid: Look = {"height_ratios": heights, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(len(keys), 2, figsize=size, **grid)
    for key, (left, right) in zip(keys, axes, strict=True):
        probe, pooling, model, weights = key
        draw_depth(left, own(depth, key), subject)
        draw_shares(right, own(parts, key))
        left.set_title(f"{title_of(model, subject.about)}, {weights}", fontsize=9)
        right.set_title(setting_label(probe, pooling), fontsize=9)
    pairs = [axis.get_legend_handles_labels() for axis in axes[:, 0]]
    lines = {
        label: line
        for handles, labels in pairs
        for line, label in zip(handles, labels, strict=True)
    }
    figure.legend(lines.values(), lines.keys(), ncols=2, **LEGEND_BELOW)
    figure.suptitle(
        f"{title}\nlast layer; bands and whiskers: 95 % intervals; diamonds: half of the gain lost",
        fontsize=10,
    )
    return figure


def write_parts(
    path: Path | str, depth: pd.DataFrame, parts: pd.DataFrame, subject: Subject
) -> None:
    """Draw where in networks the gain lies and write it as SVG."""
    save(path, lambda: draw_parts(depth, parts, subject))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, rows = of_only_task(tables, tasks, about)
    write_parts(path, rows["critical_depth"], rows["parts"], subject)
