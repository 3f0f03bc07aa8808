"""Contacts of one chain beside the pairs that answer most to each other."""

from collections.abc import Sequence

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.report.style import LEGEND_BELOW, PRETRAINED_COLOUR, Look, message_figure, save
from plmbench.report.subjects import Tables, in_order, title_of

TITLE = "Contacts of one chain, and the L pairs that a network's map ranks first"
RIGHT: Look = {"color": PRETRAINED_COLOUR, "marker": "s", "label": "ranked first, and touching"}
WRONG: Look = {"color": "#D55E00", "marker": "x", "label": "ranked first, not touching"}
TRUTH: Look = {"color": "#9a9a9a", "marker": "s", "label": "touching"}
COLUMNS = 3


def draw_pairs(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw what touches above the diagonal, and what is ranked first below it."""
    touching, ranked = rows["touching"] == 1, rows["ranked"] == 1
    small: Look = {"s": 9, "linewidths": 0.9}
    axis.scatter(rows["q"][touching], rows["p"][touching], **TRUTH, **small)
    for look, own in ((RIGHT, rows[ranked & touching]), (WRONG, rows[ranked & ~touching])):
        axis.scatter(own["p"], own["q"], **look, **small)
    residues = int(rows["residues"].iloc[0])
    axis.plot([0, residues], [0, residues], color="#cccccc", linewidth=0.8)
    axis.set(xlim=(0, residues + 1), ylim=(residues + 1, 0), aspect="equal")


def draw_contacts(table: pd.DataFrame, about: Models) -> Figure:
    """Return the matplotlib figure: one panel per network and map."""
    if table.empty:
        return message_figure(TITLE, "No chain with known contacts was nudged.")
    order = in_order(table["model"], about)
    keys = sorted(
        set(zip(table["model"], table["map"], strict=True)), key=lambda k: (order.index(k[0]), k[1])
    )
    columns = min(COLUMNS, len(keys))
    rows = -(-len(keys) // columns)
    size = (max(5.6, 3.4 * columns), 3.6 * rows + 1.0)
    shape: Look = {"squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(rows, columns, figsize=size, **shape)
    for axis in axes.flat[len(keys) :]:
        axis.set_axis_off()
    for axis, (model, kind) in zip(axes.flat, keys, strict=False):
        own = table[(table["model"] == model) & (table["map"] == kind)]
        draw_pairs(axis, own)
        found = own[own["ranked"] == 1]
        hits = f"{int(found['touching'].sum())} of {len(found)} touch"
        axis.set_title(f"{title_of(model, about)}, {kind}\n{hits}", fontsize=9)
    handles = dict(zip(*axes[0, 0].get_legend_handles_labels()[::-1], strict=True))
    figure.legend(handles.values(), handles.keys(), ncols=3, **LEGEND_BELOW)
    apart = int(table["separation"].iloc[0])
    words = f"chain {table['id'].iloc[0]}, pairs {apart} or more apart; above: structure"
    figure.suptitle(f"{TITLE}\n{words}, below: map", fontsize=10)
    return figure


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    save(path, lambda: draw_contacts(tables["contact_map"], about))
