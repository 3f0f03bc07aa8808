"""Splits of data sets: labelled sequences, each with its subset and its fold."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.alphabet import LETTERS, MASK, NONSTANDARD
from plmbench.core.errors import InputError
from plmbench.data.classes import check_classes
from plmbench.data.sources import Source, read_source
from plmbench.data.subsets import MISSING, check_sizes, folded, sampled
from plmbench.data.text_files import refuse


@dataclass(frozen=True)
class Reading:
    """How the rows of a split become examples: what its data set's entry says."""

    task_type: str = "regression"
    nonstandard_residues: str = "error"  # one of RESIDUE_POLICIES
    slice: Sequence[int] | None = None  # [start, stop) of every sequence that is used
    validation: Mapping[str, int] | None = None  # settings of `folded`
    sample: Mapping[str, int] | None = None  # settings of `sampled`
    rows: Mapping[str, int] | None = None  # {subset: rows that it must have}


def refuse_nonstandard(table: pd.DataFrame, bad: pd.Series) -> None:
    """Raise the InputError that names the first of the rows `bad` of a file, and the remedy."""
    path = table["file"][bad].iloc[0]
    rows = table[bad & (table["file"] == path)]
    residues = rows["sequence"].str.extract(f"({NONSTANDARD.pattern})")[0]
    lower_case = not rows["sequence"].str.upper().str.contains(NONSTANDARD).any()
    remedy = "mend these rows, or set the data set's nonstandard_residues to mask or drop"
    if lower_case:
        remedy = "write these rows in upper case"
    refuse(path, f"residues other than {LETTERS}", rows["line"], residues, remedy)


def kept_by(table: pd.DataFrame, policy: str) -> pd.Series:
    """Return which rows [row] a policy on residues keeps; under `error` raises InputError that
    names the others."""
    nonstandard = table["sequence"].str.contains(NONSTANDARD)
    if policy == "error" and nonstandard.any():
        refuse_nonstandard(table, nonstandard)
    return ~nonstandard | (policy != "drop")


def refuse_unreadable(table: pd.DataFrame, bad: pd.Series) -> None:
    """Raise the InputError that names the first rows `bad`, of which a mask would leave nothing."""
    path = table["file"][bad].iloc[0]
    rows = table[bad & (table["file"] == path)]
    problem = f"nothing but residues other than {LETTERS}"
    remedy = "take these rows out, or write them in upper case if that is what they lack"
    refuse(path, problem, rows["line"], rows["sequence"], remedy)


def apply_residue_policy(table: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Return the rows whose residues every family knows, with masked residues as `#`.

    Adds a column `masked`, the number of residues replaced. Policy: `error` raises InputError and
    names the first offenders, `mask` replaces, `drop` leaves the row out.
    """
    table = table[kept_by(table, policy)]
    masked = table["sequence"].str.count(NONSTANDARD)
    sequences = table["sequence"].str.replace(NONSTANDARD, MASK, regex=True)
    if (bad := masked == sequences.str.len()).any():
        refuse_unreadable(table, bad)
    return table.assign(sequence=sequences, masked=masked)


def sequence_id(sequence: str) -> str:
    """Return the id of a sequence, the first 16 hexadecimal digits of its sha256."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:16]


def read_sources(source: Source, own_test: Source | None, reading: Reading) -> pd.DataFrame:
    """Return the rows of a split's file; with `own_test`, the test rows are all rows of that file
    instead."""
    read = partial(
        read_source,
        task_type=reading.task_type,
        cut=reading.slice,
        kept=partial(kept_by, policy=reading.nonstandard_residues),
    )
    if own_test is None:
        return read(source)
    parts = [read(source, replaced=["test"]), read(own_test, subset="test")]
    return pd.concat(parts, ignore_index=True)


def check_not_empty(
    table: pd.DataFrame, files: Mapping[str, Path | str], read: int, dropped: int
) -> None:
    """Raise InputError where nothing is left to learn from, or to test on.

    files: those that hold `train` and `test`; where they are two, all rows of the second are test.
    """
    for subset, path in files.items():
        if not (table["subset"] == subset).any():
            remedy = f"column set must say {subset!r} somewhere, without a flag of validation"
            if subset == "test" and path != files["train"]:
                remedy = "every row of this file is of test: give it rows that are kept"
            raise InputError(
                f"{path}: the {subset} subset is empty ({read:,} rows read, "
                f"{dropped:,} dropped for their residues); {remedy}"
            )
        masks = table.get("mask", pd.Series("1", table.index))[table["subset"] == subset]
        if not masks.str.contains("1").any():
            raise InputError(
                f"{path}: no residue of {subset} counts: all its masks are 0; write 1 in the mask "
                "of each residue that counts, or mend the slice"
            )


def examples_of(
    table: pd.DataFrame, files: Mapping[str, Path | str], reading: Reading
) -> pd.DataFrame:
    """Return the examples among the rows of a split, as `read_rows` does; files: that of `train`
    and that of `test`."""
    read, path = len(table), files["train"]
    check_sizes(table, path, reading.rows)
    table = table[table["subset"] != MISSING]
    assigned = len(table)
    table = apply_residue_policy(table, reading.nonstandard_residues)
    dropped = assigned - len(table)
    table["id"] = table["sequence"].map(sequence_id)
    tested = int((table["subset"] == "test").sum())
    table = sampled(table, **(reading.sample or {}))
    test_not_sampled = tested - int((table["subset"] == "test").sum())
    table = folded(table, **(reading.validation or {}))
    check_not_empty(table, files, read, dropped)
    check_classes(table)
    not_sampled = assigned - dropped - len(table)
    counts = {"rows": read, "missing_split": read - assigned, "dropped": dropped}
    table.attrs.update(counts, not_sampled=not_sampled, test_not_sampled=test_not_sampled)
    return table


def read_rows(
    path: Path | str, test: Mapping[str, Any] | None = None, **settings: Any
) -> pd.DataFrame:
    """Return what `read_split` does, with the file and the line of each example's sequence."""
    names = {field.name for field in fields(Reading)}
    reading = Reading(**{name: settings.pop(name) for name in names & set(settings)})
    own_test = None if test is None else Source(**test)
    table = read_sources(Source(path, **settings), own_test, reading)
    files = {"train": path, "test": own_test.path if own_test else path}
    return examples_of(table, files, reading).reset_index(drop=True)


def read_split(path: Path | str, **settings: Any) -> pd.DataFrame:
    """Read one split of a data set: by default a CSV with columns sequence, target, set
    [, validation][, id][, mask].

    settings: the fields of Reading, and those of Source for `path`; test: those of the Source that
    the test rows come from, where they are in a file of their own.
    Returns a table with name, id (of the sequence), sequence, masked, blanks (taken out), target
    (float64, class, or one character per residue), subset, fold (of cross-validation; -1: none) and
    for residues mask: one row per labelled example, in file order, and in `attrs` the number of
    rows read and left out. Raises InputError that names file, line and remedy.
    """
    return read_rows(path, **settings).drop(columns=["file", "line"])


def with_files(settings: Mapping[str, Any], paths: Mapping[str, Path | str]) -> dict[str, Any]:
    """Return the settings of `read_split` with the paths of its files, {name: path}.

    A name is path, sequences or mask, with `test.` before it for the test subset's own.
    """
    filled = dict(settings)
    for name, path in paths.items():
        part, _, role = name.rpartition(".")
        if part:
            filled[part] = filled[part] | {role: path}
        else:
            filled[role] = path
    return filled


def unique_sequences(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return id, sequence, masked of each distinct sequence of the tables, by first appearance."""
    joined = pd.concat([table[["id", "sequence", "masked"]] for table in tables])
    unique = joined.drop_duplicates("sequence").reset_index(drop=True)
    if unique["id"].duplicated().any():
        raise InputError(
            "two sequences share their id, a prefix of their sha256; please report this"
        )
    return unique
