"""The verdicts of a run as a table in the terminal."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from plmbench.compare.tables import read_table
from plmbench.core.errors import InputError, first_line
from plmbench.core.verdicts import BENEFITS, NO_BENEFIT, WORSE

SHOWN = ["probe", "pooling", "model", "metric", "layer", "value", "low", "high", "verdict"]
NUMBERS = ["layer", "value", "low", "high", "minus_onehot"]
COLOURS = {BENEFITS: "green", NO_BENEFIT: "yellow", WORSE: "red"}
FILTERS = {"task": "task", "network": "model", "probe": "probe"}  # option -> column


def read_verdicts(results: Path) -> pd.DataFrame:
    """Return the verdicts of a run, with a column `task`; raises InputError where there are none.

    results: the folder `results`, or the folder of the study that it stands in.
    """
    for folder in (results, results / "results"):
        path = folder / "tables" / "verdicts.tsv"
        if path.is_file():
            return with_tasks(path)
    raise InputError(
        f"{results}: there is no tables/verdicts.tsv; name the folder `results` of a finished run"
    )


def with_tasks(path: Path) -> pd.DataFrame:
    """Return a table of verdicts with a column `task`; raises InputError where it holds none."""
    try:
        table = read_table(path)
        table = table.assign(task=table["dataset"] + "/" + table["split"])
        table[SHOWN]
        table = table.astype({name: float for name in NUMBERS if name in table})
    except (OSError, ValueError, LookupError) as error:
        raise InputError(
            f"{path}: is no table of verdicts ({first_line(error)}); delete it, and run again"
        ) from None
    if table.empty:
        raise InputError(f"{path}: has no verdict, for no network ran; scores are in summary.tsv")
    return table


def chosen(table: pd.DataFrame, wanted: Mapping[str, str | None]) -> pd.DataFrame:
    """Return the rows that have these texts in their columns; wanted: {option: text or None}.

    Raises InputError where none has, with what there is.
    """
    for option, text in wanted.items():
        if text is None:
            continue
        column = table[FILTERS[option]]
        kept = table[column.str.contains(text, regex=False)]
        if kept.empty:
            known = ", ".join(sorted(set(column)))
            raise InputError(f"--{option} {text}: no row has it; there is: {known}")
        table = kept
    return table


def number(value: object, form: str = ".3f") -> str:
    """Return a number as text, `-` where it is undefined."""
    return "-" if pd.isna(value) else format(value, form)  # type: ignore[arg-type]


def verdict_of(row: pd.Series) -> str:
    """Return a verdict in its colour, with the reason where there is one."""
    verdict, colour = row["verdict"], COLOURS.get(row["verdict"])
    reason = f" ({row['reason']})" if row.get("reason") else ""
    return (f"[{colour}]{verdict}[/{colour}]" if colour else verdict) + escape(reason)


def verdict_table(title: str, rows: pd.DataFrame) -> Table:
    """Return the table of one task, probe and pooling: a row per network."""
    shown = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE)
    shown.add_column("network", overflow="fold")
    for name in ("layer", "score", "95 % interval", "over one-hot"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("verdict", min_width=10)
    for _, row in rows.iterrows():
        interval = f"{number(row['low'])} to {number(row['high'])}"
        shown.add_row(
            row["model"],
            number(row["layer"], ".0f"),
            number(row["value"]),
            "-" if pd.isna(row["low"]) else interval,
            number(row.get("minus_onehot"), "+.3f"),
            verdict_of(row),
        )
    return shown


def verdict_tables(verdicts: pd.DataFrame) -> Iterator[Table]:
    """Yield the tables that are shown, one for each task, probe and pooling."""
    for (task, probe, pooling), rows in verdicts.groupby(["task", "probe", "pooling"], sort=False):
        metric = rows["metric"].iloc[0]
        yield verdict_table(f"{task}, {probe}, {pooling} ({metric})", rows)
