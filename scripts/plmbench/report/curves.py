"""One figure per task: the metric on the test subset against the layer, one panel per network."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.compare.summary import selected_layers
from plmbench.core.direct import DIRECT
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.selections import LAST, VALIDATION
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.panels import FLAT_STYLES, draw_legend, grid_of, layer_names, show_layers
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
from plmbench.report.subjects import (
    Subject,
    Tables,
    heading,
    network_of,
    of_only_task,
    pretraining_seed_of,
    role_of,
    share_of,
    title_of,
    with_label_controls,
)
from plmbench.report.tips import point_texts, set_tips


class NetworkPanel(NamedTuple):
    """Which rows one panel shows; pooling and network are empty where no network ran."""

    probe: str
    pooling: str
    network: str


def curve(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return layers, means and standard deviations (0 for one seed) of one arm on test, [layer]."""
    rows = table[table["subset"] == "test"].sort_values("layer")
    return rows["layer"].to_numpy(), rows["mean"].to_numpy(), rows["sd"].fillna(0).to_numpy()


def draw_without_weights(axis: Axes, table: pd.DataFrame, subject: Subject) -> None:
    """Draw models without weights as horizontal lines, controls paler than baselines."""
    for i, (model, arm) in enumerate(table.groupby("model", sort=False)):
        layers, means, _ = curve(arm)
        if not len(means):
            continue
        selected = selected_layers(arm, subject.metric)  # a random projection has two
        value = means[layers == selected.get(VALIDATION, selected[LAST])][0]
        style = FLAT_STYLES[i % len(FLAT_STYLES)]
        colour = GREYS[role_of(model, subject.about)]
        label = title_of(model, subject.about)
        axis.axhline(value, color=colour, linestyle=style, linewidth=1.1, label=label)


def opacity(share: float) -> float:
    """Return the opacity of a checkpoint's lines: earlier ones are paler."""
    return 0.3 + 0.7 * share if share < 1 else 1


def draw_ablations(axis: Axes, table: pd.DataFrame, ablations: pd.Series, subject: Subject) -> None:
    """Draw each ablation's mean over seeds, with a band of one standard deviation.

    ablations: those of all panels, which decide the styles."""
    styles = ablation_styles(ablations)
    arms = table[table["ablation"] != PRETRAINED].groupby(["ablation", "model"], sort=True)
    for (ablation, model), arm in arms:
        layers, means, spreads = curve(arm)
        colour, alpha = styles[ablation]["color"], opacity(share_of(model, subject.about))
        label = f"{ablation} ({quantity(int(arm['seeds'].max()), 'seed')})"
        line: Look = {"color": colour, "linestyle": styles[ablation]["linestyle"], "alpha": alpha}
        (drawn,) = axis.plot(
            layers, means, marker=".", markersize=4, linewidth=1.3, label=label, **line
        )
        set_tips(drawn, point_texts(ablation, layer_names(layers), means))
        band: Look = {"color": colour, "alpha": 0.2 * alpha, "linewidth": 0}
        axis.fill_between(layers, means - spreads, means + spreads, **band)


def draw_pretrained(axis: Axes, table: pd.DataFrame, subject: Subject) -> None:
    """Draw pretrained networks, earlier checkpoints paler; ring the layer chosen on validation."""
    arms = table[table["ablation"] == PRETRAINED].groupby("model", sort=False)
    for model, arm in sorted(arms, key=lambda item: share_of(item[0], subject.about)):
        share, again = share_of(model, subject.about), pretraining_seed_of(model, subject.about)
        layers, means, _ = curve(arm)
        label = f"pretrained again, seed {again}" if again else "pretrained"
        label += "" if share == 1 else f", {share:.3g} of the way"
        width = 1.9 if share == 1 and not again else 1.1
        look: Look = {"color": PRETRAINED_COLOUR, "alpha": opacity(share), "linewidth": width}
        (drawn,) = axis.plot(layers, means, marker=".", markersize=5, label=label, **look)
        set_tips(drawn, point_texts(label, layer_names(layers), means))
        chosen = selected_layers(arm, subject.metric).get(VALIDATION)
        if share == 1 and not again and chosen is not None:
            ring: Look = {
                "marker": "o",
                "markersize": 7,
                "markerfacecolor": "none",
                "linestyle": "none",
            }
            ring |= {"color": PRETRAINED_COLOUR, "label": "layer chosen on validation"}
            axis.plot([chosen], means[layers == chosen], **ring)


def network_panels(networks: pd.DataFrame, without_weights: pd.DataFrame) -> list[NetworkPanel]:
    """Return the panels of a figure, in order of appearance."""
    if networks.empty:
        return [NetworkPanel(probe, "", "") for probe in without_weights["probe"].unique()]
    rows = networks[list(NetworkPanel._fields)].drop_duplicates()
    return [NetworkPanel(*row) for row in rows.itertuples(index=False)]


def draw_network(axis: Axes, table: pd.DataFrame, panel: NetworkPanel, subject: Subject) -> None:
    """Draw one network under one probe and pooling, with the models without weights beside it."""
    probe, pooling, network = panel
    networks = table[table["ablation"] != NONE]
    own_rows = networks[(networks[list(panel._fields)] == list(panel)).all(axis=1)]
    without_weights = table[(table["ablation"] == NONE) & table["probe"].isin([probe, DIRECT])]
    draw_without_weights(axis, without_weights, subject)
    draw_ablations(axis, own_rows, networks["ablation"], subject)
    draw_pretrained(axis, own_rows, subject)
    lines = [title_of(network, subject.about)] if network else []
    axis.set_title("\n".join([*lines, setting_label(probe, pooling)]), fontsize=9)
    show_layers(axis)


def draw_curves(scores: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task's scores (one dataset and split)."""
    table = with_label_controls(over_seeds(with_ablation(scores)), subject.task)
    table = table[table["metric"] == subject.metric]
    title = heading(subject.task, table[table["subset"] == "test"])
    if table.empty:
        return message_figure(title, f"No score of {subject.label}.")
    table = table.assign(network=[network_of(model, subject.about) for model in table["model"]])
    without_weights = table["ablation"] == NONE
    panels = network_panels(table[~without_weights], table[without_weights])
    figure, axes = grid_of(len(panels))
    for panel, axis in zip(panels, axes.flat, strict=False):
        draw_network(axis, table, panel, subject)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"{subject.label} on test")
    draw_legend(figure, axes)
    figure.suptitle(title, fontsize=10)
    return figure


def write_curves(path: Path | str, scores: pd.DataFrame, subject: Subject) -> None:
    """Draw a task's metric against the layer and write it as SVG."""
    save(path, lambda: draw_curves(scores, subject))


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, own_rows = of_only_task(tables, tasks, about)
    write_curves(path, own_rows["scores"], subject)
