"""Text from a user's files in messages: quoted, and never longer than a reader wants."""

import reprlib

SHORT = reprlib.Repr()
SHORT.maxstring = 60  # letters: a header may hold a megabyte
MOST = 400  # letters of a sentence of another library


def brief(value: object) -> str:
    """Return a value as Python writes it, without its middle where it is long."""
    return SHORT.repr(value)


def shortened(text: str) -> str:
    """Return a text without its middle where it is long."""
    return text if len(text) <= MOST else f"{text[: MOST // 2]} ... {text[-MOST // 2 :]}"
