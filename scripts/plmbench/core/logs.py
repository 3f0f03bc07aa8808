"""What a job says while it runs goes to its log file, and so does the error that ends it."""

import errno
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from plmbench.core.errors import InputError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
log = logging.getLogger("plmbench")


def refusal_of_disk(error: Exception) -> int | None:
    """Return the number of an error that says that the disk takes no more, or None; HDF5 has the
    number in its text."""
    if isinstance(error, OSError) and error.errno in FULL:
        return error.errno
    return next((number for number in FULL if f"errno = {number}," in str(error)), None)


@contextmanager
def disk_named() -> Iterator[None]:
    """Raise the InputError that says what to do for what a full disk raises."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        number = refusal_of_disk(error)
        if number is None:
            raise
        raise InputError(f"{os.strerror(number)}; make room and run again") from error


@contextmanager
def logged(path: Path | str) -> Iterator[logging.Logger]:
    """Send the project's messages to the file `path`; an exception is written there and goes on."""
    handler = logging.FileHandler(path, mode="w", encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield log
    except InputError as error:
        log.error("%s", error)
        raise
    except Exception:
        log.exception("stopped by an error of the program; please report it with this log")
        raise
    finally:
        log.removeHandler(handler)
        handler.close()


def run(main: Callable[[Any], None], job: Any) -> NoReturn:
    """Call an entry script's `main(job)` under its log, and end the process; wrong input ends it
    with one sentence."""
    gc.freeze()  # what was imported is never garbage, and need not be looked through
    try:
        with logged(job.log[0]), disk_named():
            main(job)
    except InputError as error:
        sys.exit(f"Error in rule {job.rule}: {error}")
    end_at_once()


def end_at_once() -> NoReturn:
    """End the process without freeing what is in memory, object by object: that is a quarter of
    the time of a small job that has imported torch. All files are closed by now."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def clock(seconds: float) -> str:
    """Return a time as hours:minutes:seconds."""
    seconds = round(seconds)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class Progress:
    """Log how far a long loop has come: after a second, then at most once in `every` seconds."""

    def __init__(self, sequences: int, residues: int, every: float = 10.0) -> None:
        self.sequences, self.residues, self.every = sequences, residues, every
        self.done_sequences = self.done_residues = 0
        self.start = time.monotonic()
        self.last_line = self.start - every + min(every, 1.0)

    def advance(self, sequences: int, residues: int) -> None:
        """Count `sequences` with `residues` as done."""
        self.done_sequences += sequences
        self.done_residues += residues
        now = time.monotonic()
        if now - self.last_line >= self.every or self.done_sequences == self.sequences:
            self.last_line = now
            log.info(self.line(now - self.start))

    def line(self, seconds: float) -> str:
        """Say how many sequences are done, the residues per second, and the time left."""
        rate = self.done_residues / max(seconds, 1e-9)
        left = (self.residues - self.done_residues) / max(rate, 1e-9)
        return (
            f"{self.done_sequences:,} of {self.sequences:,} sequences, {rate:,.0f} residues/s, "
            f"{clock(left)} left"
        )
