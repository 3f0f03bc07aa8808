"""Labelled sequences: read a user's files, check every row, say what is wrong and where."""

import hashlib

import numpy as np
import pandas as pd

from plmbench.core.alphabet import LETTERS, MASK
from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.data.readers import READERS, REQUIRED, refuse
from plmbench.data.subsets import SUBSETS, UNASSIGNED, check_sizes, folded, sampled, subsets_of

RESIDUE_POLICIES = ("error", "mask", "drop")


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


def classes_of(table, path):
    """Return the targets as text [row], none empty."""
    values = table["target"].str.strip()
    if (bad := values == "").any():
        refuse(path, "target is empty", table["line"][bad], table["id"][bad], "mend these rows")
    return values


def residue_classes_of(table, path):
    """Return the targets as text [row], a letter a residue, as long as the sequence."""
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


TASK_TYPES = {
    "regression": numbers_of,
    "classification": classes_of,
    "residue_classification": residue_classes_of,
}
RESIDUES = "residue_classification"


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


def check_texts(table, path):
    """Raise InputError for ids or targets that the files of a study could not give back: HDF5's
    texts end at a NUL, a line of a table at a carriage return."""
    for column in table.columns.intersection(["id", "target"]):
        if (bad := table[column].str.contains("\0|\r(?!\n)")).any():
            rows = table[bad]
            problem = f"{column} holds a NUL or a carriage return"
            refuse(path, problem, rows["line"], rows[column], "take these characters out")


def cut_to(texts, cut):
    """Return the texts [row], cut to the catalogue's `slice` [start, stop) where it has one."""
    return texts.str.slice(*cut) if cut else texts


def residues_of(table, path, cut):
    """Return the sequences [row] within the slice; raises InputError for one that is empty."""
    sequences = cut_to(table["sequence"], cut)
    if (bad := sequences == "").any():
        problem = f"sequence is empty within slice {cut}" if cut else "sequence is empty"
        refuse(path, problem, table["line"][bad], table["sequence"][bad], "take these rows out")
    return sequences


def apply_residue_policy(table, policy):
    """Return the rows whose letters every family knows, with masked letters as `#`.

    Adds a column `masked`, the number of letters replaced. Policy: `error` raises InputError and
    names the first offenders, `mask` replaces, `drop` leaves the row out.
    """
    illegal = table["sequence"].str.contains(f"[^{LETTERS}]")
    if illegal.any() and policy == "error":
        path = table["file"][illegal].iloc[0]
        rows = table[illegal & (table["file"] == path)]
        letters = rows["sequence"].str.extract(f"([^{LETTERS}])")[0]
        refuse(
            path,
            f"letters other than {LETTERS}",
            rows["line"],
            letters,
            "write these rows in upper case"
            if not rows["sequence"].str.upper().str.contains(f"[^{LETTERS}]").any()
            else "mend these rows, or set the data set's nonstandard_residues to mask or drop",
        )
    if policy == "drop":
        table = table[~illegal]
    masked = table["sequence"].str.count(f"[^{LETTERS}]")
    sequences = table["sequence"].str.replace(f"[^{LETTERS}]", MASK, regex=True)
    if (bad := masked == sequences.str.len()).any():
        path = table["file"][bad].iloc[0]
        rows = table[bad & (table["file"] == path)]
        remedy = "take these rows out, or write them in upper case if that is what they lack"
        problem = f"nothing but letters other than {LETTERS}"
        refuse(path, problem, rows["line"], rows["sequence"], remedy)
    return table.assign(sequence=sequences, masked=masked)


def sequence_id(sequence):
    """Return the id of a sequence, the first 16 hexadecimal digits of its sha256."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:16]


def check_digests(paths, sha256):
    """Raise InputError where a file is not the one that the catalogue describes.

    paths: {role: path}; sha256: {role: digest}, or the digest of the first file alone.
    """
    expected = {"path": sha256} if isinstance(sha256, str) else sha256 or {}
    for role, digest in expected.items():
        try:
            found = sha256_of_file(paths[role])
        except OSError as error:
            raise InputError(f"{paths[role]}: cannot be read ({error.strerror})") from error
        if found != digest:
            raise InputError(
                f"{paths[role]}: sha256 is {found}, the catalogue says {digest}; restore the file"
            )


def read_source(
    path, task_type, cut, subset=None, missing_split="error", format="csv", sha256=None, **files
):
    """Read and check one file (a residue task's three); with `subset` every row is of that one.

    Returns file, line, name, sequence, target, subset, and for residues mask, one row an example.
    """
    check_digests({"path": path, **files}, sha256)
    required = [name for name in REQUIRED if name != "set" or subset is None]
    table = READERS[format](path, required=required, **files)
    check_texts(table, path)
    if "mask" not in table:
        table = table.assign(mask=table["sequence"].str.replace("(?s).", "1", regex=True))
    names = names_of(table, path)
    checked = {
        "file": str(path),
        "line": table["line"],
        "name": names,
        "sequence": residues_of(table, path, cut),
        "target": TASK_TYPES[task_type](table.assign(id=names), path),
        "subset": subset or subsets_of(table, path, missing_split),
    }
    if task_type == RESIDUES:
        checked |= {"target": cut_to(checked["target"], cut), "mask": cut_to(table["mask"], cut)}
    return pd.DataFrame(checked)


def read_sources(path, task_type, cut, test=None, **source):
    """Return the rows of a split's file; with `test`, its test rows come from a file of their
    own, all of it."""
    table = read_source(path, task_type, cut, **source)
    if test is None:
        return table
    tested = read_source(task_type=task_type, cut=cut, subset="test", **test)
    return pd.concat([table[table["subset"] != "test"], tested], ignore_index=True)


def read_split(
    path,
    task_type="regression",
    nonstandard_residues="error",
    slice=None,
    validation=None,
    sample=None,
    rows=None,
    **source,
):
    """Read one split of a data set: by default a CSV with columns sequence, target, set
    [, validation][, id][, mask].

    Returns a table with name, id (of the sequence), sequence, masked, target (float64, class, or
    a letter a residue), subset, fold (of cross-validation; -1: none) and for residues mask, one
    row a labelled example, in file order, and in `attrs` the number of rows read and left out.
    Raises InputError that names file, line and remedy.
    """
    table = read_sources(path, task_type, slice, **source)
    read = len(table)
    check_sizes(table, path, rows)
    table = table[table["subset"] != UNASSIGNED]
    assigned = len(table)
    table = apply_residue_policy(table, nonstandard_residues)
    dropped = assigned - len(table)
    table["id"] = table["sequence"].map(sequence_id)
    table = sampled(table, **(sample or {}))
    table = folded(table, **(validation or {}))
    for subset in ("train", "test"):
        if not (table["subset"] == subset).any():
            raise InputError(
                f"{path}: the {subset} subset is empty ({read:,} rows read, "
                f"{dropped:,} dropped for their letters); "
                f"column set must say {subset!r} somewhere"
            )
    table = table.drop(columns=["file", "line"]).reset_index(drop=True)
    left = assigned - dropped - len(table)
    table.attrs.update(rows=read, missing_split=read - assigned, dropped=dropped, not_sampled=left)
    return table


def with_files(settings, paths):
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


def unique_sequences(tables):
    """Return id, sequence, masked of each distinct sequence of the tables, by first appearance."""
    joined = pd.concat([table[["id", "sequence", "masked"]] for table in tables])
    unique = joined.drop_duplicates("sequence").reset_index(drop=True)
    if unique["id"].duplicated().any():
        raise InputError(
            "two sequences share their id, a prefix of their sha256; please report this"
        )
    return unique


def leaks(table):
    """Return the number of test rows whose sequence also stands in train or validation."""
    tested = table["subset"] == "test"
    return int(table["id"][tested].isin(table["id"][~tested]).sum())


def balance_of(table):
    """Return the share of each class as text; least, median and largest of a numeric target."""
    targets = table["target"]
    if pd.api.types.is_numeric_dtype(targets):
        return "{:.4g} to {:.4g}, median {:.4g}".format(*targets.quantile([0, 1, 0.5]))
    if "mask" in table:
        counted = "".join(table["target"]), "".join(table["mask"])
        targets = pd.Series([c for c, kept in zip(*counted, strict=True) if kept == "1"])
    shares = targets.value_counts(normalize=True).sort_index()
    return ", ".join(f"{name} {share:.3f}" for name, share in shares.items())


def counts_of(table):
    """Return what a split holds: rows, what was left out and why, distinct sequences, leakage,
    subset sizes, lengths, and the balance of its labels."""
    sizes = table["subset"].value_counts()
    lengths = table["sequence"].str.len()
    unique = table["id"].nunique()
    residues = lengths.sum() if "mask" not in table else table["mask"].str.count("1").sum()
    return {
        **table.attrs,
        "masked_residues": int(table["masked"].sum()),
        "unique_sequences": unique,
        "duplicates": len(table) - unique,
        "leakage": leaks(table),
        **{subset: int(sizes.get(subset, 0)) for subset in SUBSETS},
        "folds": int(table["fold"].max()) + 1,
        "residues": int(residues),
        "shortest": int(lengths.min()),
        "median_length": float(lengths.median()),
        "longest": int(lengths.max()),
        "balance": balance_of(table),
    }
