"""Named test sets of a split: tasks that learn from the same examples, as `split@set`.

One job fits for all sets of a split. Its files have the split's name and hold a part for each set.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

MARK = "@"  # no letter of a split's or a set's name, and no sign to a shell within a word


def with_set(split: str, name: str) -> str:
    """Return the name of the task of a set, from its split's; the same without a set."""
    return f"{split}{MARK}{name}" if name else split


def learned(split: str) -> str:
    """Return the split that a task learns from: its name without the test set."""
    return split.partition(MARK)[0]


def set_of(split: str) -> str:
    """Return the test set in the name of a task; "" where it has none."""
    return split.partition(MARK)[2]


class Part(NamedTuple):
    """One set's part of a file that the job of a split wrote for all its sets."""

    path: Path | str
    split: str  # with its set: what the task is called

    @property
    def name(self) -> str:
        """Return the name of the set."""
        return set_of(self.split)


Place = Path | str | Part  # where one task's rows or predictions are


def of_task(paths: Iterable[Path | str], split: str) -> list[Place]:
    """Return where a task's parts of files are: of a split without named sets the files."""
    return [Part(path, split) if MARK in split else path for path in paths]


def path_and_split(place: Place) -> tuple[Path | str, str]:
    """Return the file of a Place and the task's split there; "" where all of the file is its."""
    return (place.path, place.split) if isinstance(place, Part) else (place, "")
