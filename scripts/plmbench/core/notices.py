"""What the counts of a split warn of: one declaration per kind, for log and page."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from plmbench.core.units import FEWEST_UNITS


class Notice(NamedTuple):
    """A kind of trouble that stops no run. It shows where a count of a split is above its limit, or
    below its least."""

    column: str  # of the table of data sets
    words: str  # the rest of the sentence after the split's name; {count} is the number
    limit: float = 0
    least: float = -np.inf


NOTICES = (
    Notice(
        "leakage",
        "{count:,} test example(s) have a sequence that also stands in train or validation",
    ),
    Notice(
        "test_units",
        f"{{count:,}} distinct test sequence(s) are too few: an interval needs {FEWEST_UNITS}, and "
        "without one there is no verdict",
        np.inf,
        FEWEST_UNITS,
    ),
)


def notices_of(counts: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence without its subject per Notice that the counts of a split call for.

    counts: {column: number or its text}; a column that is absent or empty calls for none.
    """
    for column, words, limit, least in NOTICES:
        count = float(counts.get(column) or np.nan)
        if count > limit or count < least:
            yield words.format(count=int(count) if count.is_integer() else count)
