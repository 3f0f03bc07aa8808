"""Labelled sequences: read a user's table, check every row, say what is wrong and where."""

import hashlib
import zlib

import numpy as np
import pandas as pd

from plmbench.errors import InputError
from plmbench.provenance import sha256_of_file

STANDARD = "ACDEFGHIKLMNPQRSTVWY"
LETTERS = STANDARD + "BOUXZ"  # what every family has a token for
MASK = "#"  # a masked residue, as sequence-models writes it
LETTER_POLICIES = ("error", "mask", "drop")
SUBSETS = ("train", "validation", "test")
REQUIRED = ("sequence", "target", "set")
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}
SHOWN = 5
UNREADABLE = (
    UnicodeDecodeError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    OSError,  # also where a .gz is none
    EOFError,  # a .gz that breaks off
    zlib.error,
)


def refuse(path, problem, rows, values, remedy):
    """Raise the InputError that names the offending lines of a file, the first ones in full."""
    lines = ", ".join(
        f"line {row} ({value!r})" for row, value in list(zip(rows, values, strict=True))[:SHOWN]
    )
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    raise InputError(f"{path}: {problem}: {lines}{more}; {remedy}")


def read_csv(path, sha256=None):
    """Read a CSV (also .gz) as text, one column a field; `line` is the row's line in the file.

    Raises InputError for another checksum, another encoding, and missing columns.
    """
    if sha256 and (found := sha256_of_file(path)) != sha256:
        raise InputError(
            f"{path}: sha256 is {found}, the catalogue says {sha256}; restore the file"
        )
    try:
        # "NA" is a peptide, and an empty field is not a number: no guessing of types.
        table = pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False
        )
    except UNREADABLE as error:
        raise InputError(f"{path}: not a readable UTF-8 CSV file: {error}") from error
    missing = [column for column in REQUIRED if column not in table]
    if missing:
        raise InputError(
            f"{path}: lacks column(s) {', '.join(missing)}; it has {', '.join(table.columns)}; "
            "a data set needs sequence, target and set, and may have validation and id"
        )
    empty = (table == "").all(axis=1)
    table["line"] = np.arange(len(table)) + 2  # before empty lines go, or the numbers shift
    return table[~empty]


def subsets_of(table, path):
    """Return train, validation or test [row] from the columns `set` and, if there, `validation`."""
    where = table["set"].str.strip().str.lower()
    bad = ~where.isin(SUBSETS)
    if bad.any():
        rows = table[bad]
        refuse(path, "set is neither train nor test", rows["line"], rows["set"], "mend these rows")
    if "validation" in table:
        flags = table["validation"].str.strip().str.lower().map(FLAGS)
        if (bad := flags.isna()).any():
            rows = table[bad]
            remedy = "write True, False or nothing"
            refuse(path, "validation is not a flag", rows["line"], rows["validation"], remedy)
        where = where.mask(flags.astype(bool) & (where == "train"), "validation")
    return where


def numbers_of(table, path):
    """Return the targets as finite float64 [row]."""
    values = pd.to_numeric(table["target"], errors="coerce")
    bad = ~np.isfinite(values)
    if bad.any():
        rows = table[bad]
        refuse(
            path, "target is not a finite number", rows["line"], rows["target"], "mend these rows"
        )
    return values.astype(float)


def names_of(table, path):
    """Return the user's ids [row], or `line<number>` where the file has none."""
    if "id" not in table:
        return "line" + table["line"].astype(str)
    if (bad := table["id"] == "").any():
        refuse(path, "id is empty", table["line"][bad], table["id"][bad], "give each row an id")
    if (bad := table["id"].duplicated(keep=False)).any():
        rows = table[bad].sort_values("id", kind="stable")
        refuse(path, "id stands more than once", rows["line"], rows["id"], "make the ids unique")
    return table["id"]


def residues_of(table, path, cut):
    """Return the sequences [row], cut to the catalogue's `slice` [start, stop) where it has one."""
    sequences = table["sequence"].str.slice(*cut) if cut else table["sequence"]
    if (bad := sequences == "").any():
        problem = f"sequence is empty within slice {cut}" if cut else "sequence is empty"
        refuse(path, problem, table["line"][bad], table["sequence"][bad], "take these rows out")
    return sequences


def apply_letter_policy(table, path, policy):
    """Return the rows whose letters every family knows, with masked letters as `#`.

    Adds a column `masked`, the number of letters replaced. Policy: `error` raises InputError and
    names the first offenders, `mask` replaces, `drop` leaves the row out.
    """
    illegal = table["sequence"].str.contains(f"[^{LETTERS}]")
    if illegal.any() and policy == "error":
        rows = table[illegal]
        letters = rows["sequence"].str.extract(f"([^{LETTERS}])")[0]
        refuse(
            path,
            f"letters other than {LETTERS}",
            rows["line"],
            letters,
            "mend these rows, or set the data set's letters to mask or drop",
        )
    if policy == "drop":
        table = table[~illegal]
    masked = table["sequence"].str.count(f"[^{LETTERS}]")
    sequences = table["sequence"].str.replace(f"[^{LETTERS}]", MASK, regex=True)
    return table.assign(sequence=sequences, masked=masked)


def sequence_id(sequence):
    """Return the id of a sequence, the first 16 hexadecimal digits of its sha256."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:16]


def hold_out(table, fraction, seed):
    """Return the table with a share of its training sequences moved to validation.

    Only where it has no validation subset. A sequence is drawn by a hash of seed and sequence, so
    neither the order of rows nor the machine matters, and its copies stay together.
    """
    train = table["subset"] == "train"
    if (table["subset"] == "validation").any() or not fraction:
        return table
    ids = table["id"][train].unique()
    ranked = sorted(ids, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    count = min(max(1, round(fraction * len(ranked))), len(ranked) - 1)  # one stays in train
    drawn = set(ranked[:count])
    return table.assign(subset=table["subset"].mask(train & table["id"].isin(drawn), "validation"))


def read_split(path, letters="error", slice=None, validation=None, sha256=None):
    """Read one split of a data set: a CSV with columns sequence, target, set[, validation][, id].

    Returns a table with name, id (of the sequence), sequence, masked, target (float64), subset,
    one row a labelled example, in file order, and in `attrs` the number of rows read and dropped.
    Raises InputError that names file, line and remedy.
    """
    table = read_csv(path, sha256)
    table = pd.DataFrame(
        {
            "line": table["line"],
            "name": names_of(table, path),
            "sequence": residues_of(table, path, slice),
            "target": numbers_of(table, path),
            "subset": subsets_of(table, path),
        }
    )
    rows = len(table)
    table = apply_letter_policy(table, path, letters)
    table["id"] = table["sequence"].map(sequence_id)
    table = hold_out(table, **(validation or {"fraction": 0.1, "seed": 0}))
    for subset in ("train", "test"):
        if not (table["subset"] == subset).any():
            raise InputError(
                f"{path}: the {subset} subset is empty ({rows:,} rows read, "
                f"{rows - len(table):,} dropped for their letters); "
                f"column set must say {subset!r} somewhere"
            )
    table = table.drop(columns="line").reset_index(drop=True)
    table.attrs.update(rows=rows, dropped=rows - len(table))
    return table


def unique_sequences(tables):
    """Return id, sequence, masked of each distinct sequence of the tables, by first appearance."""
    joined = pd.concat([table[["id", "sequence", "masked"]] for table in tables])
    unique = joined.drop_duplicates("sequence").reset_index(drop=True)
    if unique["id"].duplicated().any():
        raise InputError(
            "two sequences share their id, a prefix of their sha256; please report this"
        )
    return unique


def counts_of(table):
    """Return what a split holds: rows, dropped, masked letters, unique sequences, subset sizes."""
    sizes = table["subset"].value_counts()
    return {
        "rows": table.attrs["rows"],
        "dropped": table.attrs["dropped"],
        "masked_letters": int(table["masked"].sum()),
        "unique_sequences": table["id"].nunique(),
        **{subset: int(sizes.get(subset, 0)) for subset in SUBSETS},
        "shortest": int(table["sequence"].str.len().min()),
        "longest": int(table["sequence"].str.len().max()),
    }
