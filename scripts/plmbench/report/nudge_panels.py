"""What the figures of nudges share: one panel per set of chains and network, arms and legend."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.report.style import (
    LEGEND_BELOW,
    PRETRAINED_COLOUR,
    Look,
    ablation_styles,
    message_figure,
    quantity,
)
from plmbench.report.subjects import in_order, title_of

PANEL = ["dataset", "model", "observe"]
WORDS = {"through": "input nudged", "blocks": "each block's input nudged"}
COLUMNS = 3  # panels side by side
Draw = Callable[[Axes, pd.DataFrame], Any]


def ablation_of(weights: str) -> str:
    """Return the ablation that weights are of."""
    return parse_weights(weights).ablation


def panels_of(table: pd.DataFrame, about: Models) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield title and rows of each panel: network after network, by size."""
    order = {model: i for i, model in enumerate(in_order(table["model"], about))}
    keys = table[PANEL].drop_duplicates()
    ranked = keys.sort_values("model", key=lambda names: names.map(order), kind="stable")
    several = keys["dataset"].nunique() > 1
    for dataset, model, observe in ranked.itertuples(index=False):
        own = table[(table[PANEL] == [dataset, model, observe]).all(axis=1)]
        lines = [title_of(model, about), *([dataset] if several else []), WORDS[observe]]
        yield "\n".join(lines), own


def arms_of(rows: pd.DataFrame) -> Iterator[tuple[str, str, Look, pd.DataFrame]]:
    """Yield ablation, label, look and rows of each arm of a panel; the pretrained one last."""
    names = rows["weights"].map(ablation_of)
    styles = ablation_styles(names)
    for ablation in [*styles, *([PRETRAINED] if (names == PRETRAINED).any() else [])]:
        own = rows[names == ablation]
        if ablation == PRETRAINED:
            yield ablation, ablation, {"color": PRETRAINED_COLOUR, "linewidth": 2}, own
            continue
        style = styles[ablation]
        look: Look = {"color": style["color"], "linestyle": style["linestyle"], "linewidth": 1.4}
        yield ablation, f"{ablation} ({quantity(own['weights'].nunique(), 'seed')})", look, own


def panel_figure(
    table: pd.DataFrame, about: Models, title: str, labels: tuple[str, str], draw: Draw
) -> Figure:
    """Return a figure of one panel per set, network and way to observe, which share axes."""
    panels = list(panels_of(table, about))
    if not panels:
        return message_figure(title, "Nothing was nudged.")
    columns = min(len(panels), COLUMNS)
    rows = -(-len(panels) // columns)
    size = (max(5.6, 3.3 * columns), 3.1 * rows + 1.0)
    shape: Look = {"sharey": True, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(rows, columns, figsize=size, **shape)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (name, own) in zip(axes.flat, panels, strict=False):
        draw(axis, own)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel(labels[0])
    for axis in axes[:, 0]:
        axis.set_ylabel(labels[1])
    shown = [axis.get_legend_handles_labels() for axis in axes.flat]
    legend = dict(pair for lines, names in shown for pair in zip(names, lines, strict=True))
    figure.legend(legend.values(), legend.keys(), ncols=4, **LEGEND_BELOW)
    figure.suptitle(title, fontsize=10)
    return figure


def layers_shown(layers: Sequence[int], most: int) -> list[int]:
    """Return at most so many layers, evenly from the first to the last."""
    found = sorted(set(layers))
    count = min(most, len(found))
    steps = [round(i * (len(found) - 1) / max(count - 1, 1)) for i in range(count)]
    return [found[step] for step in dict.fromkeys(steps)]
