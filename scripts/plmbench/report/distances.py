"""One figure for the study: what pretraining adds, against the distance of test sequences from the
training set, one panel per task, probe and pooling."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.columns import SETTING
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.identities import ALL, IDENTITY
from plmbench.core.weights import PRETRAINED
from plmbench.report.panels import draw_legend, grid_of
from plmbench.report.style import COLOURS, MARKERS, Look, message_figure, save, setting_label
from plmbench.report.subjects import Tables, in_order, task_key, title_of
from plmbench.report.tips import point_texts, set_tips

GAIN = "gain_over_ablation"
TITLE = "Pretrained network minus its better ablation, by distance from the training set"
AXES = {IDENTITY: "identity to the nearest training sequence", "": ""}
WIDTH = 0.7  # of the place of a bin that networks share


def with_intervals(bins: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of pretrained networks whose gain has an interval, in bins that are known."""
    shown = (bins["ablation"] == PRETRAINED) & (bins["bin"] != ALL) & bins[f"{GAIN}_low"].notna()
    return bins[shown]


def bin_labels(rows: pd.DataFrame) -> dict[str, str]:
    """Return {bin: its label with the number of units}, in the table's order."""
    units = rows.groupby("bin", sort=False)["units"].max()
    return {str(name): f"{name}\n{int(number):,} units" for name, number in units.items()}


def draw_panel(axis: Axes, rows: pd.DataFrame, about: Models) -> None:
    """Draw the gain of each network in each bin, with its interval."""
    labels, models = bin_labels(rows), in_order(rows["model"], about)
    places = {name: i for i, name in enumerate(labels)}
    axis.axhline(0, color="#444444", linewidth=0.8)
    for i, model in enumerate(models):
        own = rows[rows["model"] == model]
        shift = WIDTH * ((i + 0.5) / len(models) - 0.5)
        gain, low, high = (own[f"{GAIN}{end}"].to_numpy() for end in ("", "_low", "_high"))
        look: Look = {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)]}
        look |= {"linestyle": "none", "markersize": 4, "elinewidth": 1, "capsize": 2}
        drawn = axis.errorbar(
            [places[name] + shift for name in own["bin"]],
            gain,
            yerr=[gain - low, high - gain],
            label=title_of(model, about),
            **look,
        )
        texts = point_texts(title_of(model, about), [*own["bin"]], gain, low, high)
        set_tips(drawn.lines[0], texts)
    axis.set_xticks(range(len(labels)), labels.values(), fontsize=8)
    axis.set_xlim(-0.5, len(labels) - 0.5)
    axis.set_xlabel(AXES.get(rows["bin_of"].iloc[0], "mutations"))


def draw_distances(bins: pd.DataFrame, tasks: Sequence[TaskFacts], about: Models) -> Figure:
    """Return the matplotlib figure of the study's gains by distance."""
    shown = with_intervals(bins)
    if shown.empty:
        return message_figure(TITLE, "No bin has enough test units for an interval.")
    titles = {task_key(task): task["title"] for task in tasks}
    panels = list(shown.groupby(SETTING, sort=False))
    figure, axes = grid_of(len(panels))
    for ((dataset, split, probe, pooling), rows), axis in zip(panels, axes.flat, strict=False):
        draw_panel(axis, rows, about)
        key = f"{dataset}/{split}"
        heading = f"{titles.get(key, key)}\n{setting_label(probe, pooling)}"
        axis.set_title(heading, fontsize=9)
    for axis in axes[:, 0]:
        axis.set_ylabel("gain over the better ablation")
    draw_legend(figure, axes)
    figure.suptitle(TITLE, fontsize=10)
    return figure


def write_figure(
    path: Path | str, tables: Tables, tasks: Sequence[TaskFacts], about: Models
) -> None:
    """Draw the figure of this module's name."""
    save(path, lambda: draw_distances(tables["identity_bins"], tasks, about))
