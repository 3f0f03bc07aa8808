"""The error for what a user can mend."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


class InputError(ValueError):
    """Something given is wrong; the message says what, where, and what would be right."""


@contextmanager
def about(subject: object) -> Iterator[None]:
    """Name a subject, such as a task, at the head of the InputErrors that are raised within."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{subject}: {error}") from error


class Refusals:
    """Collects the InputErrors of several checks, so that none hides the others."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def of(self, check: Callable[..., Result], *arguments: object) -> Result | None:
        """Return what a check returns; None where it refuses something, which is kept."""
        try:
            return check(*arguments)
        except InputError as error:
            self.found.append(str(error))
            return None

    def report(self) -> None:
        """Raise InputError with all that was refused, where anything was."""
        if self.found:
            raise InputError("\n".join(dict.fromkeys(self.found)))


# What the libraries raise for a checkpoint whose settings or tensors do not make a network.
UNBUILDABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def first_line(error: BaseException) -> str:
    """Return the first line of an exception's message that says something, with the next one where
    it announces that; its kind where it has none."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[: 1 + lines[0].endswith(":")]) if lines else type(error).__name__
