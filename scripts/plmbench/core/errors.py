"""The error for what a user can mend."""

from collections.abc import Iterator
from contextlib import contextmanager


class InputError(ValueError):
    """Something given is wrong; the message says what, where, and what would be right."""


@contextmanager
def about(subject: object) -> Iterator[None]:
    """Name a subject, such as a task, at the head of the InputErrors that are raised within."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{subject}: {error}") from error


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
    """Return the first line of an exception's message, or its kind where it has none."""
    return next(iter(str(error).splitlines()), type(error).__name__)
