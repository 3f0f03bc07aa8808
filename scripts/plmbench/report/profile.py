"""How a response falls with the distance from the nudged residue, at a few layers."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.weights import PRETRAINED
from plmbench.report.nudge_panels import arms_of, layers_shown, panel_figure
from plmbench.report.style import STYLES, Dashes, save
from plmbench.report.subjects import Tables

TITLE = "Response against the distance from the nudged residue"
LAYERS: dict[str, Dashes] = {
    "first layer": STYLES[1],
    "middle layer": STYLES[0],
    "last layer": "-",
}


def draw_profile(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the geometric mean of the response against the distance: a colour per arm, a line style
    for the first, the middle and the last layer."""
    layers = layers_shown(rows["layer"].tolist(), len(LAYERS))
    styles = dict(zip(layers, [*LAYERS.values()][-len(layers) :], strict=True))
    for ablation, label, look, own in arms_of(rows):
        width = 1.8 if ablation == PRETRAINED else 1.1
        for layer, style in styles.items():
            means = own[own["layer"] == layer].groupby("distance")["log_response"].mean()
            name = label if layer == layers[-1] else None
            line = {**look, "linestyle": style, "linewidth": width, "label": name}
            axis.plot(means.index, np.exp(means), **line)
    for name, style in LAYERS.items():  # the words of the legend
        axis.plot([], [], color="#555555", linestyle=style, linewidth=1.1, label=name)
    axis.set_yscale("log")
    axis.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axis.yaxis.set_minor_formatter(mpl.ticker.NullFormatter())


def draw_profiles(table: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure of the rows of profile.tsv."""
    return panel_figure(table, about, TITLE, ("residues apart, |p − q|", "response"), draw_profile)


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    save(path, lambda: draw_profiles(tables["profile"], about))
