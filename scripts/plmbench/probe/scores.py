"""The score table: tidy, one row per number. Chosen hyperparameters are rows too."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

JOB = ["dataset", "split", "model", "weights", "probe"]  # which job
NUMBER = ["pooling", "layer", "seed", "subset", "n", "metric", "value", "reason"]  # which number
Row = Mapping[str, str | int | float]  # by the names of NUMBER


def write_scores(path: Path | str, rows: Iterable[Row], **job: str) -> None:
    """Write rows (dicts of NUMBER) of one job as TSV; NaN is written as `NaN`."""
    table = pd.DataFrame([{**job, **row} for row in rows], columns=[*JOB, *NUMBER])
    table.to_csv(path, sep="\t", index=False, na_rep="NaN")


def read_scores(path: Path | str) -> pd.DataFrame:
    """Return a score table."""
    names = dict.fromkeys([*JOB, "pooling", "reason"], str)
    undefined = {"value": ["NaN"]}
    return pd.read_csv(path, sep="\t", dtype=names, keep_default_na=False, na_values=undefined)


def collect_scores(paths: Iterable[Path | str]) -> pd.DataFrame:
    """Return the rows of many score tables, ordered by what they are of."""
    return pd.concat([read_scores(path) for path in paths], ignore_index=True)
