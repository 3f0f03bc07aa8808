"""One table of labelled sequences: its files, and what every row must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from plmbench.core.alphabet import BLANKS
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.data.decimals import with_points
from plmbench.data.faults import Faults
from plmbench.data.readers import READERS, REQUIRED, Columns
from plmbench.data.subsets import MISSING, check_flags, check_sets, sets_of, subsets_in
from plmbench.data.text_files import refuse

if TYPE_CHECKING:
    from plmbench.data.kinds import Kind

RESIDUE_TASK = "residue_classification"
SEQUENCE = "sequence"  # our name of the column of examples
MEND = "mend these rows"
# Control characters, but for tabs, and marks of byte order.
UNSEEN = "[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]"


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
    values = pd.to_numeric(with_points(table, path), errors="coerce")
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


def same_length(table: pd.DataFrame, path: Path | str, column: str) -> None:
    """Raise InputError for texts that are not one character per residue of the sequence."""
    lengths = table["sequence"].str.len()
    if (bad := table[column].str.len() != lengths).any():
        rows = table[bad]
        found = rows[column].str.len().astype(str) + " for " + lengths[bad].astype(str)
        problem = f"{column} has another length than the sequence"
        refuse(path, problem, rows["line"], found, "give each residue one letter")


def check_mask(table: pd.DataFrame, path: Path | str) -> None:
    """Raise InputError for a mask with other flags than 0 and 1."""
    if (bad := table["mask"].str.contains("[^01]")).any():
        refuse(path, "mask is not of 0 and 1", table["line"][bad], table["id"][bad], "mend it")


def residue_classes_of(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the targets as text [row], one character per residue of the sequence."""
    same_length(table, path, "target")
    return table["target"]


# What checks and converts the targets of each task type.
TARGETS: dict[str, Callable[[pd.DataFrame, Path | str], pd.Series]] = {
    "regression": numbers_of,
    "classification": classes_of,
    RESIDUE_TASK: residue_classes_of,
}


def named(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the user's ids, or `line<number>` where the file has none."""
    return table if "id" in table else table.assign(id="line" + table["line"].astype(str))


def check_given(table: pd.DataFrame, path: Path | str) -> None:
    """Raise InputError for ids that are empty."""
    if (bad := table["id"] == "").any():
        refuse(path, "id is empty", table["line"][bad], table["id"][bad], "give each row an id")


def check_unique(table: pd.DataFrame, path: Path | str) -> None:
    """Raise InputError for ids that stand twice."""
    if (bad := table["id"].duplicated(keep=False) & (table["id"] != "")).any():
        rows = table[bad].sort_values("id", kind="stable")
        refuse(path, "id stands more than once", rows["line"], rows["id"], "make the ids unique")


def check_text(table: pd.DataFrame, path: Path | str, column: str) -> None:
    """Raise InputError for texts that the files of a study could not give back, as HDF5's end at a
    NUL, and for what nobody sees and nobody means: control characters and byte order marks."""
    if (bad := table[column].str.contains(UNSEEN)).any():
        rows = table[bad]
        problem = f"{column} holds a line end or a control character"
        refuse(path, problem, rows["line"], rows[column], "take these characters out")


def cut_to(texts: pd.Series, cut: Sequence[int] | None) -> pd.Series:
    """Return the texts [row], cut to the catalogue's `slice` [start, stop) where it has one."""
    return texts.str.slice(*cut) if cut else texts


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


def text_table_of(source: Source, required: Sequence[str], column: str) -> pd.DataFrame:
    """Return the table of text of a source, each row with a mask: 1 at every residue where the
    files have none. Its examples, which stand in `column`, are the sequences here."""
    check_digests(source)
    settings: dict[str, Any] = {**source.files(), "required": required}
    if column != SEQUENCE:
        named_so = source.columns or {}
        own = {ours: theirs for ours, theirs in named_so.items() if ours != column}
        settings["columns"] = {SEQUENCE: named_so.get(column, column)} | own
    elif source.columns is not None:
        settings["columns"] = source.columns
    table = named(READERS[source.format](**settings))
    if "mask" not in table:
        ones = table["sequence"].str.replace(f"[^{BLANKS}]", "1", regex=True)
        table = table.assign(mask=ones)
    return table


def check_rows(rows: pd.DataFrame, path: Path | str, task_type: str, faults: Faults) -> Any:
    """Return the targets of the rows of a split, and hand what is wrong with them to `faults`."""
    for check in (check_given, check_unique, check_flags):
        faults.collect(check, rows, path)
    for column in rows.columns.intersection(["id", "target"]):
        faults.collect(check_text, rows, path, column)
    if task_type == RESIDUE_TASK:
        faults.collect(same_length, rows, path, "mask")
        faults.collect(check_mask, rows, path)
    return faults.collect(TARGETS[task_type], rows, path)


def place_of_sequences(table: pd.DataFrame, source: Source) -> tuple[Path | str, str]:
    """Return the file of the sequences, and the column of `table` with the line of each in it."""
    if "sequence_line" not in table:
        return source.path, "line"
    return source.sequences or source.path, "sequence_line"


def examples_in(
    table: pd.DataFrame, subsets: pd.Series, source: Source, cut: Sequence[int] | None
) -> pd.DataFrame:
    """Return file, line, name, sequence, subset and blanks of the rows of a table, with the place
    where the sequence stands; not judged yet."""
    where, line = place_of_sequences(table, source)
    columns = {
        "file": str(where),
        "line": table[line],
        "name": table["id"],
        "sequence": cut_to(table["sequence"], cut),
        "subset": subsets,
        "blanks": table["blanks"],
    }
    return pd.DataFrame(columns, table.index)


def kept_rows(used: pd.DataFrame, kind: "Kind", policy: str, faults: Faults) -> pd.Series:
    """Return which rows [row] hold an example that can be read, and are kept by a policy."""
    legible = kind.legible(used["sequence"])
    keeps = faults.collect(kind.kept_by, used[legible], policy)
    return legible if keeps is None else keeps.reindex(used.index, fill_value=False)


def read_source(
    source: Source,
    task_type: str,
    cut: Sequence[int] | None,
    kind: "Kind",
    policy: str,
    subset: str | None = None,
    replaced: Sequence[str] = (),
) -> pd.DataFrame:
    """Read and check one table; with `subset` all its rows are of that subset.

    kind: of examples; policy: on residues, for which rows may be left out; replaced: subsets that
    are not read.
    Returns file, line, name, sequence, target, subset, and for residues mask, one row per example.
    Rows without a set, and those not kept, are there to be counted: nothing else is judged in them.
    """
    path, faults = source.path, Faults(source.path)
    required = [name for name in REQUIRED if name != "set" or subset is None]
    table = text_table_of(source, required, kind.column)
    if subset is None:
        table = table[~sets_of(table).isin(replaced)]
        faults.collect(check_sets, table, path, source.missing_split)
    else:
        table = table.drop(columns=["set", "validation"], errors="ignore")
    subsets = pd.Series(subset, table.index) if subset else subsets_in(table)
    aligned = ["target", "mask"] if task_type == RESIDUE_TASK else []
    table = kind.read(table, subsets != MISSING, source, aligned, faults)
    examples = examples_in(table, subsets, source, cut)
    used = examples[subsets != MISSING]
    faults.collect(kind.check, used, place_of_sequences(table, source)[0], cut)
    rows = table.loc[used.index[kept_rows(used, kind, policy, faults)]]
    targets = check_rows(rows, path, task_type, faults)
    faults.report()
    if task_type != RESIDUE_TASK:
        return examples.assign(target=targets)
    return examples.assign(target=cut_to(targets, cut), mask=cut_to(rows["mask"], cut))
