"""HDF5 files: written whole or not at all, and read with errors that name the file."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from plmbench.core.errors import InputError, first_line
from plmbench.store.checks import check_own

TEXT = h5py.string_dtype("utf-8")
# What h5py raises for a file that is broken, or does not hold what is read from it.
BROKEN = (
    *(OSError, RuntimeError, AttributeError),
    *(ArithmeticError, LookupError, TypeError, ValueError),
)


@contextmanager
def whole_file(path: Path | str) -> Iterator[h5py.File]:
    """Yield an HDF5 file to write; it gets its name only when all went well."""
    part = part_of(path)
    try:
        with h5py.File(part, "w") as file:
            yield file
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)  # the file that has its name is complete
    finally:
        part.unlink(missing_ok=True)


def part_of(path: Path | str) -> Path:
    """Return where a file is while it is written."""
    path = Path(path)
    return path.with_name(path.name + ".part")


def allow_open_files() -> None:
    """Let this process open as many files as it may: each shard of a data set is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # macOS may have no limit, and takes none
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def readable(path: Path | str) -> Iterator[None]:
    """Turn what h5py raises for a broken file into the InputError that names it."""
    try:
        yield
    except InputError:
        raise
    except BROKEN as error:
        raise InputError(
            f"{path}: not a complete HDF5 file ({first_line(error)}); delete it and run again"
        ) from error


@contextmanager
def opened(path: Path | str) -> Iterator[h5py.File]:
    """Yield an HDF5 file to read; raises InputError for one that is broken, or whose values are not
    its own, also where that is seen only as it is read."""
    with readable(path), h5py.File(path, "r") as file:
        check_own(file)
        yield file
