"""Tables of text: every row of a file of fields, or a sentence that names its line.

Python's csv module reads, in its strict form. What it lets through in silence is looked for: rows
of another length than the header, rows within an open quote, headers and comments among rows.
"""

import csv
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.file_formats import TABLE
from plmbench.core.logs import log
from plmbench.data.faults import Faults
from plmbench.data.text_files import RowsError, open_text, refuse

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line that Excel may write
csv.field_size_limit(sys.maxsize)  # a sequence may be longer than the module's 128 kB


class Row(NamedTuple):
    """A row of a table: the line it starts on, as it stands in the file, and its fields."""

    line: int
    text: str
    fields: list[str]


class Layout(NamedTuple):
    """What every row of a table must agree with."""

    header: list[str]
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
    return any(layout.delimiter in field or len(layout.header) == 1 for field in several)


def repeats_header(row: Row, layout: Layout) -> bool:
    """Tell whether all fields of a row are names of columns."""
    return all(stripped(field) in layout.header for field in row.fields)


def stripped(name: str) -> str:
    """Return the name of a column without blanks, and without the mark that begins a file."""
    return name.strip("\ufeff \t")


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
        lambda row, layout: len(row.fields) != len(layout.header),
        lambda row: len(row.fields),
        "give each row as many as the header has; put quotes around a field with a delimiter in it",
    ),
)


def rows_in(path: Path | str, file: TextIO, delimiter: str) -> Iterator[Row]:
    """Yield each row of an opened table that is not blank, from its start. Raises InputError for a
    quote that is not closed, or closed before the field ends."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for text in file:
            taken.append(text)
            yield text

    file.seek(0)
    reader, line = csv.reader(lines(), delimiter=delimiter, strict=True), 1
    try:
        for fields in reader:
            row = Row(line, "".join(taken), fields)
            declared = line == 1 and DECLARED.fullmatch(row.text)
            if "".join(fields).strip() and not declared:
                yield row
            line += len(taken)
            taken.clear()
    except csv.Error:
        problem = "a quoted field does not end where its row does"
        refuse(path, problem, [line], [taken[0].rstrip()], "mend its quotes; the rest is not read")


def names_under(path: Path | str, file: TextIO, delimiter: str) -> list[str]:
    """Return the names in the header of an opened table; none where it cannot be read."""
    try:
        return [stripped(name) for name in next(rows_in(path, file, delimiter)).fields]
    except (StopIteration, RowsError):
        return []


def delimiter_of(path: Path | str, file: TextIO, needed: Iterable[str]) -> str:
    """Return what separates the fields of an opened table: what its first line declares, else that
    under which the header has the names that are needed, else the most names."""
    declared = DECLARED.fullmatch(file.readline())
    if declared and declared[1] in DELIMITERS:
        return declared[1]
    names = {delimiter: names_under(path, file, delimiter) for delimiter in DELIMITERS}
    return max(names, key=lambda each: (set(needed) <= set(names[each]), len(names[each])))


def sound_rows(rows: Iterator[Row], layout: Layout, faults: Faults) -> Iterator[Row]:
    """Yield the rows after the header that are sound; hand those with a Flaw to `faults`."""
    flawed: dict[Flaw, list[Row]] = {}
    for place, row in enumerate(rows):
        flaws = FLAWS if place else OF_QUOTES
        flaw = next((flaw for flaw in flaws if flaw.is_in(row, layout)), None)
        if flaw:
            flawed.setdefault(flaw, []).append(row)
        elif place:
            yield row
    for flaw, found in flawed.items():
        values = [flaw.value(row) for row in found]
        lines = [row.line for row in found]
        faults.collect(refuse, faults.path, flaw.problem, lines, values, flaw.remedy)


def table_of(rows: Iterable[Row], header: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table of text, indexed by line."""
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in header]
    for row in rows:
        lines.append(row.line)
        for column, field in zip(columns, row.fields, strict=True):
            column.append(field)
    table = pd.DataFrame(dict(enumerate(columns)), index=lines, dtype=str)
    return table.set_axis(list(header), axis=1)


def text_table(path: Path | str, needed: Iterable[str] = ()) -> pd.DataFrame:
    """Return a table (also gzipped) as text, as it stands but for blanks around names, indexed by
    line; `attrs` has its delimiter.

    needed: names of columns by which the delimiter is known. Raises InputError for rows that may
    not be what they seem.
    """
    faults = Faults(path)
    with open_text(path, TABLE) as file:
        delimiter = delimiter_of(path, file, needed)
        if delimiter != ",":
            log.info("%s: its fields are separated by %s", path, DELIMITERS[delimiter])
        header = names_under(path, file, delimiter)
        layout = Layout(header, delimiter, sound_row(delimiter))
        read = sound_rows(rows_in(path, file, delimiter), layout, faults)
        table = faults.collect(table_of, read, header)
    faults.report()
    if table is None or not header:
        raise InputError(f"{path}: is empty; a table begins with the names of its columns")
    table.attrs["delimiter"] = delimiter
    return table
