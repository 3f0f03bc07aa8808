"""The response of every residue of one chain to a nudge at each, layer by layer."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.report.style import Look, message_figure, save
from plmbench.report.subjects import Tables, in_order, title_of

TITLE = "Response of each residue q to a nudge at each residue p"
LOWEST = -4.0  # of the colour scale, a logarithm to base 10


def draw_maps(table: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure: one row per network, one panel per layer."""
    models = in_order(table["model"], about)
    if not models:
        return message_figure(TITLE, "Nothing was nudged.")
    layers = {model: sorted(set(table["layer"][table["model"] == model])) for model in models}
    columns = max(map(len, layers.values()))
    size = (1.75 * columns + 1.0, 1.95 * len(models) + 1.0)
    shape: Look = {"squeeze": False, "layout": "constrained", "sharex": True, "sharey": True}
    figure, axes = plt.subplots(len(models), columns, figsize=size, **shape)
    for axis in axes.flat:
        axis.set_axis_off()
    for row, model in zip(axes, models, strict=True):
        for axis, layer in zip(row, layers[model], strict=False):
            own = table[(table["model"] == model) & (table["layer"] == layer)]
            values = own.pivot(index="p", columns="q", values="log10_response").to_numpy()
            look: Look = {"vmin": LOWEST, "vmax": 0, "cmap": "cividis", "interpolation": "nearest"}
            look |= {"extent": (0.5, len(values) + 0.5, len(values) + 0.5, 0.5)}
            image = axis.imshow(np.nan_to_num(values, nan=LOWEST), **look)
            axis.set_axis_on()
            axis.set_title(f"layer {layer}", fontsize=8)
        row[0].set_ylabel(f"{title_of(model, about)}\nnudged p", fontsize=8)
        row[0].set_xlabel("answers q", fontsize=8)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, aspect=25, extend="min")
    bar.set_label("log10 of the response", fontsize=8)
    figure.suptitle(f"{TITLE}\nchain {table['id'].iloc[0]}, pretrained networks", fontsize=10)
    return figure


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    save(path, lambda: draw_maps(tables["response_map"], about))
