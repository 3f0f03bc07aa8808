"""Who is train, validation and test: as the file says, and what follows from it.

Draws are by a hash of seed and sequence id, so neither the order of rows nor the machine matters,
and copies of a sequence stay together.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.data.text_files import refuse

SUBSETS = ("train", "validation", "test")
UNSET = ("", "nan")
MISSING = ""  # FLIP's AAV files hold all of the landscape, and a split is a part of it
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}


def is_missing(text: str) -> bool:
    """Tell whether a field `set` says that its row is no part of the split."""
    return text.strip().lower() in UNSET


def sets_of(table: pd.DataFrame) -> pd.Series:
    """Return the column `set` [row] in one spelling, MISSING where it is empty; not judged yet."""
    return table["set"].str.strip().str.lower().replace(dict.fromkeys(UNSET, MISSING))


def check_sets(table: pd.DataFrame, path: Path | str, missing_split: str = "error") -> None:
    """Raise InputError for rows whose set is none; under missing_split `drop` it may be empty."""
    bad = ~sets_of(table).isin(SUBSETS if missing_split == "error" else [*SUBSETS, MISSING])
    if bad.any():
        rows = table[bad]
        remedy = "mend these rows, or set the data set's missing_split to drop where set is empty"
        refuse(path, "set is neither train nor test", rows["line"], rows["set"], remedy)


def flags_of(table: pd.DataFrame) -> pd.Series:
    """Return the column `validation` [row] as True, False, or NaN for what is no flag."""
    return table["validation"].str.strip().str.lower().map(FLAGS)


def check_flags(table: pd.DataFrame, path: Path | str) -> None:
    """Raise InputError for rows that have a set and whose validation is no flag."""
    if "validation" not in table:
        return
    if (bad := flags_of(table).isna() & (sets_of(table) != MISSING)).any():
        rows = table[bad]
        remedy = "write True, False or nothing"
        refuse(path, "validation is not a flag", rows["line"], rows["validation"], remedy)


def subsets_in(table: pd.DataFrame) -> pd.Series:
    """Return what `subsets_of` does, of rows that are judged elsewhere."""
    subsets = sets_of(table)
    if "validation" in table:
        validating = flags_of(table).eq(True) & (subsets == "train")
        subsets = subsets.mask(validating, "validation")
    return subsets


def subsets_of(table: pd.DataFrame, path: Path | str, missing_split: str = "error") -> pd.Series:
    """Return train, validation, test or MISSING [row] from the columns `set` and, if there,
    `validation`.

    missing_split: `error` or `drop`, what to do with rows whose set is empty.
    """
    check_sets(table, path, missing_split)
    check_flags(table, path)
    return subsets_in(table)


def as_text(counts: Mapping[str, int]) -> str:
    """Return numbers of rows by subset as text."""
    return ", ".join(f"{subset} {count:,}" for subset, count in counts.items())


def check_sizes(table: pd.DataFrame, path: Path | str, rows: Mapping[str, int] | None) -> None:
    """Raise InputError where the subsets have other sizes than the catalogue says.

    rows: {subset: number of rows}; of a subset that is not named any number is right.
    """
    expected = {subset: rows[subset] for subset in SUBSETS if rows and subset in rows}
    found = {subset: int((table["subset"] == subset).sum()) for subset in expected}
    if found != expected:
        raise InputError(
            f"{path}: holds {as_text(found)}; the catalogue says {as_text(expected)}. Restore the "
            "file, or mend the split's rows in config/datasets.yaml"
        )


def ranked(ids: Iterable[str], seed: int) -> list[str]:
    """Return the distinct ids in an order drawn from `seed`."""
    return sorted(set(ids), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def sampled(
    table: pd.DataFrame, sequences: int | None = None, test: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """Return the table with at most `sequences` distinct sequences per subset (None: all), of test
    at most `test` (None: as of the others)."""
    if not sequences:
        return table
    kept = np.zeros(len(table), bool)
    for subset, most in zip(SUBSETS, (sequences, sequences, test or sequences), strict=True):
        in_subset = table["subset"] == subset
        chosen = ranked(table["id"][in_subset], seed)[:most]
        kept |= in_subset & table["id"].isin(chosen)
    return table[kept]


def folded(table: pd.DataFrame, folds: int = 5, seed: int = 0) -> pd.DataFrame:
    """Return the table with a column `fold`: where it has no validation subset, the fold of
    cross-validation in which a training row is held out; -1 elsewhere."""
    train = table["subset"] == "train"
    if (table["subset"] == "validation").any() or not folds:
        return table.assign(fold=-1)
    order = {name: i for i, name in enumerate(ranked(table["id"][train], seed))}
    folds = min(folds, len(order))
    if folds < 2:  # a single sequence: nothing can be held out
        return table.assign(fold=-1)
    fold = table["id"].map(order) % folds
    return table.assign(fold=fold.where(train, -1).astype(int))
