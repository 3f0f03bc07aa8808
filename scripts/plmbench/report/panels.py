"""Figures of several panels with one legend."""

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from plmbench.report.style import LEGEND_BELOW, Look

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
