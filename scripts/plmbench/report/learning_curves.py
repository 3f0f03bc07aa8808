"""One figure per task: the score on the test subset against the number of labels, one panel per
network."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.roles import BASELINE
from plmbench.core.weights import PRETRAINED
from plmbench.report.panels import FLAT_STYLES, draw_legend, grid_of
from plmbench.report.style import (
    GREYS,
    PRETRAINED_COLOUR,
    Look,
    ablation_styles,
    message_figure,
    quantity,
    save,
    setting_label,
)
from plmbench.report.subjects import Subject, Tables, heading, of_only_task, title_of
from plmbench.report.tips import point_texts, set_tips

PANEL = ["probe", "pooling", "model"]
MOST_TICKS = 7  # labels that stand beside each other below a panel


def looks_of(table: pd.DataFrame) -> dict[str, Look]:
    """Return {arm: its look}, the same in all panels."""
    ablations = ablation_styles(table["arm"][table["role"] != BASELINE])
    looks: dict[str, Look] = {
        name: {"color": style["color"], "linestyle": style["linestyle"]}
        for name, style in ablations.items()
    }
    for i, name in enumerate(dict.fromkeys(table["arm"][table["role"] == BASELINE])):
        looks[name] = {"color": GREYS[BASELINE], "linestyle": FLAT_STYLES[i % len(FLAT_STYLES)]}
    return looks | {PRETRAINED: {"color": PRETRAINED_COLOUR, "linestyle": "-", "linewidth": 1.9}}


def label_of(name: str, rows: pd.DataFrame, about: Models) -> str:
    """Return what the legend says of an arm."""
    seeds = int(rows["seeds"].max())
    several = name != PRETRAINED and rows["role"].iloc[0] != BASELINE
    return title_of(name, about) + (f" ({quantity(seeds, 'seed')})" if several else "")


def draw_arm(axis: Axes, rows: pd.DataFrame, look: Look, label: str) -> None:
    """Draw one arm's mean over draws, with a band of one standard deviation between them."""
    labels, values, spread = (rows[name].to_numpy() for name in ("labels", "value", "sd"))
    line: Look = {"linewidth": 1.3, "marker": ".", "markersize": 5, "label": label} | look
    (drawn,) = axis.plot(labels, values, **line)
    names = [quantity(round(number), "label") for number in labels]
    set_tips(drawn, point_texts(label, names, values, *(rows[end] for end in ("low", "high"))))
    banded = rows["sd"].notna().to_numpy()
    # All labels are one draw: the band closes there.
    spread = pd.Series(spread).fillna(0.0).to_numpy()
    if banded.any():
        band: Look = {"color": look["color"], "alpha": 0.18, "linewidth": 0}
        axis.fill_between(labels, values - spread, values + spread, **band)


def spaced(numbers: Sequence[float]) -> list[float]:
    """Return of ascending numbers those whose labels have room on a log axis, and the last."""
    kept: list[float] = []
    for number in reversed(numbers):
        if not kept or np.log(kept[-1] / number) > np.log(numbers[-1] / numbers[0]) / MOST_TICKS:
            kept.append(number)
    return kept[::-1]


def draw_panel(axis: Axes, table: pd.DataFrame, looks: dict[str, Look], subject: Subject) -> None:
    """Draw one network under one probe and pooling, with its ablations and the baselines."""
    for name, rows in table.sort_values("labels").groupby("arm", sort=False):
        draw_arm(axis, rows, looks[name], label_of(name, rows, subject.about))
    probe, pooling, model = table[PANEL].iloc[0]
    title = [title_of(model, subject.about), setting_label(probe, pooling)]
    axis.set_title("\n".join(title), fontsize=9)
    axis.set_xlabel("labels to learn from")
    axis.set_xscale("log")
    ticks = spaced(sorted(table["labels"].round().unique()))
    axis.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    if len(ticks) == 1:
        axis.set_xlim(ticks[0] / 2, ticks[0] * 2)
    axis.xaxis.set_minor_locator(mpl.ticker.NullLocator())


def draw_learning_curves(curves: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task's learning curves."""
    table = curves[curves["value"].notna()]
    title = heading(subject.task, table)
    if table.empty:
        return message_figure(title, f"No score of {subject.label} by number of labels.")
    looks, panels = looks_of(table), table.groupby(PANEL, sort=False)
    figure, axes = grid_of(len(panels))
    for axis, (_, rows) in zip(axes.flat, panels, strict=False):
        draw_panel(axis, rows, looks, subject)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"{subject.label} on test")
    draw_legend(figure, axes)
    figure.suptitle(title, fontsize=10)
    return figure


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, own_rows = of_only_task(tables, tasks, about)
    save(path, lambda: draw_learning_curves(own_rows["learning_curves"], subject))
