"""One figure a task: the metric on the test subset against the layer, axes a network."""

import matplotlib as mpl
from matplotlib import pyplot as plt

from plmbench.summaries import chosen_layers, over_seeds, with_ablation
from plmbench.weights import NONE, PRETRAINED

# Okabe & Ito's colours, told apart by colour-blind readers; line styles tell them apart in grey.
COLOURS = ["#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
STYLES = [(0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2))]
PRETRAINED_COLOUR, BASELINE_COLOUR = "#0072B2", "#444444"
BASELINE_STYLES = [(0, (8, 3)), (0, (1, 2.5)), (0, (6, 2, 1, 2))]
MOST_COLUMNS = 4
UNITS = {"spearman": "Spearman's ρ", "pearson": "Pearson's r", "r2": "R²", "rmse": "RMSE"}
SETTINGS = {
    "svg.hashsalt": "plmbench",  # the same figure from the same numbers, byte for byte
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def network_of(model, about):
    """Return the network whose axis a model's curves belong to."""
    return about[model].get("network", model)


def curve(table, subset="test"):
    """Return layers, means and standard deviations (0 for one seed) of one arm, by layer."""
    rows = table[table["subset"] == subset].sort_values("layer")
    return rows["layer"].to_numpy(), rows["mean"].to_numpy(), rows["sd"].fillna(0).to_numpy()


def draw_baselines(axis, table, about):
    """Draw models without weights as level lines."""
    for i, (model, arm) in enumerate(table.groupby("model", sort=False)):
        _, means, _ = curve(arm)
        title = about[model].get("title", model)
        style = BASELINE_STYLES[i % len(BASELINE_STYLES)]
        axis.axhline(means[-1], color=BASELINE_COLOUR, linestyle=style, linewidth=1.1, label=title)


def draw_ablations(axis, table):
    """Draw each ablation's mean over seeds, with a band of one standard deviation."""
    arms = [(n, a) for n, a in table.groupby("ablation", sort=True) if n != PRETRAINED]
    for i, (ablation, arm) in enumerate(arms):
        layers, means, spreads = curve(arm)
        look = {"color": COLOURS[i % len(COLOURS)], "linestyle": STYLES[i % len(STYLES)]}
        seeds = int(arm["seeds"].max())
        label = f"{ablation} ({seeds} seed{'s' * (seeds > 1)})"
        axis.plot(layers, means, marker=".", markersize=4, linewidth=1.3, label=label, **look)
        axis.fill_between(
            layers, means - spreads, means + spreads, color=look["color"], alpha=0.2, linewidth=0
        )


def draw_pretrained(axis, table, about, metric):
    """Draw pretrained networks, earlier checkpoints paler; ring the layer chosen on validation."""
    arms = table[table["ablation"] == PRETRAINED].groupby("model", sort=False)
    for model, arm in sorted(arms, key=lambda item: about[item[0]].get("pretraining", 1)):
        share = about[model].get("pretraining", 1)
        layers, means, _ = curve(arm)
        label = "pretrained" if share == 1 else f"pretrained, {share:.3g} of the way"
        alpha = 0.3 + 0.7 * share if share < 1 else 1
        width = 1.9 if share == 1 else 1.1
        axis.plot(layers, means, color=PRETRAINED_COLOUR, alpha=alpha, linewidth=width, label=label)
        best = chosen_layers(arm, metric).get("best")
        if share == 1 and best is not None:
            ring = {"marker": "o", "markersize": 7, "markerfacecolor": "none", "linestyle": "none"}
            axis.plot(
                [best],
                means[layers == best],
                color=PRETRAINED_COLOUR,
                label="layer chosen on validation",
                **ring,
            )


def panels_of(networks, baselines):
    """Return the (probe, pooling, network) that get axes of their own, in order of appearance."""
    if networks.empty:
        return [(probe, "", "") for probe in dict.fromkeys(baselines["probe"])]
    columns = (networks[name] for name in ("probe", "pooling", "network"))
    return list(dict.fromkeys(zip(*columns, strict=True)))


def draw_panel(axis, networks, baselines, panel, about, metric):
    """Draw one network under one probe and pooling, with the baselines of that probe."""
    probe, pooling, network = panel
    mine = networks["probe"] == probe
    mine &= (networks["pooling"] == pooling) & (networks["network"] == network)
    draw_baselines(axis, baselines[baselines["probe"] == probe], about)
    draw_ablations(axis, networks[mine])
    draw_pretrained(axis, networks[mine], about, metric)
    title = f"{network}\n{probe}, {pooling} pooling" if network else probe
    axis.set_title(title, fontsize=9)
    axis.set_xlabel("layer (0: input embedding)")
    axis.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))


def draw_legend(figure, axes):
    """Draw one legend for all axes below them, each label once."""
    handles = [axis.get_legend_handles_labels() for axis in axes]
    pairs = [pair for lines, labels in handles for pair in zip(labels, lines, strict=True)]
    legend = dict(pairs)
    look = {"loc": "outside lower center", "ncols": 3, "fontsize": 8, "frameon": False}
    figure.legend(legend.values(), legend.keys(), **look)


def draw_task(scores, metric, about, task):
    """Return the matplotlib figure of one task's scores (one dataset and split).

    about: {model: its `about`}; task: the title, and the target to name under it.
    """
    table = over_seeds(with_ablation(scores))
    table = table[table["metric"] == metric]
    baselines = table[table["ablation"] == NONE]
    networks = table[table["ablation"] != NONE]
    networks = networks.assign(network=[network_of(m, about) for m in networks["model"]])
    panels = panels_of(networks, baselines)
    columns = min(len(panels), MOST_COLUMNS)
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(5.6, 3.4 * columns), 3.6 * rows + 0.9),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for panel, axis in zip(panels, axes.flat, strict=False):
        draw_panel(axis, networks, baselines, panel, about, metric)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"{UNITS[metric]} on test")
    draw_legend(figure, axes.flat)
    n = int(table[table["subset"] == "test"]["n"].max())
    subtitle = f"{task.get('target', 'target')}, {n:,} test sequences"
    figure.suptitle(f"{task['title']}\n{subtitle}", fontsize=10)
    return figure


def write_figure(path, *arguments):
    """Draw a task's figure and write it as SVG."""
    with mpl.rc_context(SETTINGS):
        figure = draw_task(*arguments)
        figure.savefig(path, format="svg", metadata={"Date": None})
        plt.close(figure)
