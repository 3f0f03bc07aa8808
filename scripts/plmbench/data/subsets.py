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
MISSING = ""  # FLIP's AAV files hold all of the landscape, and a split is a part of it
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}


def subsets_of(table: pd.DataFrame, path: Path | str, missing_split: str = "error") -> pd.Series:
    """Return train, validation, test or MISSING [row] from the columns `set` and, if there,
    `validation`.

    missing_split: `error` or `drop`, what to do with rows whose set is empty.
    """
    subsets = table["set"].str.strip().str.lower().replace("nan", MISSING)
    bad = ~subsets.isin(SUBSETS if missing_split == "error" else [*SUBSETS, MISSING])
    if bad.any():
        rows = table[bad]
        remedy = "mend these rows, or set the data set's missing_split to drop where set is empty"
        refuse(path, "set is neither train nor test", rows["line"], rows["set"], remedy)
    if "validation" in table:
        flags = table["validation"].str.strip().str.lower().map(FLAGS)
        if (bad := flags.isna()).any():
            rows = table[bad]
            remedy = "write True, False or nothing"
            refuse(path, "validation is not a flag", rows["line"], rows["validation"], remedy)
        subsets = subsets.mask(flags.astype(bool) & (subsets == "train"), "validation")
    return subsets


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
