"""Which files the tables of images name, read without what is slow to load: a plan asks for it."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from plmbench.core.errors import InputError
from plmbench.core.file_formats import TABLE
from plmbench.data.text_files import DECLARED, open_text

DELIMITERS = ",;\t"
csv.field_size_limit(sys.maxsize)  # a cell may hold an image


def is_there(path: Path) -> bool:
    """Tell whether a path names a file; one that no file can have, such as a loop of links or a
    name that is too long, names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def cells_of(lines: Sequence[str], delimiter: str, column: str) -> Iterator[str]:
    """Yield the cells of a column of a table; nothing where its header has not this name."""
    rows = csv.reader(lines[bool(DECLARED.fullmatch(lines[0])) :], delimiter=delimiter)
    filled = (row for row in rows if "".join(row).strip())
    names = [name.strip() for name in next(filled, [])]
    if column in names:
        place = names.index(column)
        yield from (row[place].strip() for row in filled if row[place:])


def image_files(path: str, column: str) -> list[str]:
    """Return the files that a column of a table names, as far as they are there; what is wrong with
    the table, its job will say."""
    folder, found = Path(path).parent, []
    try:
        with open_text(path, TABLE) as file:
            lines = file.readlines() or [""]
        for delimiter in DELIMITERS:
            cells = cells_of(lines, delimiter, column)
            found += [folder / cell for cell in cells if not cell.startswith("data:")]
    except (InputError, csv.Error):
        return []
    return [str(file) for file in dict.fromkeys(found) if is_there(file)]
