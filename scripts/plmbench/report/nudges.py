"""The page's section on nudges: how far they spread, and whether they show contacts, in words,
tables and pictures. What is said is made of the numbers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.facts import Models
from plmbench.core.units import FEWEST_UNITS
from plmbench.report.cells import Cell, Table, count, gain_with_interval, measure_with_interval
from plmbench.report.style import quantity
from plmbench.report.subjects import in_order, title_of
from plmbench.report.svg import inline_figure

FIGURES = {
    "nudges.spread": "How far a nudge reaches against the layer, pretrained and ablated",
    "nudges.profile": "Response against the distance from the nudged residue",
    "nudges.response_map": "Response of each residue to a nudge at each, by layer, of one chain",
    "nudges.contact_map": "Contacts of one chain beside the pairs that a map ranks first",
}
TOLD = ("spread", "contacts")  # the tables that sentences are made of
SHOWN = {"reach": "reach", "gain": "gain", "off": "share beside the residue"}
APART = 6  # residues, of what is said of contacts
NEAREST, BASE = "separation alone", "base rate"


def last_layer(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each network's last layer."""
    return table[table["layer"] == table.groupby("model")["layer"].transform("max")]


def spread_cells(row: pd.Series, about: Models) -> list[Cell]:
    """Return the cells of one network under one set of weights."""
    numbers = (measure_with_interval(row[m], row[f"{m}_low"], row[f"{m}_high"]) for m in SHOWN)
    names = title_of(row["model"], about), row["weights"], count(row["layer"])
    return [*map(Cell, names), *map(Cell, numbers), Cell(count(row["chains"]))]


def ranked(table: pd.DataFrame, about: Models) -> pd.DataFrame:
    """Return the rows of a table, networks by size; what is no network last."""
    order = {model: i for i, model in enumerate(in_order(table["model"], about))}
    place = table["model"].map(order) + table["model"].isin([NEAREST, BASE]) * len(order)
    return table.assign(place=place).sort_values("place", kind="stable").drop(columns="place")


def spread_table(table: pd.DataFrame, dataset: str, about: Models) -> Table:
    """Return the table of spread at the last layer, after a nudge of the input."""
    own = table[(table["dataset"] == dataset) & (table["observe"] == "through")]
    rows = [spread_cells(row, about) for _, row in ranked(last_layer(own), about).iterrows()]
    columns = ["network", "weights", "layer", *SHOWN.values(), "chains"]
    return Table(f"{dataset}: spread of a nudge of the input at the last layer", columns, rows)


def verdict_of(row: pd.Series) -> str:
    """Say what a difference with an interval says; "" where it has none."""
    if pd.isna(row["low"]):
        return ""
    return "above" if row["low"] > 0 else ("below" if row["high"] < 0 else "not told from")


def spread_sentences(differences: pd.DataFrame, about: Models) -> Iterator[str]:
    """Yield one sentence per network: the reach of its last layer against its ablations."""
    own = differences[(differences["observe"] == "through") & (differences["metric"] == "reach")]
    for (dataset, model), rows in last_layer(own).groupby(["dataset", "model"], sort=False):
        parts = [
            f"{verdict_of(row)} {row['reference']}"
            f" ({gain_with_interval(row['difference'], row['low'], row['high'])})"
            for _, row in rows.iterrows()
            if verdict_of(row)
        ]
        words = (
            f"is {', '.join(parts)}"
            if parts
            else f"has no interval: {count(rows['units'].iloc[0])} chains, {FEWEST_UNITS} needed"
        )
        text = f"{dataset}: the reach of pretrained {title_of(model, about)} {words}."
        yield text.replace("\n", " ")


def contact_cells(row: pd.Series, about: Models) -> list[Cell]:
    """Return the cells of one map at one separation."""
    parts = ("precision_L", "precision_L2", "precision_L5")
    numbers = (measure_with_interval(row[p], row[f"{p}_low"], row[f"{p}_high"]) for p in parts)
    weights, kind = (text if text != "none" else "" for text in (row["weights"], row["map"]))
    names = title_of(row["model"], about), weights, kind, f"{count(row['separation'])} or more"
    return [*map(Cell, names), *map(Cell, numbers), Cell(count(row["chains"]))]


def contact_table(table: pd.DataFrame, dataset: str, about: Models) -> Table:
    """Return the table of contacts of one set of chains."""
    own = ranked(table[table["dataset"] == dataset], about)
    columns = ["network", "weights", "map", "|i − j|", "of L pairs", "of L/2", "of L/5", "chains"]
    caption = f"{dataset}: share of the pairs ranked first that touch, at the last layer"
    return Table(caption, columns, [contact_cells(row, about) for _, row in own.iterrows()])


def signal_of(rows: pd.DataFrame) -> str:
    """Say whether a map shows contacts: it has to beat separation alone and every ablation.

    rows: its differences from references.
    """
    known = {row["reference"]: verdict_of(row) for _, row in rows.iterrows()}
    needed = {name: words for name, words in known.items() if name != BASE}
    if not all(needed.values()):
        units = count(rows["units"].iloc[0])
        return f"cannot be judged: {units} chains have no interval, {FEWEST_UNITS} would"
    lost = [name for name, words in needed.items() if words != "above"]
    if not lost:
        return "shows contacts: it is above its ablations and above separation alone"
    return f"shows no contact signal: it is not above {' and '.join(lost)}"


def contact_sentences(differences: pd.DataFrame, about: Models) -> Iterator[str]:
    """Yield one sentence per network and map."""
    own = differences[differences["separation"] == APART]
    for (dataset, model, kind), rows in own.groupby(["dataset", "model", "map"], sort=False):
        name = title_of(model, about)
        yield f"{dataset}: the {kind} map of pretrained {name} {signal_of(rows)}."


def tables_and_words(
    tables: Mapping[str, pd.DataFrame], about: Models
) -> tuple[list[Table], list[str]]:
    """Return the tables and sentences of the section."""
    shown: list[Table] = []
    words: list[str] = []
    if "spread" in tables:
        names = dict.fromkeys(tables["spread"]["dataset"])
        shown += [spread_table(tables["spread"], name, about) for name in names]
        words += spread_sentences(tables["spread_differences"], about)
    if "contacts" in tables:
        names = dict.fromkeys(tables["contacts"]["dataset"])
        shown += [contact_table(tables["contacts"], name, about) for name in names]
        words += contact_sentences(tables["contact_differences"], about)
    return shown, words


def nudge_section(
    tables: Mapping[str, pd.DataFrame], files: Mapping[str, Path | str], about: Models
) -> dict[str, Any] | None:
    """Return what the page's template shows of nudges, None where there were none; files: {figure:
    path}."""
    told = [tables[name] for name in TOLD if name in tables]
    if not told:
        return None
    shown, words = tables_and_words(tables, about)
    figures = [
        {"label": label, "svg": inline_figure(files[name], label, f"{name.partition('.')[2]}-")}
        for name, label in FIGURES.items()
        if name in files
    ]
    fewest = min(int(table["chains"].min()) for table in told)
    chains = quantity(fewest, "chain")
    return {"tables": shown, "words": words, "figures": figures, "chains": chains}
