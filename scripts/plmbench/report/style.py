"""The look that all figures share, and how one becomes a file."""

import matplotlib as mpl
from matplotlib import pyplot as plt

from plmbench.core.poolings import RESIDUES
from plmbench.core.roles import SHUFFLED
from plmbench.core.weights import NONE, PRETRAINED

# Okabe & Ito's colours, told apart by colour-blind readers; line styles, hatches and markers tell
# them apart in grey.
COLOURS = ["#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
STYLES = [(0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2))]
HATCHES = ["///", "..", "xx", "--", "++"]  # denser ones swell the file
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
PRETRAINED_COLOUR = "#0072B2"
GREYS = {"baseline": "#444444", "control": "#8c8c8c"}
SETTINGS = {
    "svg.hashsalt": "plmbench",  # the same figure from the same numbers, byte for byte
    "svg.fonttype": "none",
    "text.parse_math": False,  # a user's name may hold a dollar sign
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}
CONTROL_HATCH = "\\\\\\"
EXAMPLES = {"residue_classification": "residues"}  # what `n` counts; sequences elsewhere


def title_of(model, about):
    """Return the name that a model bears in figures."""
    return about.get(model, {}).get("title", model)


def role_of(model, about):
    """Return what a model without weights is: a `baseline` or a `control`."""
    role = about.get(model, {}).get("role", "baseline")
    return role if role in GREYS else "baseline"


def series_of(model, about):
    """Return the series a model belongs to: networks that differ only in size."""
    return about.get(model, {}).get("series", network_of(model, about))


def network_of(model, about):
    """Return the network that a model is, or is an earlier checkpoint of."""
    return about.get(model, {}).get("network", model)


def share_of(model, about):
    """Return the share of its pretraining that a model has had."""
    return about.get(model, {}).get("pretraining", 1)


def in_order(models, about):
    """Return models by series, in order of appearance, then size, network and pretraining."""
    models = list(dict.fromkeys(models))
    series = list(dict.fromkeys(series_of(model, about) for model in models))

    def key(model):
        size = about.get(model, {}).get("parameters", 0)
        rank = series.index(series_of(model, about))
        return rank, size, network_of(model, about), share_of(model, about)

    return sorted(models, key=key)


def of_task(table, dataset, split):
    """Return the rows of one task."""
    return table[(table["dataset"] == dataset) & (table["split"] == split)]


def with_controls(table, task):
    """Return a table in which the rows of probes on shuffled labels are an arm of the true probe.

    task: its {probe: the same on shuffled labels} stands as `label_controls`.
    """
    true = {control: probe for probe, control in task.get("label_controls", {}).items()}
    shuffled = table["probe"].isin(list(true))
    return table.assign(
        probe=table["probe"].replace(true), ablation=table["ablation"].mask(shuffled, SHUFFLED)
    )


def looks_of(ablations):
    """Return {ablation: its colour, line style and hatch}, by name, so that all panels agree."""
    names = sorted(set(ablations) - {NONE, PRETRAINED, SHUFFLED})
    looks = {
        name: {
            "color": COLOURS[i % len(COLOURS)],
            "linestyle": STYLES[i % len(STYLES)],
            "hatch": HATCHES[i % len(HATCHES)],
        }
        for i, name in enumerate(names)
    }
    control = {"color": GREYS["control"], "linestyle": (0, (2, 3)), "hatch": CONTROL_HATCH}
    return looks | {SHUFFLED: control} if SHUFFLED in set(ablations) else looks


def setting(probe, pooling):
    """Return what a panel says of its probe and pooling; `` as pooling: of no network."""
    poolings = {"": "", RESIDUES: ", each residue"}
    return probe + poolings.get(pooling, f", {pooling} pooling")


def signed(text):
    """Return a formatted number with a true minus sign."""
    return text.replace("-", "−")


def counted(number, thing):
    """Return a number with what it counts: `1 seed`, `3 seeds`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def heading(task, table):
    """Return the title of a task's figure: what it is, its target, how many test examples."""
    examples = EXAMPLES.get(task.get("task_type"), "sequences")
    lines = [task["title"], task.get("target", "target")]
    if len(table):
        lines[1] += f", {int(table['n'].max()):,} test {examples}"
    return "\n".join(lines)


def say(axis, words):
    """Write in words why an axis shows nothing, in place of an empty one."""
    axis.set_axis_off()  # not its ticks: axes that share them would lose theirs
    look = {"ha": "center", "va": "center", "style": "italic", "color": "#444444"}
    axis.text(0.5, 0.5, words, transform=axis.transAxes, wrap=True, **look)


def words_alone(title, words):
    """Return a figure of nothing but words."""
    figure, axis = plt.subplots(figsize=(5.6, 1.6), layout="constrained")
    figure.suptitle(title, fontsize=10)
    say(axis, words)
    return figure


def save(path, draw, *arguments):
    """Write the figure that draw(*arguments) returns as SVG."""
    with mpl.rc_context(SETTINGS):
        figure = draw(*arguments)
        figure.savefig(path, format="svg", metadata={"Date": None})
        plt.close(figure)
