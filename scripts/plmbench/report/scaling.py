"""One figure a task: does the metric of pretrained networks rise with size, depth and pretraining?

A row a probe and pooling, a column an axis; whiskers are 95 % intervals of the test subset.
"""

from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from plmbench.compare.summary import over_seeds, with_ablation
from plmbench.core.metrics import LABELS
from plmbench.core.weights import PRETRAINED
from plmbench.report.style import (
    COLOURS,
    MARKERS,
    PRETRAINED_COLOUR,
    STYLES,
    heading,
    in_order,
    network_of,
    save,
    say,
    series_of,
    setting,
    share_of,
    signed,
    title_of,
    with_controls,
    words_alone,
)

PALETTE = [PRETRAINED_COLOUR, *COLOURS]
LINES = ["-", *STYLES]
CHOSEN = "validation"
SUBTITLE = "pretrained, at the layer chosen on validation, with 95 % intervals"
WIDTH, HEIGHT = 3.5, 3.2  # of a panel without its legend, in inches
LINE_OF_LEGEND, BELOW = 0.155, 0.45  # its height, and where the legend begins, in inches


class Axis(NamedTuple):
    """What one column shows: the function that finds its lines, and what it says.

    lines(arms, curves, about) -> [(name, rows with x, value, low, high)]
    """

    lines: object
    label: str
    ticks: object
    lacking: str


def by_size(arms, curves, about):
    """Return a line a series: fully pretrained networks, by number of parameters."""
    sizes = arms["model"].map(lambda model: about.get(model, {}).get("parameters", np.nan))
    full = arms["model"].map(lambda model: share_of(model, about) == 1)
    known = arms.assign(x=sizes)[full & sizes.notna()]
    return list(known.groupby(known["model"].map(lambda m: series_of(m, about)), sort=False))


def by_depth(arms, curves, about):
    """Return a line a fully pretrained network: all layers, the chosen one with its interval."""
    lines = []
    for model, rows in curves.groupby("model", sort=False):
        if share_of(model, about) == 1 and rows["layer"].max() > 0:
            chosen = arms[arms["model"] == model].set_index("layer")[["low", "high"]]
            rows = rows.rename(columns={"mean": "value"}).join(chosen, on="layer")
            lines.append((model, rows.assign(x=rows["layer"] / rows["layer"].max())))
    return lines


def by_pretraining(arms, curves, about):
    """Return a line a network that has earlier checkpoints, by share of the pretraining."""
    table = arms.assign(x=arms["model"].map(lambda model: share_of(model, about)))
    groups = table.groupby(table["model"].map(lambda m: network_of(m, about)), sort=False)
    return [(network, rows) for network, rows in groups if rows["x"].nunique() > 1]


def counted_parameters(number, _=None):
    """Return a number of parameters as text: 600 k, 43 M, 3 B."""
    for unit, factor in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor:
            return f"{number / factor:.3g} {unit}"
    return f"{number:.3g}"


def ticks_of_sizes(axis):
    """Make an axis one of numbers of parameters, with few ticks in plain text."""
    axis.set_xscale("log")
    low, high = axis.get_xlim()
    if high / low < 10:  # else a decade may hold no tick at all
        middle = (low * high) ** 0.5
        axis.set_xlim(middle / 4, middle * 4)
    axis.xaxis.set_major_locator(LogLocator(subs=(1,) if high / low > 100 else (1, 3)))
    axis.xaxis.set_major_formatter(FuncFormatter(counted_parameters))
    axis.xaxis.set_minor_locator(NullLocator())


def ticks_of_shares(axis):
    """Make an axis one of shares, 0 to 1."""
    axis.set_xlim(-0.04, 1.04)


AXES = {
    "size": Axis(
        by_size,
        "parameters (log scale)",
        ticks_of_sizes,
        "No pretrained network\nsays its number of parameters.",
    ),
    "depth": Axis(
        by_depth,
        "layer / layers (0: input embedding)",
        ticks_of_shares,
        "No network has more than one layer.",
    ),
    "pretraining": Axis(
        by_pretraining,
        "share of the pretraining",
        ticks_of_shares,
        "No network has\nan earlier checkpoint.",
    ),
}


def correlations_of(scaling, axis):
    """Return {network or series: what its legend says of the rank correlation with an axis}."""
    rows = scaling[(scaling["axis"] == axis) & scaling["correlation"].notna()]
    return {
        row["model"]: signed(f": ρ {row['correlation']:.2f} [{row['low']:.2f}, {row['high']:.2f}]")
        for _, row in rows.iterrows()
    }


def look_of(name, model, about, models):
    """Return colour, line and marker of a model's series; a network's line is thicker if larger."""
    series = list(dict.fromkeys(series_of(peer, about) for peer in models))
    i = series.index(series_of(model, about))
    peers = [peer for peer in models if series_of(peer, about) == series[i]]
    rank = peers.index(name) / max(len(peers) - 1, 1) if name in peers[:-1] else 1
    return {
        "color": PALETTE[i % len(PALETTE)],
        "linestyle": LINES[i % len(LINES)],
        "marker": MARKERS[i % len(MARKERS)],
        "linewidth": 0.8 + 1.2 * rank,
        "alpha": 0.5 + 0.5 * rank,
    }


def draw_line(axis, rows, look, label):
    """Draw one line, with markers where there are intervals; an undefined value leaves a gap."""
    rows = rows.sort_values("x")
    marked = rows["low"].notna().to_numpy().nonzero()[0].tolist()
    axis.plot(rows["x"], rows["value"], markersize=4.5, markevery=marked, label=label, **look)
    whiskers = {"color": look["color"], "linewidth": 1.0, "alpha": look["alpha"]}
    axis.vlines(rows["x"], rows["low"], rows["high"], **whiskers)


def legend_below(axis):
    """Draw a panel's legend below its axis, where it hides no point."""
    down = ScaledTranslation(0, -BELOW, axis.figure.dpi_scale_trans)
    place = {"bbox_to_anchor": (0.5, 0), "bbox_transform": axis.transAxes + down}
    look = {"loc": "upper center", "borderaxespad": 0, "frameon": False, "handlelength": 3.4}
    axis.legend(fontsize=7, **place, **look)


def draw_panel(axis, name, parts, about, models):
    """Draw one axis (size, depth or pretraining) under one probe and pooling."""
    arms, curves, scaling = parts
    found = AXES[name].lines(arms, curves, about)
    lines = [(line, rows) for line, rows in found if rows["value"].notna().any()]
    if not lines:
        say(axis, AXES[name].lacking)
        return
    correlations = correlations_of(scaling, name)
    for line, rows in lines:
        look = look_of(line, rows["model"].iloc[0], about, models)
        draw_line(axis, rows, look, title_of(line, about) + correlations.get(line, ""))
    axis.set_xlabel(AXES[name].label)
    AXES[name].ticks(axis)
    legend_below(axis)


def of_panel(table, probe, pooling):
    """Return the rows of one probe and pooling."""
    return table[(table["probe"] == probe) & (table["pooling"] == pooling)]


def sorted_by(models, table):
    """Return a table's rows in the order of a list of models."""
    return table.sort_values("model", key=lambda names: names.map(models.index), kind="stable")


def layers_of(scores, metric):
    """Return mean of the metric on test at every layer of pretrained networks, with their arms."""
    table = over_seeds(with_ablation(scores[scores["metric"] == metric]))
    return table[(table["subset"] == "test") & (table["ablation"] == PRETRAINED)]


def draw_scaling(arms, scores, scaling, metric, about, task):
    """Return the matplotlib figure of one task, from its rows of arms, scores and scaling.

    about: {model: its `about`}; task: its title, task_type and target, and as
    `label_controls` {probe: the same on shuffled labels}.
    """
    arms = with_controls(arms[arms["metric"] == metric], task)
    arms = arms[(arms["layer_selection"] == CHOSEN) & (arms["ablation"] == PRETRAINED)]
    title = heading(task, arms)
    if arms.empty:
        return words_alone(title, "No pretrained network has a layer chosen on validation.")
    models = in_order(arms["model"], about)
    tables = [sorted_by(models, table) for table in (arms, layers_of(scores, metric))]
    panels = list(dict.fromkeys(zip(arms["probe"], arms["pooling"], strict=True)))
    size = (WIDTH * len(AXES), (HEIGHT + LINE_OF_LEGEND * len(models)) * len(panels) + 0.6)
    grid = {"sharey": True, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(len(panels), len(AXES), figsize=size, **grid)
    for (probe, pooling), row in zip(panels, axes, strict=True):
        parts = [of_panel(table, probe, pooling) for table in (*tables, scaling)]
        for name, axis in zip(AXES, row, strict=True):
            axis.set_title(f"{name}\n{setting(probe, pooling)}", fontsize=9)
            draw_panel(axis, name, parts, about, models)
        row[0].set_ylabel(f"{LABELS[metric]} on test")
    figure.suptitle(f"{title}\n{SUBTITLE}", fontsize=10)
    return figure


def write_scaling(path, arms, scores, scaling, metric, about, task):
    """Draw a task's metric against size, depth and pretraining and write it as SVG."""
    save(path, draw_scaling, arms, scores, scaling, metric, about, task)
