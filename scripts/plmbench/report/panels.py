"""Figures of several panels, one per network: their grid, their one legend, and styles of lines
that no ablation has."""

from collections.abc import Iterable

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from plmbench.report.style import LEGEND_BELOW, Dashes, Look

FLAT_STYLES: list[Dashes] = [
    (0, (8, 3)),
    (0, (1, 2.5)),
    (0, (6, 2, 1, 2)),
    (0, (3, 3)),
    (0, (9, 2, 1, 2, 1, 2)),
]
MOST_COLUMNS = 4


def draw_legend(figure: Figure, axes: np.ndarray) -> None:
    """Draw one legend for all panels below them, each label once."""
    handles = [axis.get_legend_handles_labels() for axis in axes.flat]
    legend = dict(pair for lines, labels in handles for pair in zip(labels, lines, strict=True))
    figure.legend(legend.values(), legend.keys(), ncols=3, **LEGEND_BELOW)


def grid_of(count: int) -> tuple[Figure, np.ndarray]:
    """Return a figure with so many panels, and these [row, column]; those left over are off."""
    columns = min(count, MOST_COLUMNS)
    rows = -(-count // columns)
    size = (max(5.6, 3.4 * columns), 3.6 * rows + 0.9)
    shape: Look = {"sharey": True, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(rows, columns, figsize=size, **shape)
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    return figure, axes


def layer_names(layers: Iterable[float]) -> list[str]:
    """Return layers as texts name them."""
    return [f"layer {int(layer)}" for layer in layers]


def show_layers(axis: Axes) -> None:
    """Label an axis as one of layers."""
    axis.set_xlabel("layer (0: input embedding)")
    show_whole_numbers(axis)


def show_whole_numbers(axis: Axes) -> None:
    """Give an axis ticks at whole numbers; a lone one stands in its middle."""
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    low, high = axis.get_xlim()
    if high - low < 1:  # the locator would cut one layer into tenths
        middle = round((low + high) / 2)
        axis.set_xlim(middle - 0.5, middle + 0.5)
        axis.set_xticks([middle])
