"""HDF5 files: written whole or not at all, and read with errors that name the file."""

import os
import resource
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from plmbench.core.errors import InputError, first_line
from plmbench.store.checks import check_own

TEXT = h5py.string_dtype("utf-8")
# What h5py raises for a file that is broken, or holds something else than is read.
BROKEN = (
    *(OSError, RuntimeError, AttributeError),
    *(ArithmeticError, LookupError, TypeError, ValueError),
)


@contextmanager
def whole_file(path):
    """Yield an HDF5 file to write, which has its name only when all went well."""
    part = part_of(path)
    try:
        with h5py.File(part, "w") as file:
            yield file
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def part_of(path):
    """Return where a file is while it is written."""
    path = Path(path)
    return path.with_name(path.name + ".part")


def allow_open_files():
    """Let this process open as many files as it may: each shard of a data set is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # macOS may have no max_length, and takes none
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def readable(path):
    """Raise the InputError that names a broken file for what h5py raises on it."""
    try:
        yield
    except InputError:
        raise
    except BROKEN as error:
        raise InputError(
            f"{path}: not a complete HDF5 file ({first_line(error)}); delete it and run again"
        ) from error


@contextmanager
def opened(path):
    """Yield an HDF5 file to read; raises InputError for one that is broken, or whose values are not
    its own, also where that is seen only as it is read."""
    with readable(path), h5py.File(path, "r") as file:
        check_own(file)
        yield file
