"""Splits of data sets: labelled sequences, each with its subset and its fold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.modalities import PROTEIN
from plmbench.data.classes import check_classes
from plmbench.data.kinds import KINDS
from plmbench.data.sources import Source, read_source
from plmbench.data.subsets import MISSING, check_sizes, folded, sampled


@dataclass(frozen=True)
class Reading:
    """How the rows of a split become examples: what its data set's entry says."""

    task_type: str = "regression"
    modality: str = PROTEIN  # a key of KINDS
    nonstandard_residues: str = "error"  # one of RESIDUE_POLICIES
    slice: Sequence[int] | None = None  # [start, stop) of every sequence that is used
    validation: Mapping[str, int] | None = None  # settings of `folded`
    sample: Mapping[str, int] | None = None  # settings of `sampled`
    rows: Mapping[str, int] | None = None  # {subset: rows that it must have}


def read_sources(source: Source, own_test: Source | None, reading: Reading) -> pd.DataFrame:
    """Return the rows of a split's file; with `own_test`, the test rows are all rows of that file
    instead."""
    read = partial(
        read_source,
        task_type=reading.task_type,
        cut=reading.slice,
        policy=reading.nonstandard_residues,
        kind=KINDS[reading.modality],
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
    read, path, kind = len(table), files["train"], KINDS[reading.modality]
    check_sizes(table, path, reading.rows)
    table = table[table["subset"] != MISSING]
    assigned = len(table)
    table = kind.apply_policy(table, reading.nonstandard_residues)
    dropped = assigned - len(table)
    table["id"] = table["sequence"].map(kind.identify)
    table["length"] = kind.measure(table["sequence"])
    kind.check_labels(table, path, reading.task_type)
    tested = int((table["subset"] == "test").sum())
    table = sampled(table, **(reading.sample or {}))
    test_not_sampled = tested - int((table["subset"] == "test").sum())
    table = folded(table, **(reading.validation or {}))
    check_not_empty(table, files, read, dropped)
    check_classes(table)
    not_sampled = assigned - dropped - len(table)
    counts = {
        "rows": read,
        "modality": reading.modality,
        "missing_split": read - assigned,
        "dropped": dropped,
    }
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
    Returns a table with name, id (of the sequence), sequence, length, masked, blanks (taken out),
    target (float64, class, or one character per residue), subset, fold (of cross-validation; -1:
    none) and for residues mask: one row per labelled example, in file order, and in `attrs` the
    number of rows read and left out. Raises InputError that names file, line and remedy.
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
