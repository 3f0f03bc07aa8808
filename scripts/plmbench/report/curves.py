"""One figure a task: the metric on the test subset against the layer, axes a network."""

import matplotlib as mpl
from matplotlib import pyplot as plt

from plmbench.compare.summary import chosen_layers, over_seeds, with_ablation
from plmbench.core.metrics import LABELS
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.style import (
    GREYS,
    PRETRAINED_COLOUR,
    counted,
    heading,
    looks_of,
    network_of,
    role_of,
    save,
    setting,
    share_of,
    title_of,
    with_controls,
    words_alone,
)

LEVEL_STYLES = [(0, (8, 3)), (0, (1, 2.5)), (0, (6, 2, 1, 2)), (0, (3, 3)), (0, (9, 2, 1, 2, 1, 2))]
MOST_COLUMNS = 4


def curve(table, subset="test"):
    """Return layers, means and standard deviations (0 for one seed) of one arm, by layer."""
    rows = table[table["subset"] == subset].sort_values("layer")
    return rows["layer"].to_numpy(), rows["mean"].to_numpy(), rows["sd"].fillna(0).to_numpy()


def draw_levels(axis, table, about, metric):
    """Draw models without weights as level lines, controls paler than baselines."""
    for i, (model, arm) in enumerate(table.groupby("model", sort=False)):
        layers, means, _ = curve(arm)
        if not len(means):
            continue
        chosen = chosen_layers(arm, metric)  # a random projection has two
        level = means[layers == chosen.get("validation", chosen["last"])][0]
        style = LEVEL_STYLES[i % len(LEVEL_STYLES)]
        colour = GREYS[role_of(model, about)]
        label = title_of(model, about)
        axis.axhline(level, color=colour, linestyle=style, linewidth=1.1, label=label)


def faded(share):
    """Return the opacity of a checkpoint's lines: earlier ones are paler."""
    return 0.3 + 0.7 * share if share < 1 else 1


def draw_ablations(axis, table, about, looks):
    """Draw each ablation's mean over seeds, with a band of one standard deviation."""
    arms = table[table["ablation"] != PRETRAINED].groupby(["ablation", "model"], sort=True)
    for (ablation, model), arm in arms:
        layers, means, spreads = curve(arm)
        colour, style = looks[ablation]["color"], looks[ablation]["linestyle"]
        alpha = faded(share_of(model, about))
        label = f"{ablation} ({counted(int(arm['seeds'].max()), 'seed')})"
        line = {"color": colour, "linestyle": style, "label": label, "alpha": alpha}
        axis.plot(layers, means, marker=".", markersize=4, linewidth=1.3, **line)
        band = {"color": colour, "alpha": 0.2 * alpha, "linewidth": 0}
        axis.fill_between(layers, means - spreads, means + spreads, **band)


def draw_pretrained(axis, table, about, metric):
    """Draw pretrained networks, earlier checkpoints paler; ring the layer chosen on validation."""
    arms = table[table["ablation"] == PRETRAINED].groupby("model", sort=False)
    for model, arm in sorted(arms, key=lambda item: share_of(item[0], about)):
        share = share_of(model, about)
        layers, means, _ = curve(arm)
        label = "pretrained" if share == 1 else f"pretrained, {share:.3g} of the way"
        alpha = faded(share)
        width = 1.9 if share == 1 else 1.1
        axis.plot(layers, means, color=PRETRAINED_COLOUR, alpha=alpha, linewidth=width, label=label)
        best = chosen_layers(arm, metric).get("validation")
        if share == 1 and best is not None:
            ring = {"marker": "o", "markersize": 7, "markerfacecolor": "none", "linestyle": "none"}
            look = ring | {"color": PRETRAINED_COLOUR, "label": "layer chosen on validation"}
            axis.plot([best], means[layers == best], **look)


def panels_of(networks, levels):
    """Return the (probe, pooling, network) that get axes of their own, in order of appearance."""
    if networks.empty:
        return [(probe, "", "") for probe in dict.fromkeys(levels["probe"])]
    columns = (networks[name] for name in ("probe", "pooling", "network"))
    return list(dict.fromkeys(zip(*columns, strict=True)))


def draw_panel(axis, networks, levels, panel, about, metric):
    """Draw one network under one probe and pooling, with the models without weights beside it."""
    probe, pooling, network = panel
    mine = networks["probe"] == probe
    mine &= (networks["pooling"] == pooling) & (networks["network"] == network)
    draw_levels(axis, levels[levels["probe"] == probe], about, metric)
    draw_ablations(axis, networks[mine], about, looks_of(networks["ablation"]))
    draw_pretrained(axis, networks[mine], about, metric)
    lines = [title_of(network, about)] if network else []
    axis.set_title("\n".join([*lines, setting(probe, pooling)]), fontsize=9)
    axis.set_xlabel("layer (0: input embedding)")
    axis.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))


def draw_legend(figure, axes):
    """Draw one legend for all axes below them, each label once."""
    handles = [axis.get_legend_handles_labels() for axis in axes]
    pairs = [pair for lines, labels in handles for pair in zip(labels, lines, strict=True)]
    legend = dict(pairs)
    look = {"loc": "outside lower center", "ncols": 3, "fontsize": 8, "frameon": False}
    figure.legend(legend.values(), legend.keys(), **look)


def draw_curves(scores, metric, about, task):
    """Return the matplotlib figure of one task's scores (one dataset and split).

    about: {model: its `about`}; task: its title, task_type and target, and as
    `label_controls` {probe: the same on shuffled labels}.
    """
    table = with_controls(over_seeds(with_ablation(scores)), task)
    table = table[table["metric"] == metric]
    title = heading(task, table[table["subset"] == "test"])
    if table.empty:
        return words_alone(title, f"No score of {LABELS[metric]}.")
    levels = table[table["ablation"] == NONE]
    networks = table[table["ablation"] != NONE]
    networks = networks.assign(network=[network_of(m, about) for m in networks["model"]])
    panels = panels_of(networks, levels)
    columns = min(len(panels), MOST_COLUMNS)
    rows = -(-len(panels) // columns)
    size = (max(5.6, 3.4 * columns), 3.6 * rows + 0.9)
    grid = {"sharey": True, "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(rows, columns, figsize=size, **grid)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for panel, axis in zip(panels, axes.flat, strict=False):
        draw_panel(axis, networks, levels, panel, about, metric)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"{LABELS[metric]} on test")
    draw_legend(figure, axes.flat)
    figure.suptitle(title, fontsize=10)
    return figure


def write_curves(path, scores, metric, about, task):
    """Draw a task's metric against the layer and write it as SVG."""
    save(path, draw_curves, scores, metric, about, task)
