"""Who is train, validation and test: as the file says, and what follows from it.

Draws are by a hash of seed and sequence id, so neither the order of rows nor the machine matters,
and copies of a sequence stay together.
"""

import hashlib

import numpy as np

from plmbench.core.errors import InputError
from plmbench.data.readers import refuse

SUBSETS = ("train", "validation", "test")
UNASSIGNED = ""  # FLIP's AAV files hold all of the landscape, and a split is a part of it
FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False, "": False}


def subsets_of(table, path, missing_split="error"):
    """Return train, validation, test or UNASSIGNED [row] from the columns `set` and, if there,
    `validation`.

    missing_split: `error` or `drop`, what to do with rows whose set is empty.
    """
    where = table["set"].str.strip().str.lower().replace("nan", UNASSIGNED)
    bad = ~where.isin(SUBSETS if missing_split == "error" else [*SUBSETS, UNASSIGNED])
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
        where = where.mask(flags.astype(bool) & (where == "train"), "validation")
    return where


def check_sizes(table, path, rows):
    """Raise InputError where the subsets have other sizes than the catalogue says (None: it does
    not say)."""
    rows = {subset: rows[subset] for subset in SUBSETS if subset in (rows or {})}
    found = {subset: int((table["subset"] == subset).sum()) for subset in rows}
    if found != rows:
        said = ", ".join(f"{subset} {count:,}" for subset, count in rows.items())
        there = ", ".join(f"{subset} {count:,}" for subset, count in found.items())
        raise InputError(
            f"{path}: holds {there}; the catalogue says {said}. Restore the file, or mend the "
            "split's rows in config/datasets.yaml"
        )


def ranked(ids, seed):
    """Return the distinct ids in an order drawn from `seed`."""
    return sorted(set(ids), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())


def sampled(table, sequences=None, seed=0):
    """Return the table with at most `sequences` distinct sequences a subset (None: all)."""
    if not sequences:
        return table
    kept = np.zeros(len(table), bool)
    for subset in SUBSETS:
        mine = table["subset"] == subset
        kept |= mine & table["id"].isin(ranked(table["id"][mine], seed)[:sequences])
    return table[kept]


def folded(table, folds=5, seed=0):
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
