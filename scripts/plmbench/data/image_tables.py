"""A table of images out of an archive: the images that it names stand within it, so that what reads
it needs neither the archive nor a folder of files.

Names are only looked up among those of the archive: none is ever a path of this machine.
"""

import base64
import csv
import posixpath
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from plmbench.core.errors import InputError
from plmbench.core.file_formats import TABLE
from plmbench.data.archives import contents_of, extract_member
from plmbench.data.image_files import DELIMITERS
from plmbench.data.text_files import DECLARED, open_text, refuse

INLINE = "data:"  # of a cell that holds an image already
Row = tuple[int, list[str]]  # the line in the file, and its cells


class Table(NamedTuple):
    """The rows of a table, blank ones among them, and the place of its column of images."""

    declared: str  # a first line that names the delimiter
    delimiter: str
    place: int
    head: list[Row]  # as far as the names of columns
    rows: list[Row]

    def cell(self, row: list[str]) -> str:
        """Return the cell of a row that names an image; "" where it names none."""
        found = row[self.place].strip() if len(row) > self.place else ""
        return "" if found.startswith(INLINE) else found


def parsed(path: Path, column: str) -> Table | None:
    """Return a table; None where no header has this column, or it is none: what is wrong, its job
    will say."""
    try:
        with open_text(path, TABLE) as file:
            lines = file.readlines() or [""]
        declared = lines.pop(0) if DECLARED.fullmatch(lines[0]) else ""
        for delimiter in DELIMITERS:
            reader = csv.reader(lines, delimiter=delimiter)
            rows = [(reader.line_num + bool(declared), row) for row in reader]
            first = next((i for i, (_, row) in enumerate(rows) if "".join(row).strip()), 0)
            names = [name.strip() for name in rows[first][1]] if rows else []
            if column in names:
                parts = rows[: first + 1], rows[first + 1 :]
                return Table(declared, delimiter, names.index(column), *parts)
    except (InputError, csv.Error):
        pass
    return None


def name_of(member: str, cell: str) -> str:
    """Return the name in the archive that a cell of a table means: it counts from the table's
    folder there."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(member), cell))


def inline(name: str, content: bytes) -> str:
    """Return an image as a cell that holds it, and its name (RFC 2397)."""
    return f"{INLINE};name={quote(name)};base64,{base64.b64encode(content).decode()}"


def with_images(archive: Path | str, member: str, table: Table) -> list[list[str]]:
    """Return the rows of a table with images in the place of their names. Raises InputError for
    images that the archive does not hold."""
    named = [(line, cell) for line, row in table.rows if (cell := table.cell(row))]
    images = contents_of(archive, {name_of(member, cell) for _, cell in named})
    absent = {line: cell for line, cell in named if name_of(member, cell) not in images}
    if absent:
        problem = "image is not in the archive"
        remedy = "a name counts from the table's folder in the archive"
        refuse(f"{archive}: {member}", problem, absent, absent.values(), remedy)
    rows = [row for _, row in table.head]
    for _, row in table.rows:
        if cell := table.cell(row):
            name = name_of(member, cell)
            row = [*row[: table.place], inline(name, images[name]), *row[table.place + 1 :]]
        rows.append(row)
    return rows


def extract_table(archive: Path | str, member: str, column: str, path: Path | str) -> None:
    """Write the table `member` of an archive to `path`, whole or not at all, with the images that
    `column` names within it.

    Raises InputError as `extract_member` does, and for images that the archive does not hold.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.plain")
    try:
        extract_member(archive, member, part)
        if table := parsed(part, column):
            rows = with_images(archive, member, table)
            with part.open("w", newline="", encoding="utf-8") as file:
                file.write(table.declared)
                csv.writer(file, delimiter=table.delimiter, lineterminator="\n").writerows(rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
