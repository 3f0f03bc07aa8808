"""What the page looks like and runs: its style, and its scripts, each with the digest by which a
browser knows it. Any other script on the page does not run."""

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "report"


class Script(NamedTuple):
    """A script of the page, and what its Content-Security-Policy says of it."""

    text: str

    @property
    def source(self) -> str:
        """Return the digest of the text as a source of scripts."""
        digest = hashlib.sha256(self.text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"


def read(name: str) -> str:
    """Return the text of a file that belongs to the page."""
    return (RESOURCES / name).read_text(encoding="utf-8")


def style() -> str:
    """Return the page's style sheet."""
    return read("page.css")


def scripts() -> list[Script]:
    """Return the page's scripts: Tablesort with its licence, and our own."""
    licence = f"/*!\n{read('tablesort.LICENSE')}*/\n"
    return [Script(licence + read("tablesort.min.js")), Script(read("page.js"))]
