"""How far a nudge reaches, layer by layer: pretrained networks against their ablations."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.report.nudge_panels import arms_of, panel_figure
from plmbench.report.panels import show_whole_numbers
from plmbench.report.style import Look, save
from plmbench.report.subjects import Tables

TITLE = "How far a nudge of one residue reaches\n1: as far as an even spread over the chain"


def draw_reach(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the reach of each arm against the layer, with its interval over chains as a band."""
    axis.axhline(1, color="#bbbbbb", linewidth=0.8, zorder=0)
    for _, label, look, own in arms_of(rows):
        means = own.groupby("layer")[["reach", "reach_low", "reach_high"]].mean()
        axis.plot(means.index, means["reach"], marker=".", markersize=4, label=label, **look)
        if own["weights"].nunique() == 1:  # of several seeds the mean has another interval
            band: Look = {"color": look["color"], "alpha": 0.18, "linewidth": 0}
            axis.fill_between(means.index, means["reach_low"], means["reach_high"], **band)
    axis.set_ylim(bottom=0)
    show_whole_numbers(axis)


def draw_spread(table: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure of the rows of spread.tsv."""
    return panel_figure(table, about, TITLE, ("layer", "reach / even spread"), draw_reach)


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    save(path, lambda: draw_spread(tables["spread"], about))
