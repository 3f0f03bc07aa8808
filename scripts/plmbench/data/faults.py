"""All that is wrong with the rows of a file, said at once."""

from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

from plmbench.core.errors import InputError
from plmbench.core.wording import brief
from plmbench.data.text_files import RowsError

SHOWN = 10  # faults in a message
Result = TypeVar("Result")


class Faults:
    """Collects the faults that checks of one file find, so that none hides the others."""

    def __init__(self, path: Path | str) -> None:
        """path: the file."""
        self.path = path
        self.found: list[RowsError] = []

    def collect(self, check: Callable[..., Result], *arguments: object) -> Result | None:
        """Return what a check returns; None where it refuses rows, which are kept for `report`."""
        try:
            return check(*arguments)
        except RowsError as error:
            self.found.append(error)
            return None

    def report(self) -> None:
        """Raise InputError where anything was found: as it was, or if there are several kinds of
        faults, the first of them by line."""
        if len(self.found) == 1:
            raise self.found[0]
        if not self.found:
            return
        faults = [
            (line, value, number)
            for number, error in enumerate(self.found)
            for line, value in error.rows
        ]
        faults.sort(key=itemgetter(0, 2))
        shown = [self.sentence(self.found[n], line, value) for line, value, n in faults[:SHOWN]]
        more = [f"and {len(faults) - SHOWN:,} more"] if len(faults) > SHOWN else []
        raise InputError("\n".join([f"{self.path}: {len(faults):,} faults", *shown, *more]))

    def sentence(self, error: RowsError, line: int, value: object) -> str:
        """Return what is said of one row; its file, where that is another one."""
        file = "" if str(error.path) == str(self.path) else f"{error.path}, "
        return f"{file}line {line}: {error.problem} ({brief(value)}); {error.remedy}"
