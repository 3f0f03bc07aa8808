"""What a split holds, in numbers: a row of the table of data sets."""

import pandas as pd

from plmbench.data.subsets import SUBSETS


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


def counts_of(table: pd.DataFrame) -> dict[str, int | float | str]:
    """Return the counts of a split, by column: rows, what was left out and why, distinct sequences,
    leakage, sizes of subsets, lengths, and the balance of its labels."""
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
