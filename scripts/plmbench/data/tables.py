"""Tables of text: every row of a file of fields, or a sentence that names its line."""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.file_formats import TABLE
from plmbench.core.logs import log
from plmbench.core.wording import brief
from plmbench.data.faults import Faults
from plmbench.data.rows import Layout, Row, sound_row, sound_rows, stripped
from plmbench.data.text_files import DECLARED, RowsError, open_text, refuse

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
OTHERS = {"|": "bars (|)", " ": "blanks", ":": "colons"}  # which are told, not read
csv.field_size_limit(sys.maxsize)  # a sequence may be longer than the module's 128 kB


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
    """Return the names in the header of an opened table; none where there is no row."""
    try:
        names = next(rows_in(path, file, delimiter)).fields
    except StopIteration:
        return []
    except RowsError as error:  # its quotes are broken, as reading all will say
        names = str(error.rows[0][1]).split(delimiter)
    return [stripped(name) for name in names]


def delimiter_of(path: Path | str, file: TextIO, needed: Iterable[str]) -> str:
    """Return what separates the fields of an opened table: what its first line declares, else that
    under which the header has the names that are needed, else the most names."""
    declared = DECLARED.fullmatch(file.readline())
    if declared and declared[1] in DELIMITERS:
        return declared[1]
    names = {delimiter: names_under(path, file, delimiter) for delimiter in DELIMITERS}
    return max(names, key=lambda each: (set(needed) <= set(names[each]), len(names[each])))


def flaw_of_header(header: Sequence[str], needed: Iterable[str]) -> str:
    """Say why the first row of a table holds no names of columns, and what to do; "" where it may,
    or has all that are needed."""
    needed = set(needed)
    if needed <= set(header):
        return ""
    for mark, name in OTHERS.items():
        if needed <= {part.strip() for part in header[0].split(mark)}:
            return f"fields are separated by {name}; separate them by commas, semicolons or tabs"
    if any(needed <= set(header[0].split(mark)) for mark in DELIMITERS):
        return "each row stands in quotes as a whole; take these quotes out"
    if header[0].startswith("#"):
        return "begins with a comment; take out what stands before the names of the columns"
    if {"train", "test"} & {name.lower() for name in header}:
        return "begins with a row; put the names of the columns before it, sequence,target,set"
    return ""


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

    needed: names of columns, by which the delimiter is known. Raises InputError for rows that may
    not be what they seem.
    """
    faults = Faults(path)
    with open_text(path, TABLE) as file:
        delimiter = delimiter_of(path, file, needed)
        header = names_under(path, file, delimiter)
        if header and (flaw := flaw_of_header(header, needed)):
            raise InputError(f"{path}: {flaw} (it begins with {brief(','.join(header))})")
        layout = Layout([name.lower() for name in header], delimiter, sound_row(delimiter))
        read = sound_rows(rows_in(path, file, delimiter), layout, faults)
        table = faults.collect(table_of, read, header)
    faults.report()
    if table is None or not header:
        raise InputError(f"{path}: is empty; a table begins with the names of its columns")
    if delimiter != ",":
        log.info("%s: its fields are separated by %s", path, DELIMITERS[delimiter])
    table.attrs["delimiter"] = delimiter
    return table
