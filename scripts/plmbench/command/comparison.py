"""Which numbers differ between two studies that were exported."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from plmbench.command.sharing import SETTINGS, faults_of
from plmbench.core.errors import InputError, first_line
from plmbench.data.archives import BROKEN

# What tells one row of a table from another, where the table has these columns.
KEYS = ["dataset", "split", "probe", "pooling", "model", "weights", "ablation", "reference"]
KEYS += ["layer_selection", "axis", "layer", "seed", "subset", "metric", "size", "arm", "bin"]
Tables = dict[str, pd.DataFrame]


def read_archive(path: Path) -> tuple[Tables, str]:
    """Return the tables of an exported study by their names, and its settings.

    Raises InputError for a file that is no such archive, or not as it was exported.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if faults := faults_of(archive):
                raise InputError("\n".join(f"{path}: {fault}" for fault in faults))
            names = [name for name in archive.namelist() if name.startswith("tables/")]
            tables = {
                name: pd.read_csv(archive.open(name), sep="\t", dtype=str, keep_default_na=False)
                for name in names
                if name.endswith(".tsv")
            }
            return tables, archive.read(SETTINGS).decode()
    except BROKEN as error:
        raise InputError(
            f"{path}: no whole archive of `plmbench export` ({first_line(error)}); fetch it again"
        ) from None


def keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table by what tells its rows apart, numbered where that is not enough."""
    keys = [name for name in KEYS if name in table]
    number = table.groupby(keys).cumcount() if keys else pd.Series(range(len(table)))
    return table.assign(row=np.asarray(number, int)).set_index([*keys, "row"])


def differing(first: pd.Series, second: pd.Series) -> pd.DataFrame:
    """Return the cells of a column that differ, with the size of the difference where both are
    numbers."""
    unequal = first != second
    cells = pd.DataFrame({"first": first[unequal], "second": second[unequal]})
    numbers = cells.apply(pd.to_numeric, errors="coerce")
    return cells.assign(size=(numbers["first"] - numbers["second"]).abs())


def of_table(name: str, first: pd.DataFrame, second: pd.DataFrame) -> Iterator[str]:
    """Yield a sentence for all that differs in one table: rows, columns, and cells by column."""
    one, two = keyed(first), keyed(second)
    sides = (("first", "second", one, two), ("second", "first", two, one))
    for here, there, own, other in sides:
        if len(lost := own.index.difference(other.index)):
            such = f"such as {lost[0]}"
            yield f"{name}: {len(lost):,} row(s) of the {here} are not in the {there}, {such}"
    for column in one.columns.symmetric_difference(two.columns):
        yield f"{name}: column {column} is in one of them alone"
    shared = one.index.intersection(two.index)
    for column in one.columns.intersection(two.columns):
        cells = differing(one[column].loc[shared], two[column].loc[shared])
        if len(cells):
            largest = cells["size"].max()
            worst = cells["size"].idxmax() if np.isfinite(largest) else cells.index[0]
            by = f", by at most {largest:.3g}" if np.isfinite(largest) else ""
            shown = f"{cells['first'].loc[worst]} and {cells['second'].loc[worst]}"
            count = f"{len(cells):,} of {len(shared):,} rows"
            yield f"{name}: {column} differs in {count}{by}: {shown} at {worst}"


def compared(first: Path, second: Path) -> Iterator[str]:
    """Yield a sentence for all that differs between two exported studies; none where they agree."""
    (one, settings), (two, others) = read_archive(first), read_archive(second)
    if settings != others:
        yield "study.yaml: the configurations differ"
    for name in sorted({*one, *two}):
        if name not in one or name not in two:
            yield f"{name}: is in the {'second' if name in two else 'first'} alone"
        else:
            yield from of_table(name, one[name], two[name])
