"""Text files of labelled sequences: how they are opened, and how a row that is wrong is refused."""

import codecs
import gzip
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NoReturn, TextIO, cast

from plmbench.core.errors import InputError, first_line
from plmbench.core.file_formats import FASTA, HEAD, Format, format_of, zipped_format
from plmbench.core.wording import brief
from plmbench.data.archives import BROKEN, CHUNK, listed, unpacked

SHOWN = 5  # rows in a message about one kind of fault
DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # the first line that Excel may write
GZIP = b"\x1f\x8b"  # the first bytes of a gzipped file
# What is raised for a file that is not the text it should be.
UNREADABLE = (UnicodeDecodeError, OSError, EOFError, zlib.error)
MEMBER = "or name it in the data set's entry under download: {path: …}, and the file in it as path"


def chunks_of(path: Path | str) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks, unpacked where it is gzipped. Its first bytes tell: a
    download keeps no suffix."""
    with Path(path).open("rb") as file:
        first = file.read(CHUNK)
        if first.startswith(GZIP):
            yield from unpacked(path)
            return
        while first:
            yield first
            first = file.read(CHUNK)


def archive_format(path: Path | str, found: Format) -> Format:
    """Return the Format of a zip archive, by the files in it where it can be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(name for name in archive.namelist() if not name.endswith("/"))
    except BROKEN:
        return found
    inside = f"{found.name} of {listed(names, SHOWN)}"
    return zipped_format(names) or Format(inside, "", f"{found.remedy}, {MEMBER}")


def check_format(path: Path | str, head: bytes, own: Collection[str]) -> None:
    """Raise InputError that names what a file is, where its first bytes show another format than
    those of `own`."""
    if found := format_of(head[:HEAD], own):
        if found.name == "a zip archive":
            found = archive_format(path, found)
        raise InputError(f"{path}: is {found.name}; {found.remedy}")


def check_utf8(path: Path | str, chunks: Iterable[bytes]) -> None:
    """Raise InputError that names the first line of a file which is not UTF-8."""
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    for chunk in chain(chunks, [b""]):
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            byte = error.object[error.start : error.start + 1]
            raise InputError(
                f"{path}: line {line} is not UTF-8 (byte 0x{byte.hex()}, which is "
                f"{byte.decode('latin-1')!r} in Latin-1); save the file as UTF-8"
            ) from error
        line += chunk.count(b"\n")


def check_text(path: Path | str, own: Collection[str]) -> None:
    """Raise InputError where a file cannot be read, is of another format than those of `own`, or is
    not UTF-8."""
    try:
        chunks = chunks_of(path)
        first = next(chunks, b"")
        check_format(path, first, own)
        check_utf8(path, chain([first], chunks))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{path}: cannot be unpacked by gzip ({first_line(error)}); copy or fetch it again"
        ) from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def open_text(path: Path | str, own: str = FASTA) -> TextIO:
    """Open a text file, also gzipped, without its byte order mark and with its own line ends.

    Raises InputError for what is not UTF-8, and for another format than `own`, by its name.
    """
    check_text(path, [own])
    with Path(path).open("rb") as file:
        opener = gzip.open if file.read(len(GZIP)) == GZIP else open
    return cast(TextIO, opener(path, "rt", encoding="utf-8-sig", newline=""))


class RowsError(InputError):
    """Rows of a file are wrong in one way."""

    def __init__(
        self,
        path: Path | str,
        problem: str,
        lines: Collection[int],
        values: Collection[object],
        remedy: str,
    ) -> None:
        """problem, remedy: what is wrong, what would be right; lines, values: [row]."""
        self.path, self.problem, self.remedy = path, problem, remedy
        self.rows = list(zip(lines, values, strict=True))
        shown = ", ".join(f"line {line} ({brief(value)})" for line, value in self.rows[:SHOWN])
        more = f" and {len(self.rows) - SHOWN:,} more" if len(self.rows) > SHOWN else ""
        super().__init__(f"{path}: {problem}: {shown}{more}; {remedy}")


def refuse(
    path: Path | str,
    problem: str,
    lines: Collection[int],
    values: Collection[object],
    remedy: str,
) -> NoReturn:
    """Raise the InputError that names a file and its wrong lines; the first ones with their
    values."""
    raise RowsError(path, problem, lines, values, remedy)
