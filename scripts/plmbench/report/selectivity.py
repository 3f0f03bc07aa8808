"""Selectivity of probes: one figure per task, and a section of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.metrics import better_first
from plmbench.core.weights import PRETRAINED
from plmbench.report.cells import Cell, Table, measure
from plmbench.report.panels import draw_legend, grid_of, layer_names, show_layers
from plmbench.report.style import (
    GREYS,
    PRETRAINED_COLOUR,
    Look,
    message_figure,
    save,
    setting_label,
)
from plmbench.report.subjects import (
    Subject,
    Tables,
    heading,
    in_order,
    metric_label,
    of_only_task,
    of_task,
    task_key,
    title_of,
)
from plmbench.report.svg import inline_figure
from plmbench.report.tips import point_texts, set_tips

PANEL = ["probe", "pooling", "model"]
SCORE: Look = {"color": PRETRAINED_COLOUR, "linewidth": 1.9}
CONTROL_TASK: Look = {"color": GREYS["control"], "linestyle": (0, (2, 3)), "linewidth": 1.4}
COLUMNS = ["task", "network", "probe", "layer", "score", "control task", "selectivity"]
CAPTION = "Selectivity of probes on pretrained networks, at the layer of the best score"


def panels_of(rows: pd.DataFrame, about: Models) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """Return (probe, pooling, model) and rows of each panel, networks by series and size."""
    order = {model: i for i, model in enumerate(in_order(rows["model"], about))}
    ordered = rows.sort_values("model", key=lambda names: names.map(order), kind="stable")
    return list(ordered.groupby(PANEL, sort=False))


def draw_panel(axis: Axes, names: tuple[str, ...], rows: pd.DataFrame, about: Models) -> None:
    """Draw score and control task against the layer, and shade what lies between."""
    rows = rows.sort_values("layer")
    layers = rows["layer"].to_numpy()
    score, control = rows["score"].to_numpy(), rows["control_score"].to_numpy()
    for label, values, look in (("task", score, SCORE), ("control task", control, CONTROL_TASK)):
        (line,) = axis.plot(layers, values, marker=".", label=label, **look)
        set_tips(line, point_texts(label, layer_names(layers), values))
    axis.fill_between(layers, control, score, color=PRETRAINED_COLOUR, alpha=0.12, linewidth=0)
    probe, pooling, model = names
    axis.set_title(f"{title_of(model, about)}\n{setting_label(probe, pooling)}", fontsize=9)
    show_layers(axis)


def draw_selectivity(rows: pd.DataFrame, subject: Subject) -> Figure:
    """Return the matplotlib figure of one task's rows of selectivity.tsv."""
    title = heading(subject.task, rows)
    if rows.empty:
        return message_figure(title, "No probe was run on the control task.")
    panels = panels_of(rows, subject.about)
    figure, axes = grid_of(len(panels))
    for (names, own_rows), axis in zip(panels, axes.flat, strict=False):
        draw_panel(axis, names, own_rows, subject.about)
    for axis in axes[:, 0]:
        axis.set_ylabel(f"{subject.label} on test")
    draw_legend(figure, axes)
    figure.suptitle(title, fontsize=10)
    return figure


def write_figure(path: str, tables: Tables, tasks: Sequence[TaskFacts], about: Models) -> None:
    """Draw the figure of this module's name."""
    subject, own_rows = of_only_task(tables, tasks, about)
    save(path, lambda: draw_selectivity(own_rows["selectivity"], subject))


def best_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return of each task, network, probe and pooling the row of the layer that scores best."""
    signed = table["score"] * table["metric"].map(better_first)
    groups = signed.groupby([table[name] for name in ["dataset", "split", *PANEL]], sort=False)
    return table.loc[groups.idxmax().dropna()]


def words_of(rows: pd.DataFrame) -> str:
    """Return what the numbers say, in a sentence."""
    selective = int((rows["selectivity"] > 0).sum())
    return (
        f"In {selective} of {len(rows)} rows the probe scores more on the task than on the control "
        "task. In the others a probe could memorise types better than it learns the task, and its "
        "score alone does not show that the layer holds what the task asks for."
    )


def section_of(
    table: pd.DataFrame,
    figures: Mapping[str, Path | str],
    tasks: Sequence[TaskFacts],
    about: Models,
) -> dict[str, object]:
    """Return what the template shows. figures: {"dataset/split": path}."""
    rows, cells = best_rows(table[table["ablation"] == PRETRAINED]), []
    drawn = []
    for i, task in enumerate(tasks):
        for names, own_rows in panels_of(of_task(rows, task["dataset"], task["split"]), about):
            probe, pooling, model = names
            row = own_rows.iloc[0]
            texts = [task["title"], title_of(model, about), setting_label(probe, pooling)]
            texts += [str(int(row["layer"]))]
            texts += [measure(row[name]) for name in ("score", "control_score", "selectivity")]
            cells.append([Cell(text) for text in texts])
        if task_key(task) in figures:
            label = f"{task['title']}: {metric_label(task['metric'])} on task and control task"
            svg = inline_figure(figures[task_key(task)], label, f"selectivity-{i}-")
            drawn.append({"label": label, "svg": svg})
    return {"words": words_of(rows), "table": Table(CAPTION, COLUMNS, cells), "figures": drawn}
