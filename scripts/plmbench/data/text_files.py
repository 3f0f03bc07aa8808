"""Text files of labelled sequences: how they are opened, and how a row that is wrong is refused."""

import gzip
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn, TextIO, cast

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.wording import brief
from plmbench.data.archives import check_gzip

SHOWN = 5  # rows in a message
GZIP = b"\x1f\x8b"  # the first bytes of a gzipped file
# What is raised for a file that is not the text it should be.
UNREADABLE = (
    UnicodeDecodeError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    OSError,  # also where a .gz is none
    EOFError,  # a .gz that breaks off
    zlib.error,
)


def open_text(path: Path | str) -> TextIO:
    """Open a UTF-8 text file. Its first bytes tell whether it is gzipped: a download keeps no
    suffix."""
    with Path(path).open("rb") as file:
        zipped = file.read(len(GZIP)) == GZIP
    if zipped:
        check_gzip(path)
    opener = gzip.open if zipped else open
    return cast(TextIO, opener(path, "rt", encoding="utf-8-sig", newline=""))


def refuse(
    path: Path | str,
    problem: str,
    lines: Collection[int],
    values: Collection[object],
    remedy: str,
) -> NoReturn:
    """Raise the InputError that names a file and its wrong lines; the first ones with their
    values."""
    shown = ", ".join(
        f"line {line} ({brief(value)})"
        for line, value in list(zip(lines, values, strict=True))[:SHOWN]
    )
    more = f" and {len(lines) - SHOWN:,} more" if len(lines) > SHOWN else ""
    raise InputError(f"{path}: {problem}: {shown}{more}; {remedy}")
