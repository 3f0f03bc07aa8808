"""One table of labelled sequences: its files, and what every row must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plmbench.core.alphabet import BLANKS
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.data.readers import READERS, REQUIRED, Columns
from plmbench.data.residues import refuse_odd, without_blanks
from plmbench.data.subsets import MISSING, subsets_of
from plmbench.data.text_files import refuse

RESIDUE_TASK = "residue_classification"
MEND = "mend these rows"


@dataclass(frozen=True)
class Source:
    """The files of one table, and how they are read."""

    path: Path | str
    format: str = "csv"  # a key of READERS
    columns: Columns | None = None  # for a format with columns
    sequences: Path | str | None = None  # for a format with a file of sequences
    mask: Path | str | None = None  # for a format with a file of masks
    missing_split: str = "error"  # what to do with rows whose set is empty: error or drop
    sha256: str | Mapping[str, str] | None = None  # of `path`, or {role: that of its file}

    def files(self) -> dict[str, Path | str]:
        """Return {role: path} of the files that are given."""
        roles = {"path": self.path, "sequences": self.sequences, "mask": self.mask}
        return {role: path for role, path in roles.items() if path is not None}


def numbers_of(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the targets as finite float64 [row]."""
    values = pd.to_numeric(table["target"], errors="coerce")
    bad = ~np.isfinite(values)
    if bad.any():
        rows = table[bad]
        refuse(path, "target is not a finite number", rows["line"], rows["target"], MEND)
    return values.astype(float)


def classes_of(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the targets as text [row], none empty."""
    values = table["target"].str.strip()
    if (bad := values == "").any():
        refuse(path, "target is empty", table["line"][bad], table["id"][bad], MEND)
    return values


def residue_classes_of(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the targets as text [row], one character per residue of the sequence."""
    lengths = table["sequence"].str.len()
    for column in ("target", "mask"):
        bad = table[column].str.len() != lengths
        if bad.any():
            rows = table[bad]
            found = rows[column].str.len().astype(str) + " for " + lengths[bad].astype(str)
            problem = f"{column} has another length than the sequence"
            refuse(path, problem, rows["line"], found, "give each residue one letter")
    bad = table["mask"].str.contains("[^01]")
    if bad.any():
        refuse(path, "mask is not of 0 and 1", table["line"][bad], table["id"][bad], "mend it")
    return table["target"]


# What checks and converts the targets of each task type.
TARGETS: dict[str, Callable[[pd.DataFrame, Path | str], pd.Series]] = {
    "regression": numbers_of,
    "classification": classes_of,
    RESIDUE_TASK: residue_classes_of,
}


def names_of(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the user's ids [row], or `line<number>` where the file has none."""
    if "id" not in table:
        return "line" + table["line"].astype(str)
    if (bad := table["id"] == "").any():
        refuse(path, "id is empty", table["line"][bad], table["id"][bad], "give each row an id")
    if (bad := table["id"].duplicated(keep=False)).any():
        rows = table[bad].sort_values("id", kind="stable")
        refuse(path, "id stands more than once", rows["line"], rows["id"], "make the ids unique")
    return table["id"]


def check_texts(table: pd.DataFrame, path: Path | str) -> None:
    """Raise InputError for ids or targets that the files of a study could not give back: HDF5's
    texts end at a NUL, a line of a table at a carriage return."""
    for column in table.columns.intersection(["id", "target"]):
        if (bad := table[column].str.contains("\0|\r(?!\n)")).any():
            rows = table[bad]
            problem = f"{column} holds a NUL or a carriage return"
            refuse(path, problem, rows["line"], rows[column], "take these characters out")


def cut_to(texts: pd.Series, cut: Sequence[int] | None) -> pd.Series:
    """Return the texts [row], cut to the catalogue's `slice` [start, stop) where it has one."""
    return texts.str.slice(*cut) if cut else texts


def sequences_of(table: pd.DataFrame, path: Path | str, cut: Sequence[int] | None) -> pd.Series:
    """Return the sequences [row] within the slice; raises InputError for one that is empty."""
    sequences = cut_to(table["sequence"], cut)
    if (bad := sequences == "").any():
        problem = f"sequence is empty within slice {cut}" if cut else "sequence is empty"
        refuse(path, problem, table["line"][bad], table["sequence"][bad], "take these rows out")
    return sequences


def check_digests(source: Source) -> None:
    """Raise InputError where a file is not the one that the catalogue describes."""
    files, given = source.files(), source.sha256
    expected = {"path": given} if isinstance(given, str) else given or {}
    for role, digest in expected.items():
        try:
            found = sha256_of_file(files[role])
        except OSError as error:
            raise InputError(f"{files[role]}: cannot be read ({error.strerror})") from error
        if found != digest:
            raise InputError(
                f"{files[role]}: sha256 is {found}, the catalogue says {digest}; restore the file"
            )


def text_table_of(source: Source, required: Sequence[str]) -> pd.DataFrame:
    """Return the table of text of a source, each row with a mask: 1 at every residue where the
    files have none."""
    check_digests(source)
    settings: dict[str, Any] = {**source.files(), "required": required}
    if source.columns is not None:
        settings["columns"] = source.columns
    table = READERS[source.format](**settings)
    check_texts(table, source.path)
    if "mask" not in table:
        ones = table["sequence"].str.replace(f"[^{BLANKS}]", "1", regex=True)
        table = table.assign(mask=ones)
    return table


def place_of_sequences(table: pd.DataFrame, source: Source) -> tuple[Path | str, str]:
    """Return the file of the sequences, and the column of `table` with the line of each in it."""
    if "sequence_line" not in table:
        return source.path, "line"
    return source.sequences or source.path, "sequence_line"


def read_source(
    source: Source, task_type: str, cut: Sequence[int] | None, subset: str | None = None
) -> pd.DataFrame:
    """Read and check one table; with `subset` all its rows are of that subset.

    Returns file, line, name, sequence, target, subset, and for residues mask, one row per example.
    """
    path = source.path
    table = text_table_of(source, [name for name in REQUIRED if name != "set" or subset is None])
    names = names_of(table, path)
    table = table.assign(subset=subset or subsets_of(table, path, source.missing_split))
    where, line = place_of_sequences(table, source)
    judged = table[table["subset"] != MISSING]
    refuse_odd(where, judged["sequence"], judged[line], fasta=line != "line")
    table = without_blanks(table, ["target", "mask"] if task_type == RESIDUE_TASK else [])
    checked = {
        "file": str(where),
        "line": table[line],
        "name": names,
        "sequence": sequences_of(table, path, cut),
        "target": TARGETS[task_type](table.assign(id=names), path),
        "subset": table["subset"],
        "blanks": table["blanks"],
    }
    if task_type == RESIDUE_TASK:
        checked |= {"target": cut_to(checked["target"], cut), "mask": cut_to(table["mask"], cut)}
    return pd.DataFrame(checked)
