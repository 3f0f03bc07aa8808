"""One figure a task: a bar an arm with its 95 % interval, at the best and at the last layer."""

from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from plmbench.core.metrics import LABELS, better_first
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.style import (
    CONTROL_HATCH,
    GREYS,
    PRETRAINED_COLOUR,
    counted,
    heading,
    in_order,
    looks_of,
    role_of,
    save,
    say,
    setting,
    signed,
    title_of,
    with_controls,
    words_alone,
)

SELECTIONS = {"validation": "layer chosen on validation", "last": "last layer"}
GAP = 0.7  # between two models, in bars
INCHES = 0.155  # of one bar
WIDTH, MARGIN = 9.2, 1.6  # of the figure; above and below its panels, in inches
STRONGEST = {"color": "black", "linewidth": 0.8, "linestyle": (0, (5, 3)), "zorder": 0.5}
LEVEL_HATCHES = {"baseline": "", "control": CONTROL_HATCH}


ARM = ["model", "pooling", "ablation"]


class Slot(NamedTuple):
    """Where the bar of one arm stands (in bars, downward), and its look."""

    y: float
    arm: tuple
    look: dict


def look_of(row, about, looks):
    """Return colour and hatch of an arm: the pretrained network, an ablation, or no weights."""
    if row["ablation"] == PRETRAINED:
        return {"facecolor": PRETRAINED_COLOUR, "edgecolor": "white"}
    if row["ablation"] == NONE:
        role = role_of(row["model"], about)
        return {"facecolor": GREYS[role], "edgecolor": "white", "hatch": LEVEL_HATCHES[role]}
    look = looks[row["ablation"]]
    return {"facecolor": look["color"], "edgecolor": "white", "hatch": look["hatch"]}


def name_of(rows, about, pooling):
    """Return what stands beside a group of bars; the pooling, too, where it is not the panel's."""
    first = rows.iloc[0]
    other = f" ({first['pooling']})" if first["pooling"] not in ("", pooling) else ""
    return title_of(first["model"], about) + other


def groups_of(table, about, pooling):
    """Yield (name, rows) of a panel from top to bottom: networks, then baselines, then controls."""
    kinds = {"baseline": 1, "control": 2}
    levels = table["ablation"] == NONE
    ranks = [
        kinds[role_of(m, about)] if level else 0
        for m, level in zip(table["model"], levels, strict=True)
    ]
    for _, part in table.assign(rank=ranks).groupby("rank"):
        for model in in_order(part["model"], about):
            mine = part[part["model"] == model]
            for _, rows in mine.groupby("pooling", sort=False):
                # pretrained first, then ablations by name
                order = rows.assign(late=rows["ablation"] != PRETRAINED)
                yield name_of(rows, about, pooling), order.sort_values(["late", "ablation"])


def slots_of(table, about, pooling, looks):
    """Return the slots of a panel, and {height: name} of the groups they stand in.

    Both choices of layer share them, so that a row reads across.
    """
    slots, names, top = [], {}, 0.0
    for name, rows in groups_of(table.drop_duplicates(ARM), about, pooling):
        for i, (_, row) in enumerate(rows.iterrows()):
            slots.append(Slot(top + i, tuple(row[ARM]), look_of(row, about, looks)))
        names[top + (len(rows) - 1) / 2] = name
        top += len(rows) + GAP
    return slots, names


def draw_bar(axis, slot, row):
    """Draw one bar with its interval, and in the margin its value and layer, or say why not."""
    beside = {"transform": axis.get_yaxis_transform(), "va": "center", "fontsize": 7}
    if row is None or np.isnan(row["value"]):
        words = "no layer chosen" if row is None else "undefined"
        axis.text(1.015, slot.y, words, style="italic", **beside)
        return
    axis.barh(slot.y, row["value"], height=0.92, linewidth=0.4, **slot.look)
    axis.hlines(slot.y, row["low"], row["high"], color="white", linewidth=2.6)  # seen on any bar
    axis.hlines(slot.y, row["low"], row["high"], color="black", linewidth=1.1)
    axis.plot([row["low"], row["high"]], [slot.y] * 2, "|", color="black", markersize=4)
    layer = "" if row["ablation"] == NONE else f", layer {int(row['layer'])}"
    axis.text(1.015, slot.y, signed(f"{row['value']:.3f}") + layer, **beside)


def draw_strongest(axis, table, metric):
    """Draw a line at the best model without weights, behind the bars of all networks."""
    levels = table[(table["ablation"] == NONE) & table["value"].notna()]
    if len(levels) and len(levels) < len(table):
        best = levels.loc[(better_first(metric) * levels["value"]).idxmax(), "value"]
        axis.axvline(best, **STRONGEST)


def draw_panel(axis, table, layer_selection, slots, metric):
    """Draw the arms of one probe and pooling at one selection of the layer."""
    rows = {
        tuple(row[ARM]): row
        for _, row in table[table["layer_selection"] == layer_selection].iterrows()
    }
    if not rows:
        say(axis, "No layer was chosen:\nthe metric is undefined on validation.")
        return
    for slot in slots:
        draw_bar(axis, slot, rows.get(slot.arm))
    draw_strongest(axis, table[table["layer_selection"] == layer_selection], metric)
    axis.axvline(0, color="black", linewidth=0.8)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", labelbottom=True)
    axis.set_ylim(slots[-1].y + 0.8, -0.8)
    axis.set_xlabel(f"{LABELS[metric]} on test")


def draw_row(axes, panel, table, about, looks, metric):
    """Draw one probe and pooling: a column a selection of the layer, the names on the left."""
    slots, names = slots_of(table, about, panel[1], looks)
    for layer_selection, axis in zip(SELECTIONS, axes, strict=True):
        draw_panel(axis, table, layer_selection, slots, metric)
        axis.set_yticks(list(names), [""] * len(names))
        axis.set_title(f"{setting(*panel)}: {SELECTIONS[layer_selection]}", fontsize=9)
    first = next((axis for axis in axes if axis.axison), axes[0])  # one that shows more than words
    first.set_yticks(list(names), list(names.values()))


def panels_of(table):
    """Return {(probe, pooling): rows} of networks, each with the probe's models without weights."""
    networks = table[table["ablation"] != NONE]
    levels = table[table["ablation"] == NONE]
    if networks.empty:
        return {(probe, ""): rows for probe, rows in levels.groupby("probe", sort=False)}
    keys = zip(networks["probe"], networks["pooling"], strict=True)
    return {
        (probe, pooling): table[
            (table["probe"] == probe)
            & ((table["pooling"] == pooling) | (table["ablation"] == NONE))
        ]
        for probe, pooling in dict.fromkeys(keys)
    }


def legend_of(table, looks):
    """Return the handles of one legend for all panels."""
    handles = []
    if (table["ablation"] == PRETRAINED).any():
        look = {"facecolor": PRETRAINED_COLOUR, "edgecolor": "white"}
        handles.append(Patch(label="pretrained", **look))
    for name, look in looks.items():
        seeds = int(table.loc[table["ablation"] == name, "seeds"].max())
        patch = {"facecolor": look["color"], "edgecolor": "white", "hatch": look["hatch"]}
        handles.append(Patch(label=f"{name} ({counted(seeds, 'seed')})", **patch))
    if handles and (table["ablation"] == NONE).any():
        line = {name: value for name, value in STRONGEST.items() if name != "zorder"}
        handles.append(Line2D([], [], label="the best without a network", **line))
    return handles


def height_of(rows):
    """Return the height of a panel in inches, by its bars and the gaps between models."""
    arms = rows.drop_duplicates(ARM)
    return max(1.0, INCHES * (len(arms) + GAP * len(arms.drop_duplicates(ARM[:2]))))


def draw_bars(arms, metric, about, task):
    """Return the matplotlib figure of one task's arms (rows of arms.tsv of one dataset and split).

    about: {model: its `about`}; task: its title, task_type and target, and as
    `label_controls` {probe: the same on shuffled labels}.
    """
    table = with_controls(arms[arms["metric"] == metric], task)
    title = heading(task, table)
    if table.empty:
        return words_alone(title, f"No value of {LABELS[metric]}.")
    panels, looks = panels_of(table), looks_of(table["ablation"])
    sizes = [height_of(rows) for rows in panels.values()]
    grid = {"height_ratios": sizes, "sharex": True, "squeeze": False, "layout": "constrained"}
    size = (WIDTH, sum(sizes) + 0.7 * len(panels) + MARGIN)
    figure, axes = plt.subplots(len(panels), len(SELECTIONS), figsize=size, **grid)
    for (panel, rows), row_axes in zip(panels.items(), axes, strict=True):
        draw_row(row_axes, panel, rows, about, looks, metric)
    handles = legend_of(table, looks)
    if handles:
        look = {"loc": "outside lower center", "ncols": 4, "fontsize": 8, "frameon": False}
        figure.legend(handles=handles, **look)
    figure.suptitle(f"{title}\nwhiskers: 95 % intervals", fontsize=10)
    return figure


def write_bars(path, arms, metric, about, task):
    """Draw a task's arms as bars and write them as SVG."""
    save(path, draw_bars, arms, metric, about, task)
