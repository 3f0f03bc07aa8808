"""Tables of results, read. Probes do not import this, so that a new column refits nothing."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from plmbench.probe.scores import JOB

TEXT_COLUMNS = [
    *JOB,
    "pooling",
    "ablation",
    "metric",
    "layer_selection",
    "reference",
    "role",
    "in_verdict",
    "axis",
    "reason",
    "training_data",
    "reference_pooling",
    "controls_ahead",
    "ahead",
    "no_gain_over",
    "share_reason",
    "published_rule",
    "verdict",
    "published_verdict",
    "matches_published",
]


def read_table(path: Path | str) -> pd.DataFrame:
    """Return a table of results; names stay text, whatever they look like, also `NA` and `1e3`."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    for name in table.columns.difference(TEXT_COLUMNS):
        numbers = pd.to_numeric(table[name].replace("NaN", None), errors="coerce")
        if (numbers.notna() | table[name].isin(["NaN", ""])).all():
            table[name] = numbers
    return table


def read_tables(paths: Iterable[Path | str]) -> pd.DataFrame:
    """Return the rows of many tables, in order."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)
