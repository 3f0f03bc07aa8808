"""Readers: a file of labelled sequences to a table of text, one row per example, not judged yet.

A reader returns the columns sequence, target, set, `line` (where the row stands in the file), and
where the file has them id, validation and mask. `data.sources` checks what the rows hold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.wording import brief
from plmbench.data.fasta import REQUIRED, read_flip_fasta, read_residue_fasta
from plmbench.data.tables import text_table

TEXTS = ("sequence", "target", "set", "validation", "id")
NETSURFP_MASKS = ("disorder", "cb513_mask")
NETSURFP = {"sequence": "input", "target": "dssp3", "mask": list(NETSURFP_MASKS)}
SHOWN_COLUMNS = 20  # in a message

# What a data set calls its columns: {our name: the file's name}; of `mask` a list of names.
Columns = Mapping[str, Any]


def missing_columns(
    path: Path | str, missing: Sequence[str], found: Sequence[str], columns: Columns
) -> InputError:
    """Return the error for columns that a table must have and has not."""
    renamed = ", ".join(f"{ours} is read from {theirs}" for ours, theirs in columns.items())
    there = ", ".join(brief(name).strip("'") for name in found[:SHOWN_COLUMNS])
    more = f" and {len(found) - SHOWN_COLUMNS:,} more" if len(found) > SHOWN_COLUMNS else ""
    alike = next((name for name in found if name.lower() == missing[0].lower()), "…")
    return InputError(
        f"{path}: lacks column(s) {', '.join(missing)}; it has {there}{more}; "
        "a data set needs sequence, target and set, and may have validation, id and mask; what is "
        f"called otherwise goes into its entry, as columns: {{{missing[0]}: {alike}}}"
        + (f" ({renamed}, says the catalogue)" if renamed else "")
    )


def flag_of_all(flags: Sequence[str]) -> str:
    """Return 1 where all flags say 1, else 0; one that is neither stays in sight, to be refused."""
    odd = [flag for flag in flags if flag not in "01"]
    return odd[0] if odd else min(flags)


def all_of(masks: Sequence[Iterable[str]]) -> list[str]:
    """Return the masks [row] of 0 and 1 that say 1 where all of `masks` do; `-` where one is too
    short."""
    return [
        "".join(map(flag_of_all, zip_longest(*row, fillvalue="-")))
        for row in zip(*masks, strict=True)
    ]


def columns_named(table: pd.DataFrame, names: Iterable[str], path: Path | str) -> pd.DataFrame:
    """Return the columns of these names; raises InputError where one stands twice."""
    wanted = set(names)
    found = [name for name in table if name in wanted]
    for name in found:
        if found.count(name) > 1:
            raise InputError(f"{path}: column {name!r} stands twice; rename one of them")
    return table[found]


def without_blanks(columns: Columns) -> Columns:
    """Return the columns with names as a table's header gives them, without blanks around."""
    return {
        ours: theirs.strip() if isinstance(theirs, str) else [name.strip() for name in theirs]
        for ours, theirs in columns.items()
    }


def needed_names(columns: Columns, required: Iterable[str]) -> list[str]:
    """Return the file's names of the columns that it must have, sorted."""
    ours = {*required, *columns} - {"mask"}
    return sorted({*(columns.get(name, name) for name in ours), *columns.get("mask", [])})


def with_our_names(
    table: pd.DataFrame, path: Path | str, columns: Columns, required: Iterable[str]
) -> pd.DataFrame:
    """Return the columns of a table under our names, and `line`."""
    masks = columns.get("mask", ["mask"])
    file_names = {name: columns.get(name, name) for name in TEXTS}
    missing = [name for name in needed_names(columns, required) if name not in table]
    if missing:
        raise missing_columns(path, missing, list(table), columns)
    table = columns_named(table, [*file_names.values(), *masks], path)
    named = {ours: table[theirs] for ours, theirs in file_names.items() if theirs in table}
    if masks[0] in table:
        flags = all_of([table[name] for name in masks])
        named["mask"] = pd.Series(flags, table.index, str)
    result = pd.DataFrame(named).assign(line=table.index)
    result.attrs |= table.attrs
    return result


def read_csv(
    path: Path | str, columns: Columns | None = None, required: Iterable[str] = REQUIRED
) -> pd.DataFrame:
    """Read a CSV (also gzipped, also with tabs or semicolons) as text, one column per field; `line`
    is the row's line in the file, `attrs` has the delimiter.

    columns: {our name: the file's name}, where they differ. Raises InputError for another
    encoding, for rows that do not fit the header, and for missing columns.
    """
    columns = without_blanks(columns or {})
    table = text_table(path, needed_names(columns, required))
    return with_our_names(table, path, columns, required)


def read_netsurfp_csv(path: Path | str, required: Iterable[str] = REQUIRED) -> pd.DataFrame:
    """Read NetSurfP-2.0's CSV of residues, as ProtTrans hands it on: names start with a blank,
    residues and flags are joined by blanks; disorder is 1 where resolved, cb513_mask 1 where to be
    scored."""
    table = text_table(path, needed_names(NETSURFP, required))
    for name in columns_named(table, ["input", "dssp3", *NETSURFP_MASKS], path):
        table[name] = table[name].str.replace(".0", "").str.split().str.join("")
    return with_our_names(table, path, NETSURFP, required)


READERS: dict[str, Callable[..., pd.DataFrame]] = {
    "csv": read_csv,
    "flip_fasta": read_flip_fasta,
    "residue_fasta": read_residue_fasta,
    "netsurfp_csv": read_netsurfp_csv,
}
