"""One figure per task: does what pretraining gives rise with size, depth and pretraining?

One row per probe and pooling, one column per axis: the pretrained network minus the better one of
its ablations, with 95 % intervals.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from plmbench.core.axes import DEPTH, PRETRAINING, SIZE
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.selections import EACH, VALIDATION
from plmbench.report.style import (
    COLOURS,
    MARKERS,
    PRETRAINED_COLOUR,
    STYLES,
    Dashes,
    Look,
    message_figure,
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
    network_of,
    of_only_task,
    series_of,
    share_of,
    title_of,
)
from plmbench.report.tips import gain_text, set_tips

PALETTE = [PRETRAINED_COLOUR, *COLOURS]
LINE_STYLES: list[Dashes] = ["-", *STYLES]
SUBTITLE = "pretrained minus the better ablation, with 95 % intervals (depth: largest networks)"
PANEL_WIDTH, PANEL_HEIGHT = 3.5, 3.2  # without its legend, in inches
LINE_OF_LEGEND, BELOW = 0.155, 0.45  # its height, and where the legend begins, in inches


class Rows(NamedTuple):
    """Rows of one task, or of one panel of it."""

    chosen: pd.DataFrame  # gains at the layer chosen on validation
    layers: pd.DataFrame  # gains at every layer after the first
    correlations: pd.DataFrame


class Line(NamedTuple):
    """One line of a panel: a series or network, and its rows with x, gain, low, high."""

    name: str
    rows: pd.DataFrame


class Column(NamedTuple):
    """What one column shows: the function that finds its lines, and its words."""

    lines_of: Callable[[Rows, Models], list[Line]]
    label: str
    set_ticks: Callable[[Axes], None]
    if_empty: str


def grouped(rows: pd.DataFrame, names: pd.Series) -> list[Line]:
    """Return one line per name of more than one place, in order of appearance."""
    groups = rows.groupby(names, sort=False)
    return [Line(name, part) for name, part in groups if part["x"].nunique() > 1]


def lines_of_size(rows: Rows, about: Models) -> list[Line]:
    """Return one line per series: fully pretrained networks, by number of parameters."""
    models = rows.chosen["model"]
    sizes = models.map(lambda model: about.get(model, {}).get("parameters", np.nan))
    whole = models.map(lambda model: share_of(model, about) == 1)
    known = rows.chosen.assign(x=sizes)[whole & sizes.notna()]
    return grouped(known, known["model"].map(lambda model: series_of(model, about)))


def lines_of_depth(rows: Rows, about: Models) -> list[Line]:
    """Return one line per network, its first pretraining: every layer after the first."""
    models = rows.layers["model"]
    first = models.map(lambda model: not about.get(model, {}).get("pretraining_seed", 0))
    own_rows = rows.layers[first]
    depth = own_rows.groupby(["model"])["layer"].transform("max")
    return grouped(own_rows.assign(x=own_rows["layer"] / depth), own_rows["model"])


def lines_of_pretraining(rows: Rows, about: Models) -> list[Line]:
    """Return one line per network that has earlier checkpoints, by share of the pretraining."""
    models = rows.chosen["model"]
    table = rows.chosen.assign(x=models.map(lambda model: share_of(model, about)))
    return grouped(table, models.map(lambda model: network_of(model, about)))


def parameters_label(number: float, _: object = None) -> str:
    """Return a number of parameters as text: 600 k, 43 M, 3 B."""
    for unit, factor in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor:
            return f"{number / factor:.3g} {unit}"
    return f"{number:.3g}"


def set_ticks_of_sizes(axis: Axes) -> None:
    """Make an axis one of numbers of parameters, with few ticks in plain text."""
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    if high / low < 10:  # else a decade may hold no tick at all
        middle = (low * high) ** 0.5
        axis.set_xlim(middle / 4, middle * 4)
    axis.xaxis.set_major_locator(LogLocator(subs=(1,) if high / low > 100 else (1, 3)))
    axis.xaxis.set_major_formatter(FuncFormatter(parameters_label))
    axis.xaxis.set_minor_locator(NullLocator())


def set_ticks_of_shares(axis: Axes) -> None:
    """Make an axis one of shares, 0 to 1."""
    axis.set_xlim(-0.04, 1.04)


COLUMNS_OF_AXES = {
    SIZE: Column(
        lines_of_size,
        "parameters (log scale)",
        set_ticks_of_sizes,
        "No series has two networks of other sizes\nthat ran with ablated weights.",
    ),
    DEPTH: Column(
        lines_of_depth,
        "layer / layers (without the input embedding)",
        set_ticks_of_shares,
        "No network has two layers\nafter its input embedding.",
    ),
    PRETRAINING: Column(
        lines_of_pretraining,
        "share of the pretraining",
        set_ticks_of_shares,
        "No network has\nan earlier checkpoint.",
    ),
}


def trend_text(row: pd.Series) -> str:
    """Return what is known of one trend: its word, and its slope with its interval if it has."""
    if pd.isna(row["p"]):
        return f": {row['trend']}"
    slope, low, high = (f"{row[name]:+.3f}" for name in ("slope", "low", "high"))
    return with_minus_sign(f": {row['trend']}, {slope} [{low}, {high}]")


def trend_labels(correlations: pd.DataFrame, axis: str) -> dict[str, str]:
    """Return {network or series: its trend along an axis, for a legend}."""
    rows = correlations[correlations["axis"] == axis]
    return {row["model"]: trend_text(row) for _, row in rows.iterrows()}


def line_style(line: Line, about: Models, models: Sequence[str]) -> Look:
    """Return how a line looks, by its series; a network's line is thicker if it is larger."""
    series = list(dict.fromkeys(series_of(model, about) for model in models))
    i = series.index(series_of(line.rows["model"].iloc[0], about))
    peers = [model for model in models if series_of(model, about) == series[i]]
    rank = peers.index(line.name) / max(len(peers) - 1, 1) if line.name in peers[:-1] else 1
    return {
        "color": PALETTE[i % len(PALETTE)],
        "linestyle": LINE_STYLES[i % len(LINE_STYLES)],
        "marker": MARKERS[i % len(MARKERS)],
        "linewidth": 0.8 + 1.2 * rank,
        "alpha": 0.5 + 0.5 * rank,
    }


def draw_line(axis: Axes, line: Line, style: Look, label: str, banded: bool = True) -> None:
    """Draw one line through the means of each place, its points, and their intervals: a band, or
    whiskers where several pretrainings share a place. An undefined gain leaves a gap.

    banded: whether there is a band; too many of them hide each other.
    """
    rows = line.rows.sort_values("x")
    means = rows.groupby("x")["gain"].mean()
    (drawn,) = axis.plot(means.index, means, label=label, markersize=4.5, **style)
    plain = {name: style[name] for name in ("color", "alpha")}
    if rows["x"].is_unique:
        known = rows[rows["gain"].notna()]
        limits = known[["model", "gain", "low", "high"]].itertuples(index=False)
        set_tips(drawn, [gain_text(*row) for row in limits])
        if not banded:
            return
        band: Look = plain | {"alpha": 0.12, "linewidth": 0}
        axis.fill_between(rows["x"], rows["low"], rows["high"], **band)
        return
    several = rows[rows["x"].duplicated(keep=False)]
    dots: Look = {"marker": style["marker"], "markersize": 3, "linestyle": "none"}
    axis.plot(several["x"], several["gain"], markerfacecolor="white", **dots, **plain)
    axis.vlines(rows["x"], rows["low"], rows["high"], linewidth=0.9, **plain)


def legend_below(axis: Axes) -> None:
    """Draw a panel's legend below its axis, where it hides no point."""
    down = ScaledTranslation(0, -BELOW, axis.figure.dpi_scale_trans)
    place: Look = {"bbox_to_anchor": (0.5, 0), "bbox_transform": axis.transAxes + down}
    look: Look = {"loc": "upper center", "borderaxespad": 0, "frameon": False, "handlelength": 3.4}
    axis.legend(fontsize=7, **place, **look)


def draw_axis(axis: Axes, name: str, rows: Rows, about: Models, models: Sequence[str]) -> None:
    """Draw one axis (size, depth or pretraining) under one probe and pooling."""
    column = COLUMNS_OF_AXES[name]
    lines = [line for line in column.lines_of(rows, about) if line.rows["gain"].notna().any()]
    if not lines:
        show_message(axis, column.if_empty)
        return
    trends = trend_labels(rows.correlations, name)
    axis.axhline(0, color="#888888", linewidth=0.8, zorder=0.5)
    for line in lines:
        label = title_of(line.name, about) + trends.get(line.name, "")
        style = line_style(line, about, models)
        largest = style["alpha"] == 1  # of its series
        draw_line(axis, line, style, label, name != DEPTH or largest)
    axis.set_xlabel(column.label)
    column.set_ticks(axis)
    legend_below(axis)


def rows_of_setting(rows: Rows, probe: str, pooling: str) -> Rows:
    """Return the rows of one probe and pooling."""
    return Rows(*(t[(t["probe"] == probe) & (t["pooling"] == pooling)] for t in rows))


def in_order_of(models: Sequence[str], table: pd.DataFrame) -> pd.DataFrame:
    """Return a table's rows in the order of a list of models."""
    order = {model: i for i, model in enumerate(models)}
    return table.sort_values("model", key=lambda names: names.map(order), kind="stable")


def draw_panels(rows: Rows, models: Sequence[str], subject: Subject) -> Figure:
    """Return a figure with one row per probe and pooling, one column per axis."""
    settings = list(dict.fromkeys(zip(rows.chosen["probe"], rows.chosen["pooling"], strict=True)))
    height = PANEL_HEIGHT + LINE_OF_LEGEND * len(models)
    size = (PANEL_WIDTH * len(COLUMNS_OF_AXES), height * len(settings) + 0.6)
    grid: Look = {"sharey": True, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(len(settings), len(COLUMNS_OF_AXES), figsize=size, **grid)
    for setting, row in zip(settings, axes, strict=True):
        own_rows = rows_of_setting(rows, *setting)
        for name, axis in zip(COLUMNS_OF_AXES, row, strict=True):
            axis.set_title(f"{name}\n{setting_label(*setting)}", fontsize=9)
            draw_axis(axis, name, own_rows, subject.about, models)
        row[0].set_ylabel(f"gain in {subject.label} on test")
    return figure


def draw_scaling(gains: pd.DataFrame, correlations: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task, from its rows of gains and correlations."""
    title = heading(subject.task, gains)
    chosen = gains["layer_selection"] == VALIDATION
    if not chosen.any():
        return message_figure(title, "No network ran with pretrained and with ablated weights.")
    models = in_order(gains["model"], subject.about)
    layers = gains[gains["layer_selection"] == EACH]
    rows = Rows(in_order_of(models, gains[chosen]), in_order_of(models, layers), correlations)
    figure = draw_panels(rows, models, subject)
    figure.suptitle(f"{title}\n{SUBTITLE}", fontsize=10)
    return figure


def write_scaling(
    path: Path | str, gains: pd.DataFrame, correlations: pd.DataFrame, subject: Subject
) -> None:
    """Draw what pretraining gives against size, depth and pretraining and write it as SVG."""
    save(path, lambda: draw_scaling(gains, correlations, subject))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, own_rows = of_only_task(tables, tasks, about)
    write_scaling(path, own_rows["gains"], own_rows["correlations"], subject)
