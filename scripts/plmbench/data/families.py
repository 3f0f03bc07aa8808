"""The families of a data set's sequences, as the rule `families` writes them."""

from pathlib import Path

import pandas as pd

COLUMNS = ["id", "family", "mutations"]


def read_families(path: Path | str) -> pd.DataFrame:
    """Return a table of COLUMNS, by sequence id: family is text, mutations a number or NaN."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    table["mutations"] = pd.to_numeric(table["mutations"].replace("", None))
    return table.set_index("id")


def families_of(path: Path | str) -> dict[str, str]:
    """Return {sequence id: the id of its family} of results/families/{dataset}.tsv. A variant, and
    every sequence where nothing was clustered, is a family of its own."""
    return read_families(path)["family"].to_dict()


def families_of_tests(labels: Path | str, families: Path | str) -> dict[str, str]:
    """Return {name of a test unit: the id of its family}, from a split's labels and its data set's
    families. Copies of a sequence have the name of the first one in test."""
    table = pd.read_csv(labels, sep="\t", dtype=str, keep_default_na=False)
    test = table[table["subset"] == "test"].drop_duplicates("id")
    return dict(zip(test["name"], test["id"].map(families_of(families)), strict=True))
