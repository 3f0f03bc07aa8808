"""Which files the tables of images name, read without what is slow to load: a plan asks for it."""

import csv
import sys
from pathlib import Path

from plmbench.core.errors import InputError
from plmbench.core.file_formats import TABLE
from plmbench.data.text_files import open_text

DELIMITERS = ",;\t"
csv.field_size_limit(sys.maxsize)  # a cell may hold an image


def image_files(path: str, column: str) -> list[str]:
    """Return the files that a column of a table names, as far as they are there; what is wrong with
    the table, its job will say."""
    folder, found = Path(path).parent, []
    try:
        with open_text(path, TABLE) as file:
            lines = file.readlines()
    except InputError:
        return []
    for delimiter in DELIMITERS:
        names = next(csv.reader(lines[:1], delimiter=delimiter), [])
        if column not in (places := [name.strip() for name in names]):
            continue
        place = places.index(column)
        rows = csv.reader(lines[1:], delimiter=delimiter)
        cells = [row[place].strip() for row in rows if row[place:]]
        found = [folder / cell for cell in cells if not cell.startswith("data:")]
    return [str(file) for file in found if file.is_file()]
