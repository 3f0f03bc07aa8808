"""One figure of the study: what pretraining adds over the best reference without it.

One row per task, probe and pooling, one column per pretrained network, one panel per kind of
metric.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.columns import NETWORK_ROW, SETTING, TASK
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.metrics import LABELS, LOWER_IS_BETTER
from plmbench.core.selections import VALIDATION
from plmbench.core.verdicts import INITIALS, YES
from plmbench.report.style import Look, message_figure, save, setting_label, with_minus_sign
from plmbench.report.subjects import Tables, anchor_of, in_order, of_task, title_of
from plmbench.report.tips import gain_text, set_tips

# Blue: pretraining adds; orange with a hatch: the reference is better. Both ends are dark in grey,
# so the hatch and the sign of the number tell them apart there.
GAIN_COLOURS = ["#a34700", "#e9a15f", "#f7f7f7", "#77b3dc", "#005a91"]
COLOUR_MAP = mpl.colors.LinearSegmentedColormap.from_list("gain", GAIN_COLOURS)
UNDEFINED_COLOUR = "#d9d9d9"
CELL_WIDTH, CELL_HEIGHT = 0.62, 0.46  # inches
LETTER_WIDTH = 0.07  # inches, in a title
TITLE_HEIGHT = 0.85  # of a row


class Panel(NamedTuple):
    """What shares a colour scale: its rows, where each of them stands, and titles between them."""

    table: pd.DataFrame
    rows: dict[tuple[str, ...], float]  # SETTING -> y
    titles: dict[float, str]  # y -> title

    @property
    def height(self) -> float:
        """Return the height of the panel in inches."""
        return CELL_HEIGHT * (max(self.rows.values()) + 1)


def gains(
    differences: pd.DataFrame, verdicts: pd.DataFrame, metric_of: Mapping[tuple[str, str], str]
) -> pd.DataFrame:
    """Return one row per task, probe, pooling and network: gain over the best reference, which one
    that is, the interval, the verdict.

    gain: the smallest difference (positive: the pretrained network is better, whatever the metric)
    to a reference that bears on the verdict, at the layer chosen on validation; NaN where one of
    them is undefined. metric_of: {(dataset, split): metric}.
    """
    deciding = differences["in_verdict"] == YES
    rows = differences[deciding & (differences["layer_selection"] == VALIDATION)]
    wanted = {(*task, metric) for task, metric in metric_of.items()}
    rows = rows[pd.MultiIndex.from_frame(rows[[*TASK, "metric"]]).isin(wanted)]
    groups = rows.groupby(NETWORK_ROW, sort=False)["difference"]
    smallest = groups.agg(lambda values: values.min(skipna=False))
    # earlier checkpoints have no row in verdicts: without ablations they have less to beat
    found = verdicts[[*NETWORK_ROW, "verdict"]]
    # the interval of the gain is that of the smallest difference
    hardest = rows.sort_values("difference", kind="stable").drop_duplicates(NETWORK_ROW)
    limits = hardest[[*NETWORK_ROW, "reference", "low", "high"]]
    table = smallest.rename("gain").reset_index().merge(found, on=NETWORK_ROW)
    return table.merge(limits, on=NETWORK_ROW)


def unit_of(metric: str) -> str:
    """Return what a colour scale is for: shares and correlations have one, each error its own."""
    return f"difference, {LABELS[metric]}" if metric in LOWER_IS_BETTER else "difference"


def panel_of(table: pd.DataFrame, tasks: Sequence[TaskFacts]) -> Panel:
    """Return the Panel of these rows, downward from 0.

    A title stands above the rows of its task: one row per probe and pooling.
    """
    rows, titles, y = {}, {}, 0.0
    for task in tasks:
        own_rows = of_task(table, task["dataset"], task["split"])
        if own_rows.empty:
            continue
        titles[y] = f"{task['title']}: {LABELS[task['metric']]}"
        y += TITLE_HEIGHT
        for key in own_rows[SETTING].drop_duplicates().itertuples(index=False, name=None):
            rows[key] = y
            y += 1
    return Panel(table, rows, titles)


def panels_by_unit(table: pd.DataFrame, tasks: Sequence[TaskFacts]) -> list[Panel]:
    """Return the panels, each of what shares a colour scale, in the order of the tasks."""
    units = {(t["dataset"], t["split"]): unit_of(t["metric"]) for t in tasks}
    keys = [units[key] for key in zip(table["dataset"], table["split"], strict=True)]
    groups = table.assign(unit=keys).groupby("unit", sort=False)
    return [panel_of(part, tasks) for _, part in groups]


def is_light(colour: str | tuple[float, float, float, float]) -> bool:
    """Tell whether black is the better ink on a colour, by relative luminance (WCAG 2)."""
    linear = [((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return bool(np.dot(linear, [0.2126, 0.7152, 0.0722]) > 0.18)


def cell_text(row: pd.Series, about: Models) -> str:
    """Return what a reader sees who points at a cell."""
    label = f"{title_of(row['model'], about)}, {setting_label(row['probe'], row['pooling'])}"
    if np.isnan(row["gain"]):
        return f"{label}: {row['verdict']}"
    gain = gain_text(label, row["gain"], row["low"], row["high"])
    return f"{gain} over {title_of(row['reference'], about)}: {row['verdict']}"


def draw_cell(
    axis: Axes,
    place: tuple[float, float],
    row: pd.Series,
    norm: mpl.colors.Normalize,
    facts: Look,
) -> None:
    """Draw one cell: colour, signed gain, verdict's initial; undefined is grey and a dash.

    facts: the text of its marks as `tip`, and `url`, where it leads to.
    """
    gain, (x, y) = row["gain"], place
    face = UNDEFINED_COLOUR if np.isnan(gain) else COLOUR_MAP(norm(gain))
    hatch = "////" if gain < 0 else None
    box: Look = {"facecolor": face, "edgecolor": "#ffffff", "hatch": hatch, "linewidth": 1}
    cell = axis.add_patch(mpl.patches.Rectangle((x - 0.5, y - 0.5), 1, 1, **box))
    # a patch of the cell's colour behind the text, so that the hatch does not cross it
    behind: Look = {"facecolor": face, "edgecolor": "none", "pad": 0.8}
    ink = "black" if is_light(face) else "white"
    look: Look = {"ha": "center", "va": "center", "bbox": behind, "color": ink}
    number = "–" if np.isnan(gain) else with_minus_sign(f"{gain:+.3f}")
    initial = INITIALS.get(row["verdict"], "")
    texts = [axis.text(x, y - 0.17, number, fontsize=7.5, **look)]
    texts += [axis.text(x, y + 0.22, initial, fontsize=8, weight="bold", **look)]
    for mark in (cell, *texts):
        set_tips(mark, [facts["tip"]])
        mark.set_url(facts["url"])


def norm_of(table: pd.DataFrame) -> mpl.colors.Normalize:
    """Return a colour scale that has 0 in its middle and holds every gain."""
    most = max([0.01, *table["gain"].abs().dropna()])
    return mpl.colors.TwoSlopeNorm(0, -most, most)


def columns_of(models: Sequence[str], titles: Mapping[float, str]) -> int:
    """Return a panel's width in columns: its networks, or its longest title where that is more."""
    longest = max(map(len, titles.values()))
    return max(len(models), math.ceil(longest * LETTER_WIDTH / CELL_WIDTH))


def draw_gains(
    axis: Axes,
    panel: Panel,
    models: Sequence[str],
    about: Models,
    anchors: Mapping[tuple[str, str], str],
) -> None:
    """Draw the cells of one panel, and its colour bar; anchors: where the page shows each task."""
    norm = norm_of(panel.table)
    for _, row in panel.table.iterrows():
        place = models.index(row["model"]), panel.rows[tuple(row[SETTING])]
        facts = {"tip": cell_text(row, about), "url": f"#{anchors[row['dataset'], row['split']]}"}
        draw_cell(axis, place, row, norm, facts)
    # a title is drawn after the cells: it is the link to its task that a keyboard reaches
    places = {y: (dataset, split) for (dataset, split, *_), y in panel.rows.items()}
    for y, title in panel.titles.items():
        name = axis.text(-0.5, y + 0.05, title, fontsize=8.5, weight="bold", va="center")
        name.set_url(f"#{anchors[places[y + TITLE_HEIGHT]]}")
    axis.set_xlim(-0.5, columns_of(models, panel.titles) - 0.5)
    axis.set_ylim(max(panel.rows.values()) + 0.5, -0.5)
    names = [title_of(model, about) for model in models]
    axis.set_xticks(range(len(models)), names, rotation=40, ha="left", rotation_mode="anchor")
    labels = [setting_label(*key[len(TASK) :]) for key in panel.rows]
    axis.set_yticks(list(panel.rows.values()), labels)
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axis.spines[:].set_visible(False)
    scale = mpl.cm.ScalarMappable(norm, COLOUR_MAP)
    look: Look = {"location": "bottom", "anchor": (0, 1), "shrink": 0.6, "aspect": 22, "pad": 0.02}
    bar = axis.figure.colorbar(scale, ax=axis, **look)
    bar.set_label(panel.table["unit"].iloc[0], fontsize=8)


def draw_heat_map(
    differences: pd.DataFrame, verdicts: pd.DataFrame, about: Models, tasks: Sequence[TaskFacts]
) -> Figure:
    """Return the matplotlib figure of all tasks, from rows of differences.tsv and verdicts.tsv.

    tasks: with dataset, split, title and metric, in the order to show.
    """
    title = "Pretrained network minus its best ablation or baseline, on test"
    metric_of = {(task["dataset"], task["split"]): task["metric"] for task in tasks}
    table = gains(differences, verdicts, metric_of)
    if table.empty:
        return message_figure(title, "No pretrained network has an ablation or a baseline to beat.")
    panels, models = panels_by_unit(table, tasks), in_order(table["model"], about)
    anchors = {(t["dataset"], t["split"]): anchor_of(place) for place, t in enumerate(tasks)}
    heights = [panel.height for panel in panels]
    columns = max(columns_of(models, panel.titles) for panel in panels)
    size = (2.1 + CELL_WIDTH * columns, sum(heights) + 1.7 * len(panels) + 0.6)
    grid: Look = {"height_ratios": heights, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(len(panels), 1, figsize=size, **grid)
    for panel, axis in zip(panels, axes.flat, strict=True):
        draw_gains(axis, panel, models, about, anchors)
    initials = ", ".join(f"{initial} {verdict}" for verdict, initial in INITIALS.items())
    figure.suptitle(f"{title}\n{initials}\nhatched: the reference is better", fontsize=10)
    return figure


def write_heat_map(
    path: Path | str,
    differences: pd.DataFrame,
    verdicts: pd.DataFrame,
    about: Models,
    tasks: Sequence[TaskFacts],
) -> None:
    """Draw the map of all tasks and networks and write it as SVG."""
    save(path, lambda: draw_heat_map(differences, verdicts, about, tasks))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    write_heat_map(path, tables["differences"], tables["verdicts"], about, tasks)
