"""What pretraining is worth in labels: sentences, a cell of the overview, a section of the page."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plmbench.core.columns import NETWORK_ROW, TASK
from plmbench.core.facts import Models, TaskFacts
from plmbench.core.weights import PRETRAINED
from plmbench.report.cells import Cell, Table, measure
from plmbench.report.style import setting_label
from plmbench.report.subjects import in_order, of_task, task_key, title_of
from plmbench.report.svg import inline_figure

TEXT = "worth_text"
FIGURE = "the metric on test against the number of labels, one panel per network"
Section = dict[str, object]


def in_signs(text: str) -> str:
    """Return a worth as text with the sign that readers know."""
    return text.replace(">= ", "≥ ")


def rank(row: Mapping[str, object]) -> float:
    """Return by what worths are ordered: the number, or where the data only bound it infinity."""
    bounds = {">": np.inf, "<": -np.inf}
    return bounds.get(str(row[TEXT])[:1], row["worth"])  # type: ignore[arg-type]


def known_worths(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of verdicts that have a worth; none where there are no learning curves."""
    return verdicts[verdicts[TEXT] != ""] if TEXT in verdicts else verdicts.iloc[:0]


def worth_sentences(
    verdicts: pd.DataFrame, tasks: Sequence[TaskFacts], about: Models
) -> Iterator[str]:
    """Yield for each task with learning curves what pretraining is worth, by network the least and
    the most."""
    known = known_worths(verdicts)
    for task in tasks:
        rows = [row for _, row in of_task(known, task["dataset"], task["split"]).iterrows()]
        if not rows:
            continue
        ends = [min(rows, key=rank), max(rows, key=rank)]
        words = [f"{in_signs(row[TEXT])} ({title_of(row['model'], about)})" for row in ends]
        span = " to ".join(dict.fromkeys(words))
        yield (
            f"On {task['title']}, pretraining is worth a factor in labels of {span}: by so much "
            "the labels of the best ablation or baseline would have to grow to reach the "
            "pretrained network's score."
        )


def overview_cell(row: Mapping[str, object]) -> dict[str, str]:
    """Return the cell `worth in labels` of a row of verdicts; {} without learning curves."""
    return {"worth in labels": str(row[TEXT]) or "-"} if TEXT in row else {}


def network_cells(rows: pd.DataFrame, references: Sequence[str], about: Models) -> list[Cell]:
    """Return the cells of one network, whose rows have all labels that a curve reaches; rows: of
    all its arms."""
    own = rows.set_index("arm")
    chosen = own.loc[PRETRAINED]

    def cell(name: str) -> Cell:
        if name not in own.index:
            return Cell("not compared")
        return Cell(in_signs(own.loc[name, TEXT]) or own.loc[name, "worth_reason"])

    bits = chosen["description_ratio"]
    return [
        Cell(title_of(chosen["model"], about)),
        Cell(setting_label(chosen["probe"], chosen["pooling"])),
        Cell(cell(PRETRAINED).text, strong=True),
        Cell(title_of(chosen["best_reference"], about)),
        *map(cell, references),
        Cell(measure(bits) if pd.notna(bits) else "for classes alone"),
    ]


def worth_table(task: TaskFacts, curves: pd.DataFrame, about: Models) -> Table:
    """Return the table of one task: worth against the best reference and against each."""
    largest = curves[curves["size"] == curves["size"].max()]
    references = [name for name in dict.fromkeys(largest["arm"]) if name != PRETRAINED]
    order = {model: place for place, model in enumerate(in_order(largest["model"], about))}
    groups = sorted(largest.groupby(NETWORK_ROW, sort=False), key=lambda each: order[each[0][-1]])
    rows = [network_cells(own, references, about) for _, own in groups]
    columns = ["network", "probe", "worth in labels", "best reference"]
    columns += [f"against {title_of(name, about)}" for name in references]
    columns += ["description length (share of the uniform code)"]
    caption = f"{task['title']}: factors in labels, with 95 % intervals"
    return Table(caption, columns, rows)


def worth_section(
    curves: pd.DataFrame | None,
    figures: Mapping[str, Path | str],
    tasks: Sequence[TaskFacts],
    about: Models,
) -> list[Section]:
    """Return what the page shows of each task with learning curves; figures: {task: SVG}."""
    parts: list[Section] = []
    asked = set() if curves is None else set(curves[TASK].itertuples(index=False, name=None))
    for number, task in enumerate(tasks):
        if curves is None or (task["dataset"], task["split"]) not in asked:
            continue
        own = of_task(curves, task["dataset"], task["split"])
        left_out = own["reason"][own["value"].isna() & (own["reason"] != "")].unique()
        label = f"{task['title']}: {FIGURE}"
        svg = inline_figure(figures[task_key(task)], label, f"w{number}-")
        table = worth_table(task, own, about)
        parts.append({"table": table, "figure": {"label": label, "svg": svg}, "notes": left_out})
    return parts
