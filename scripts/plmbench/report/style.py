"""The style that all figures share, and how one becomes a file."""

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypedDict

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.direct import DIRECT, NO_POOLING
from plmbench.core.poolings import RESIDUES
from plmbench.core.roles import BASELINE, CONTROL, SHUFFLED
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.report.tips import with_tips

Look = dict[str, Any]  # keywords of matplotlib: colour, width, place ...
Dashes = str | tuple[float, tuple[float, ...]]  # a line style of matplotlib

# Okabe & Ito's colours: colour-blind readers can tell them apart. In grey, line styles, hatches and
# markers do.
COLOURS = ["#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
STYLES: list[Dashes] = [
    (0, (5, 1.5)),
    (0, (1, 1)),
    (0, (5, 1, 1, 1)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (8, 2)),
]
HATCHES = ["///", "..", "xx", "--", "++"]  # denser ones swell the file
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
PRETRAINED_COLOUR = "#0072B2"
GREYS = {BASELINE: "#444444", CONTROL: "#8c8c8c"}
CONTROL_HATCH = "\\\\\\"
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "plmbench",  # the same figure from the same numbers, byte for byte
    "svg.fonttype": "none",
    "text.parse_math": False,  # a user's name may hold a dollar sign
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
}
LEGEND_BELOW: Look = {"loc": "outside lower center", "fontsize": 8, "frameon": False}


class AblationStyle(TypedDict):
    """How the arms of one ablation look."""

    color: str
    linestyle: Dashes
    hatch: str


def ablation_styles(ablations: Iterable[str]) -> dict[str, AblationStyle]:
    """Return {ablation: its style}, by name, so that all panels agree."""
    present = set(ablations)
    styles: dict[str, AblationStyle] = {
        name: {
            "color": COLOURS[i % len(COLOURS)],
            "linestyle": STYLES[i % len(STYLES)],
            "hatch": HATCHES[i % len(HATCHES)],
        }
        for i, name in enumerate(sorted(present - {NONE, PRETRAINED, SHUFFLED}))
    }
    if SHUFFLED in present:
        dashes: Dashes = (0, (2, 3))
        styles[SHUFFLED] = {"color": GREYS[CONTROL], "linestyle": dashes, "hatch": CONTROL_HATCH}
    return styles


def setting_label(probe: str, pooling: str) -> str:
    """Return a probe and pooling in words; the pooling is empty where there is no network."""
    poolings = {"": "", NO_POOLING: "", RESIDUES: ", each residue"}
    probe = "without a probe" if probe == DIRECT else probe
    return probe + poolings.get(pooling, f", {pooling} pooling")


def with_minus_sign(text: str) -> str:
    """Return a formatted number with a true minus sign."""
    return text.replace("-", "−")


def quantity(number: int, thing: str) -> str:
    """Return a number with what it counts: `1 seed`, `3 seeds`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"


def show_message(axis: Axes, message: str) -> None:
    """Write into a panel why it shows nothing."""
    axis.set_axis_off()  # not its ticks: panels that share them would lose theirs
    place: Look = {"transform": axis.transAxes, "ha": "center", "va": "center", "wrap": True}
    axis.text(0.5, 0.5, message, style="italic", color="#444444", **place)


def message_figure(title: str, message: str) -> Figure:
    """Return a figure that holds a message alone."""
    figure, axis = plt.subplots(figsize=(5.6, 1.6), layout="constrained")
    figure.suptitle(title, fontsize=10)
    show_message(axis, message)
    return figure


def save(path: Path | str, draw: Callable[[], Figure]) -> None:
    """Write the figure that draw() returns as SVG."""
    with mpl.rc_context(SETTINGS), io.StringIO() as file:
        figure = draw()
        figure.savefig(file, format="svg", metadata={"Date": None})
        plt.close(figure)
        Path(path).write_text(with_tips(file.getvalue()), encoding="utf-8", newline="\n")
