"""How a response falls with the distance from the nudged residue, at a few layers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.weights import PRETRAINED
from plmbench.report.nudge_panels import arms_of, layers_shown, panel_figure
from plmbench.report.style import STYLES, save
from plmbench.report.subjects import Tables

TITLE = "Response against the distance from the nudged residue"
LAYERS = 3


def draw_profile(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw the geometric mean of the response against the distance: a line style per layer, a
    colour per arm."""
    layers = layers_shown(rows["layer"].tolist(), LAYERS)
    for ablation, label, look, own in arms_of(rows):
        for i, layer in enumerate(layers):
            means = own[own["layer"] == layer].groupby("distance")["log_response"].mean()
            style = ["-", *STYLES][len(layers) - 1 - i]
            line = {**look, "linestyle": style, "linewidth": 1.8 if ablation == PRETRAINED else 1.1}
            name = f"{label.partition(' (')[0]}, layer {layer}"
            axis.plot(means.index, np.exp(means), label=name, **line)
    axis.set_yscale("log")


def draw_profiles(table: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure of the rows of profile.tsv."""
    return panel_figure(table, about, TITLE, ("residues apart, |p − q|", "response"), draw_profile)


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure that the rule of this module's name asks for."""
    save(path, lambda: draw_profiles(tables["profile"], about))
