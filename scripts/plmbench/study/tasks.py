"""What a task is called."""

from typing import NamedTuple


class Task(NamedTuple):
    """A split of a data set."""

    dataset: str
    split: str
