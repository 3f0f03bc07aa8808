"""The score table: tidy, one row per number. Chosen hyperparameters are rows too."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.test_sets import Place, path_and_split, with_set

JOB = ["dataset", "split", "model", "weights", "probe"]  # which job
NUMBER = ["pooling", "layer", "seed", "subset", "n", "metric", "value", "reason"]  # which number
Row = Mapping[str, str | int | float]  # by the names of NUMBER


def write_rows(
    path: Path | str, rows: Iterable[Mapping[str, Any]], columns: list[str], **job: str
) -> None:
    """Write rows of one job as TSV; NaN is written as `NaN`. A row that says the `set` it was
    tested on has the split of that set."""
    split = job.get("split", "")
    named = ({**job, **row, "split": with_set(split, row.get("set", ""))} for row in rows)
    pd.DataFrame(named, columns=columns).to_csv(path, sep="\t", index=False, na_rep="NaN")


def rows_at(place: Place, **settings: Any) -> pd.DataFrame:
    """Return a task's rows of a table that `write_rows` wrote; settings: of pandas."""
    path, split = path_and_split(place)
    table = pd.read_csv(path, sep="\t", keep_default_na=False, **settings)
    return table[table["split"] == split].reset_index(drop=True) if split else table


def write_scores(path: Path | str, rows: Iterable[Row], **job: str) -> None:
    """Write rows (dicts of NUMBER) of one job as TSV."""
    write_rows(path, rows, [*JOB, *NUMBER], **job)


def read_scores(path: Place) -> pd.DataFrame:
    """Return a score table."""
    names = dict.fromkeys([*JOB, "pooling", "reason"], str)
    return rows_at(path, dtype=names, na_values={"value": ["NaN"]})


def of_tasks(table: pd.DataFrame, tasks: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of tasks, pairs of data set and split, in the order of these."""
    place = {tuple(task): number for number, task in enumerate(tasks)}
    names = zip(table["dataset"], table["split"], strict=True)
    order = pd.Series([place.get(name, -1) for name in names], table.index, int)
    kept = order[order >= 0].sort_values(kind="stable").index
    return table.loc[kept].reset_index(drop=True)


def collect_scores(paths: Iterable[Place]) -> pd.DataFrame:
    """Return the rows of many score tables, ordered by what they are of."""
    return pd.concat([read_scores(path) for path in paths], ignore_index=True)
