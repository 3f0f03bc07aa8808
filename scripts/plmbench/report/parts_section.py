"""The page's section on networks that are ablated in part: a figure, a table and words per task."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.scopes import BOTTOM, TOP
from plmbench.report.cells import Cell, Table, measure, measure_with_interval
from plmbench.report.style import setting_label
from plmbench.report.subjects import in_order, metric_label, of_task, task_key, title_of
from plmbench.report.svg import inline_figure

OF_NETWORK = ["model", "weights", "probe", "pooling"]
COLUMNS = ["network", "ablation", "probe", "from the", "k50", "area", "intact", "all ablated"]
CAPTION = "Where half of the gain of pretraining is lost, at the last layer"


def with_names(rows: pd.DataFrame, columns: Sequence[str]) -> list[float]:
    """Return the numbers of a row's value and interval."""
    return [float(rows.iloc[0][name]) for name in columns]


def of_networks(table: pd.DataFrame, about: Models) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (model, weights, probe, pooling) and its rows, networks in order."""
    order = in_order(table["model"], about)
    groups = list(table.groupby(OF_NETWORK, sort=False))
    yield from sorted(groups, key=lambda group: order.index(group[0][0]))


def depth_table(depth: pd.DataFrame, about: Models) -> Table:
    """Return the table of critical depths of one task."""
    rows = []
    for (model, weights, probe, pooling), own in of_networks(depth, about):
        for direction, curve in own.groupby("direction", sort=False):
            ends = curve.sort_values("k").iloc[[0, -1]]
            names = [title_of(model, about), f"{weights} ({curve['action'].iloc[0]})"]
            names += [setting_label(probe, pooling), str(direction)]
            k50, area = (
                measure_with_interval(*with_names(curve, [name, f"{name}_low", f"{name}_high"]))
                for name in ("k50", "area")
            )
            limits = [
                measure_with_interval(*(float(row[key]) for key in ("value", "low", "high")))
                for _, row in ends.iterrows()
            ]
            rows.append([Cell(text) for text in (*names, k50, area, *limits)])
    return Table(CAPTION, COLUMNS, rows)


def where_it_lies(top: pd.Series, bottom: pd.Series) -> str:
    """Say in which blocks the gain lies, by the areas of both curves; a half is what a gain gives
    that lies evenly over the blocks."""
    at_top = f"the upper {top['k50']:.1f} of {int(top['blocks'])} blocks"
    lost = f"half of the gain is lost with {at_top}, or with the lower {bottom['k50']:.1f}"
    if top["area_low"] > 0.5 > bottom["area_high"]:
        return f"{lost}: it lies in the lower blocks"
    if bottom["area_low"] > 0.5 > top["area_high"]:
        return f"{lost}: it lies in the upper blocks"
    if top["area_high"] < 0.5 and bottom["area_high"] < 0.5:
        return f"{lost}: blocks of both ends are needed"
    return f"{lost}; the intervals do not tell where it lies"


def worst_part(parts: pd.DataFrame) -> str:
    """Say which part costs most, and which shares are below 0; "" where nothing is known."""
    shares = parts[(parts["kind"] != "whole") & parts["share"].notna()]
    words = []
    for kind, own in shares.groupby("kind", sort=False):
        worst = own.loc[own["share"].idxmax()]
        kind = {"roles": "roles", "window": "windows of blocks"}.get(str(kind), "parts")
        words.append(
            f"of the {kind}, {worst['part']} costs most, a share of {measure(worst['share'])}"
        )
    harmful = shares.loc[shares["share_high"] < 0, "part"]
    words += [f"better without: {', '.join(harmful)}"] if len(harmful) else []
    return "; ".join(words)


def sentences(depth: pd.DataFrame, parts: pd.DataFrame, about: Models) -> Iterator[str]:
    """Yield what the numbers of one task say of each network."""
    for key, own in of_networks(pd.concat([depth, parts]), about):
        words, reasons = [], [reason for reason in own["reason"].unique() if reason]
        ends = {name: rows.iloc[0] for name, rows in own.dropna(subset="k50").groupby("direction")}
        if {TOP, BOTTOM} <= {*ends}:
            words.append(where_it_lies(ends[TOP], ends[BOTTOM]))
        words += [text for text in [worst_part(own[own["kind"].notna()])] if text]
        name = f"{title_of(key[0], about)}, {key[1]}, {key[2]}"
        yield f"{name}: {'; '.join(words or reasons or ['no part was asked for'])}."


def parts_section(
    tables: Mapping[str, pd.DataFrame],
    figures: Mapping[str, Path | str],
    about: Models,
    tasks: Sequence[TaskFacts],
) -> list[dict[str, Any]]:
    """Return what the template shows of each task whose networks are ablated in part; figures:
    {"dataset/split": path}. [] for a study without these tables."""
    if "critical_depth" not in tables:
        return []
    found = []
    for number, task in enumerate(tasks):
        names = task["dataset"], task["split"]
        depth, parts = (of_task(tables[name], *names) for name in ("critical_depth", "parts"))
        if len(depth) or len(parts):
            label = f"{task['title']}: where in the networks the gain of pretraining lies"
            svg = inline_figure(figures[task_key(task)], label, f"p{number}-")
            found.append(
                {
                    "title": task["title"],
                    "metric": metric_label(task["metric"]),
                    "notes": list(sentences(depth, parts, about)),
                    "table": depth_table(depth, about) if len(depth) else None,
                    "figure": {"label": label, "svg": svg},
                }
            )
    return found
