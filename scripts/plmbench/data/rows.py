"""Rows of a table of text: what is wrong with one as a row, whatever is in it.

Python's csv module reads in its strict form. Looked for here is what it lets through in silence:
rows of another length than the header, rows within an open quote, headers and comments among rows.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from plmbench.data.faults import Faults
from plmbench.data.text_files import refuse


class Row(NamedTuple):
    """A row of a table: the line it starts on, as it stands in the file, and its fields."""

    line: int
    text: str
    fields: list[str]


class Layout(NamedTuple):
    """What every row of a table must agree with."""

    names: list[str]  # of the header, in lower case
    delimiter: str
    sound: re.Pattern[str]  # a row whose quotes open and close where fields begin and end


def sound_row(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a row whose quotes are in order. Quotes within a field that begins
    without one are text, if they come in pairs."""
    plain = rf'[^"{delimiter}\r\n]*+'
    field = rf'(?:"(?:[^"]|"")*+"|{plain}(?:"{plain}"{plain})*+)'
    return re.compile(rf"{field}(?:{delimiter}{field})*+[\r\n]*")


def breaks_quotes(row: Row, layout: Layout) -> bool:
    """Tell whether a quote stands where none belongs."""
    return '"' in row.text and not layout.sound.fullmatch(row.text)


def swallows_rows(row: Row, layout: Layout) -> bool:
    """Tell whether a field over several lines may hold other rows: where a quote is lost, the next
    one closes it, some rows below."""
    if '"' not in row.text:
        return False
    several = [field for field in row.fields if "\n" in field or "\r" in field]
    return any(layout.delimiter in field or len(layout.names) == 1 for field in several)


def repeats_header(row: Row, layout: Layout) -> bool:
    """Tell whether all fields of a row are names of columns."""
    return all(stripped(field).lower() in layout.names for field in row.fields)


def stripped(name: str) -> str:
    """Return the name of a column without blanks, and without the mark that begins a file."""
    return name.strip().strip("\ufeff").strip()


def text_of(row: Row) -> str:
    """Return what a message shows of a row."""
    return row.text.strip()


class Flaw(NamedTuple):
    """A way in which a row is wrong as a row, whatever is in it."""

    problem: str
    is_in: Callable[[Row, Layout], bool]
    value: Callable[[Row], object]
    remedy: str


OF_QUOTES = (
    Flaw(
        "quote that is opened or closed nowhere",
        breaks_quotes,
        text_of,
        'take it out, or double it ("") and put quotes around the field',
    ),
    Flaw(
        "quoted field of several lines, which may be rows",
        swallows_rows,
        text_of,
        "close its quote, or take its line ends out",
    ),
)
FLAWS = (
    Flaw(
        "comment among the rows",
        lambda row, layout: row.text.startswith("#"),
        text_of,
        "take it out, or put quotes around its first field if it is a row",
    ),
    Flaw(
        "the header stands again",
        repeats_header,
        text_of,
        "take it out, and see that files which were joined have the same columns",
    ),
    *OF_QUOTES,
    Flaw(
        "another number of fields than in the header",
        lambda row, layout: len(row.fields) != len(layout.names),
        lambda row: len(row.fields),
        "give each row as many as the header has; put quotes around a field with a delimiter in it",
    ),
)


def flaw_of(row: Row, layout: Layout, flaws: Sequence[Flaw]) -> Flaw | None:
    """Return the first of the flaws that a row has."""
    return next((flaw for flaw in flaws if flaw.is_in(row, layout)), None)


def sound_rows(rows: Iterator[Row], layout: Layout, faults: Faults) -> Iterator[Row]:
    """Yield the rows after the header that are sound; hand those with a Flaw to `faults`, also
    where reading breaks off."""
    flawed: dict[Flaw, list[Row]] = {}
    try:
        for place, row in enumerate(rows):
            if flaw := flaw_of(row, layout, FLAWS if place else OF_QUOTES):
                flawed.setdefault(flaw, []).append(row)
            elif place:
                yield row
    finally:
        for flaw, found in flawed.items():
            lines, values = [row.line for row in found], [flaw.value(row) for row in found]
            faults.collect(refuse, faults.path, flaw.problem, lines, values, flaw.remedy)
