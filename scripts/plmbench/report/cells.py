"""Pieces of a page: numbers as text, and tables of cells. No HTML is written here: the template
does that, and escapes what it is given."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

SHA = re.compile(r"[0-9a-f]{16,64}")
DASH = "–"
# A number at the beginning, with what may stand before and after it in a cell.
NUMBER = re.compile(r"(?:[≥<] )?([+−]?\d[\d,]*(?:\.\d+)?)(?=[\s%]|$)")
DIGIT = re.compile(r"[+−]?\d")
FILTERED = {"task", "network", "probe", "verdict", "dataset", "model", "ablation", "pooling"}
FILTERED_FROM = 6  # rows


class Cell(NamedTuple):
    """A cell of a table: its lines of text, whether it stands out, by weight, not colour, and which
    part of the page it leads to."""

    text: str
    strong: bool = False
    href: str = ""

    @property
    def number(self) -> str:
        """Return the number that the cell begins with, as scripts read it, "" for none."""
        found = NUMBER.match(self.text)
        return found[1].replace(",", "").replace("−", "-").lstrip("+") if found else ""


class Table(NamedTuple):
    """A table of the page; the first cell of a row names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    ordered: bool = True  # whether another order of its rows could be of use

    @property
    def sortable(self) -> bool:
        """Tell whether readers may sort the table."""
        return self.ordered and len(self.rows) > 1

    @property
    def numeric(self) -> list[bool]:
        """Tell of each column whether its order is that of numbers."""
        return [numbers_alone([row[i] for row in self.rows]) for i in range(len(self.columns))]

    @property
    def filtered(self) -> list[bool]:
        """Tell of each column whether readers choose rows by it."""
        return [len(self.rows) >= FILTERED_FROM and name in FILTERED for name in self.columns]


def numbers_alone(cells: Sequence[Cell]) -> bool:
    """Tell whether cells hold numbers, and beside them at most words such as "not compared"."""
    others = [cell.text for cell in cells if not cell.number]
    return len(others) < len(cells) and not any(DIGIT.match(text) for text in others)


def measure(value: float) -> str:
    """Return a measured number with three digits, and three decimals below 10."""
    if pd.isna(value):
        return DASH
    size = abs(value)
    decimals = 3 if size < 10 else max(0, 2 - int(np.floor(np.log10(size))))
    return f"{value:,.{decimals}f}".replace("-", "−")


def count(value: float) -> str:
    """Return a whole number."""
    return DASH if pd.isna(value) else f"{int(value):,}".replace("-", "−")


def measure_with_interval(value: float, low: float, high: float) -> str:
    """Return a number and, on a line of its own, its interval."""
    if pd.isna(value):
        return DASH
    limits = "" if pd.isna(low) else f"\n[{measure(low)}, {measure(high)}]"
    return measure(value) + limits


def gain_with_interval(value: float, low: float, high: float) -> str:
    """Return a difference with its sign and interval."""
    sign = "+" if not pd.isna(value) and value > 0 else ""
    return sign + measure_with_interval(value, low, high)


def p_text(p: float) -> str:
    """Return a p value in words, and nothing for none."""
    if pd.isna(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def short_digest(text: str) -> str:
    """Return the first digits of a digest, any other text whole."""
    return text[:12] + "…" if SHA.fullmatch(text) else text


def column_texts(column: pd.Series) -> list[str]:
    """Return a column as text: counts, measures, or names with their digests shortened."""
    if not pd.api.types.is_numeric_dtype(column):
        return [short_digest(str(value)) for value in column]
    whole = (column.dropna() % 1 == 0).all()
    return [count(value) if whole else measure(value) for value in column]


def in_words(name: str) -> str:
    """Return a column's name in words."""
    return name.replace("_", " ")


def plain_table(caption: str, table: pd.DataFrame) -> Table:
    """Return a pandas table as one of the page."""
    columns = [column_texts(table[name]) for name in table]
    rows = [[Cell(text) for text in row] for row in zip(*columns, strict=True)]
    return Table(caption, [in_words(name) for name in table], rows)


def turned_table(caption: str, table: pd.DataFrame, names: Sequence[str]) -> Table:
    """Return a pandas table of few rows and many columns as one of the page, turned: a column per
    row, with these names, and a row per column."""
    rows = [[Cell(text) for text in (in_words(name), *column_texts(table[name]))] for name in table]
    return Table(caption, ["", *names], rows, ordered=False)
