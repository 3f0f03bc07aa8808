"""What a split holds, in numbers: a row of the table of data sets."""

from typing import TypedDict

import pandas as pd


class Counts(TypedDict):
    """What a split holds; a key is a column of the table of data sets."""

    rows: int  # of the files
    missing_split: int  # rows whose set is empty
    dropped: int  # rows left out for their residues
    not_sampled: int  # rows left out by the sample
    masked_residues: int
    unique_sequences: int
    duplicates: int  # examples beyond the first of each sequence
    leakage: int  # test examples whose sequence also stands in train or validation
    train: int
    validation: int
    test: int
    test_units: int  # distinct test sequences, which the bootstrap draws
    folds: int
    residues: int  # that count
    shortest: int
    median_length: float
    longest: int
    balance: str


def leaks(table: pd.DataFrame) -> int:
    """Return the number of test rows whose sequence also stands in train or validation."""
    in_test = table["subset"] == "test"
    return int(table["id"][in_test].isin(table["id"][~in_test]).sum())


def balance_of(table: pd.DataFrame) -> str:
    """Return the share of each class as text; least, median and largest of a numeric target."""
    targets = table["target"]
    if pd.api.types.is_numeric_dtype(targets):
        return "{:.4g} to {:.4g}, median {:.4g}".format(*targets.quantile([0, 1, 0.5]))
    if "mask" in table:
        counted = "".join(table["target"]), "".join(table["mask"])
        targets = pd.Series([c for c, kept in zip(*counted, strict=True) if kept == "1"])
    shares = targets.value_counts(normalize=True).sort_index()
    return ", ".join(f"{name} {share:.3f}" for name, share in shares.items())


def counts_of(table: pd.DataFrame) -> Counts:
    """Return the Counts of a split that `read_split` has read."""
    left_out, sizes = table.attrs, table["subset"].value_counts()
    lengths = table["sequence"].str.len()
    unique = table["id"].nunique()
    residues = lengths.sum() if "mask" not in table else table["mask"].str.count("1").sum()
    return {
        "rows": left_out["rows"],
        "missing_split": left_out["missing_split"],
        "dropped": left_out["dropped"],
        "not_sampled": left_out["not_sampled"],
        "masked_residues": int(table["masked"].sum()),
        "unique_sequences": unique,
        "duplicates": len(table) - unique,
        "leakage": leaks(table),
        "train": int(sizes.get("train", 0)),
        "validation": int(sizes.get("validation", 0)),
        "test": int(sizes.get("test", 0)),
        "test_units": table["id"][table["subset"] == "test"].nunique(),
        "folds": int(table["fold"].max()) + 1,
        "residues": int(residues),
        "shortest": int(lengths.min()),
        "median_length": float(lengths.median()),
        "longest": int(lengths.max()),
        "balance": balance_of(table),
    }
