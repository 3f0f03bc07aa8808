"""Texts as examples: sentences, or anything else that is told by words."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from plmbench.core.examples import packed_text
from plmbench.data.faults import Faults
from plmbench.data.sources import Source
from plmbench.data.text_files import refuse

UNSEEN = (
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff]"  # control characters but for tabs and line ends
)


def check_seen(table: pd.DataFrame, source: Source) -> None:
    """Raise InputError for texts with control characters, which nobody sees and nobody means."""
    if (bad := table["sequence"].str.contains(UNSEEN)).any():
        rows = table[bad]
        problem = "text holds a control character or a byte order mark"
        refuse(source.path, problem, rows["line"], rows["sequence"], "take these characters out")


def check_texts(table: pd.DataFrame, path: Path | str, cut: Sequence[int] | None) -> None:
    """Raise InputError for texts that are empty, or a word that a program writes for a missing
    value."""
    texts = table["sequence"].str.strip()
    if (bad := texts == "").any():
        refuse(path, "text is empty", table["line"][bad], texts[bad], "take these rows out")
    if (bad := texts.str.fullmatch("(?i)nan|null|none|n/a|#n/a|<na>")).any():
        problem = "text is a word that a program writes for a missing value"
        remedy = "give the texts, or leave these rows out"
        refuse(path, problem, table["line"][bad], texts[bad], remedy)


def read_texts(
    table: pd.DataFrame, used: pd.Series, source: Source, aligned: Sequence[str], faults: Faults
) -> pd.DataFrame:
    """Return a table whose texts are packed, with blanks around them taken off; hand what is wrong
    with rows that are used [row] to `faults`."""
    faults.collect(check_seen, table[used], source)
    texts = table["sequence"].str.strip()
    return table.assign(sequence=texts.map(packed_text), blanks=0)
