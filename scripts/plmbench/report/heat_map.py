"""One figure of the study: what pretraining adds over the best that does without it.

A row a task, probe and pooling, a column a pretrained network; a panel a kind of metric.
"""

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from plmbench.core.metrics import LABELS, LOWER_IS_BETTER
from plmbench.report.style import in_order, of_task, save, setting, signed, title_of, words_alone

LETTERS = {"scales": "S", "benefits": "B", "no benefit": "N", "unclear": "U"}
TASK = ["dataset", "split"]
ROW = [*TASK, "probe", "pooling"]
CELL = [*ROW, "model"]
# Blue: pretraining adds; orange with a hatch: the reference is better. Both ends are dark in grey,
# so the hatch and the sign of the number tell them apart there.
COLOURS = ["#a34700", "#e9a15f", "#f7f7f7", "#77b3dc", "#005a91"]
MAP = mpl.colors.LinearSegmentedColormap.from_list("gain", COLOURS)
REFERENCES = ("ablation", "baseline")
CELL_SIZE = (0.62, 0.46)  # inches
LETTER = 0.07  # inches, of a title
TITLE = 0.85  # of a row: the height that a title takes


def cells(differences, verdicts, metric_of):
    """Return a row a task, probe, pooling and network: gain over the best reference, verdict.

    gain: the smallest difference (positive: the pretrained network is better, whatever the metric)
    to a baseline or an ablation, at the layer chosen on validation; NaN where one of them is
    undefined. metric_of: {(dataset, split): metric}.
    """
    rows = differences[
        differences["role"].isin(REFERENCES) & (differences["layer_selection"] == "validation")
    ]
    wanted = {(*task, metric) for task, metric in metric_of.items()}
    rows = rows[pd.MultiIndex.from_frame(rows[[*TASK, "metric"]]).isin(wanted)]
    gains = rows.groupby(CELL, sort=False)["difference"].agg(lambda v: v.min(skipna=False))
    # earlier checkpoints have no row in verdicts: without ablations they have less to beat
    return gains.rename("gain").reset_index().merge(verdicts[[*CELL, "verdict"]], on=CELL)


def unit_of(metric):
    """Return what a colour scale is for: shares and correlations have one, each error its own."""
    return f"difference, {LABELS[metric]}" if metric in LOWER_IS_BETTER else "difference"


def placed(table, tasks):
    """Return a panel's {(dataset, split, probe, pooling): y} and {y: title}, downward from 0.

    A title stands above the rows of its task, one a probe and pooling.
    """
    rows, titles, y = {}, {}, 0.0
    for task in tasks:
        mine = of_task(table, task["dataset"], task["split"])
        if mine.empty:
            continue
        titles[y] = f"{task['title']}: {LABELS[task['metric']]}"
        y += TITLE
        for key in dict.fromkeys(zip(*(mine[name] for name in ROW), strict=True)):
            rows[key] = y
            y += 1
    return rows, titles


def panels_of(table, tasks):
    """Return {unit: rows}: what shares a colour scale, in the order of the tasks."""
    units = {(t["dataset"], t["split"]): unit_of(t["metric"]) for t in tasks}
    keys = [units[key] for key in zip(table["dataset"], table["split"], strict=True)]
    groups = table.assign(unit=keys).groupby("unit", sort=False)
    return dict(list(groups))


def is_light(colour):
    """Tell whether black is the better ink on a colour, by relative luminance (WCAG 2)."""
    linear = [((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return np.dot(linear, [0.2126, 0.7152, 0.0722]) > 0.18


def draw_cell(axis, place, row, norm):
    """Draw one cell: colour, signed gain, verdict's letter; undefined is grey and a dash."""
    gain, (x, y) = row["gain"], place
    face = "#d9d9d9" if np.isnan(gain) else MAP(norm(gain))
    hatch = "////" if gain < 0 else None
    look = {"facecolor": face, "edgecolor": "#ffffff", "hatch": hatch, "linewidth": 1}
    axis.add_patch(mpl.patches.Rectangle((x - 0.5, y - 0.5), 1, 1, **look))
    # a patch of the cell's colour behind the text, so that the hatch does not cross it
    behind = {"facecolor": face, "edgecolor": "none", "pad": 0.8}
    look = {"ha": "center", "va": "center", "bbox": behind}
    look["color"] = "black" if is_light(face) else "white"
    number = "–" if np.isnan(gain) else signed(f"{gain:+.3f}")
    axis.text(x, y - 0.17, number, fontsize=7.5, **look)
    axis.text(x, y + 0.22, LETTERS.get(row["verdict"], ""), fontsize=8, weight="bold", **look)


def norm_of(table):
    """Return a colour scale that has 0 in its middle and holds every gain."""
    most = max([0.01, *table["gain"].abs().dropna()])
    return mpl.colors.TwoSlopeNorm(0, -most, most)


def columns_of(models, titles):
    """Return a panel's width in columns: its networks, or its longest title where that is more."""
    longest = max(map(len, titles.values()))
    return max(len(models), math.ceil(longest * LETTER / CELL_SIZE[0]))


def draw_panel(axis, table, rows, titles, models, about):
    """Draw the cells of one unit, and its colour bar."""
    norm = norm_of(table)
    for _, row in table.iterrows():
        draw_cell(axis, (models.index(row["model"]), rows[tuple(row[ROW])]), row, norm)
    for y, title in titles.items():
        axis.text(-0.5, y + 0.05, title, fontsize=8.5, weight="bold", va="center")
    axis.set_xlim(-0.5, columns_of(models, titles) - 0.5)
    axis.set_ylim(max(rows.values()) + 0.5, -0.5)
    turned = {"rotation": 40, "ha": "left", "rotation_mode": "anchor"}
    axis.set_xticks(range(len(models)), [title_of(model, about) for model in models], **turned)
    axis.set_yticks(list(rows.values()), [setting(*key[len(TASK) :]) for key in rows])
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axis.spines[:].set_visible(False)
    shown = mpl.cm.ScalarMappable(norm, MAP)
    look = {"location": "bottom", "anchor": (0, 1), "shrink": 0.6, "aspect": 22, "pad": 0.02}
    axis.figure.colorbar(shown, ax=axis, **look).set_label(table["unit"].iloc[0], fontsize=8)


def draw_heat_map(differences, verdicts, about, tasks):
    """Return the matplotlib figure of all tasks, from rows of differences.tsv and verdicts.tsv.

    tasks: dicts with dataset, split, title and metric, in the order to show.
    """
    title = "Pretrained network minus its best ablation or baseline, on test"
    metric_of = {(task["dataset"], task["split"]): task["metric"] for task in tasks}
    table = cells(differences, verdicts, metric_of)
    if table.empty:
        return words_alone(title, "No pretrained network has an ablation or a baseline to beat.")
    panels, models = panels_of(table, tasks), in_order(table["model"], about)
    places = [placed(part, tasks) for part in panels.values()]
    sizes = [CELL_SIZE[1] * (max(rows.values()) + 1) for rows, _ in places]
    columns = max(columns_of(models, titles) for _, titles in places)
    size = (2.1 + CELL_SIZE[0] * columns, sum(sizes) + 1.7 * len(panels) + 0.6)
    grid = {"height_ratios": sizes, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(len(panels), 1, figsize=size, **grid)
    for part, place, axis in zip(panels.values(), places, axes.flat, strict=True):
        draw_panel(axis, part, *place, models, about)
    letters = ", ".join(f"{letter} {verdict}" for verdict, letter in LETTERS.items())
    figure.suptitle(f"{title}\n{letters}\nhatched: the reference is better", fontsize=10)
    return figure


def write_heat_map(path, differences, verdicts, about, tasks):
    """Draw the map of all tasks and networks and write it as SVG."""
    save(path, draw_heat_map, differences, verdicts, about, tasks)
