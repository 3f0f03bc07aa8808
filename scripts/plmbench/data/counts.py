"""What a split holds, in numbers: a row of the table of data sets."""

from typing import TypedDict

import pandas as pd

from plmbench.core.alphabet import MASK, NUCLEOTIDES
from plmbench.core.modalities import PROTEIN
from plmbench.core.notices import FEWEST_TO_CHOOSE_ON
from plmbench.data.classes import class_counts, numbers_in, twins_in, unseen_in

LONG_ENOUGH, NEARLY_ALL = 30, 0.95  # letters, and their share: no protein is so by chance

MUCH = 0.1  # of a sequence's residues; unknown residues of real proteins are far fewer


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
    mostly_masked: int  # sequences with more than a tenth of their residues masked
    blanks_removed: int  # from the sequences of examples
    suspected_nucleotides: int  # sequences that are of nucleotides, by their letters
    unseen_validation: int  # examples of a class that train lacks
    unseen_test: int
    twin_classes: int  # classes whose names are nearly the same as another's
    numeric_classes: int  # classes, where all of them are numbers
    lone_classes: int  # in one training sequence, where choices are made in folds
    few_to_choose_on: int  # sequences held out to choose on, where they are few
    test_not_sampled: int  # test rows left out by the sample


FORMS = (".4g", ".8g", ".16g")  # of numbers: the first that tells least and largest apart


def leaks(table: pd.DataFrame) -> int:
    """Return the number of test rows whose sequence also stands in train or validation."""
    in_test = table["subset"] == "test"
    return int(table["id"][in_test].isin(table["id"][~in_test]).sum())


def balance_of(table: pd.DataFrame) -> str:
    """Return the share of each class as text; least, median and largest of a numeric target."""
    targets = table["target"]
    if pd.api.types.is_numeric_dtype(targets):
        least, largest, median = targets.quantile([0, 1, 0.5])
        texts = [f"{least:{form}} to {largest:{form}}, median {median:{form}}" for form in FORMS]
        apart = [f"{least:{form}}" != f"{largest:{form}}" for form in FORMS]
        return texts[apart.index(True) if any(apart) else 0]
    counts = class_counts(table).groupby("name")["count"].sum()
    shares = counts / counts.sum()
    return ", ".join(f"{name} {share:.3f}" for name, share in shares.items())


def nucleotides(sequences: pd.Series) -> int:
    """Return how many different sequences are long enough to tell, have nearly no letters but
    A, C, G, T, U and N, and each of A, C, G and T or U."""
    texts = sequences.drop_duplicates()
    texts = texts[texts.str.len() >= LONG_ENOUGH]
    share = texts.str.count(f"[{NUCLEOTIDES}]") / (texts.str.len() - texts.str.count(MASK))
    letters = [set(text) for text in texts[share >= NEARLY_ALL]]
    return sum({"A", "C", "G"} <= found and bool({"T", "U"} & found) for found in letters)


def suspicious(table: pd.DataFrame) -> int:
    """Return `nucleotides` of a split of proteins; 0 for any other."""
    return nucleotides(table["sequence"]) if table.attrs["modality"] == PROTEIN else 0


def held_out(table: pd.DataFrame) -> int:
    """Return how many sequences choices are made on: those of validation, or of train in folds."""
    chosen_on = table[(table["subset"] == "validation") | (table["fold"] >= 0)]
    return int(chosen_on["id"].nunique())


def lone_classes(table: pd.DataFrame) -> int:
    """Return how many classes stand in one training sequence alone, where choices are made in
    folds: none of them both learns the class and is measured on it."""
    folded = class_counts(table[table["fold"] >= 0].drop_duplicates(["id", "target"]))
    return int((folded["name"].value_counts() == 1).sum())


def counts_of(table: pd.DataFrame) -> Counts:
    """Return the Counts of a split that `read_split` has read."""
    left_out, sizes = table.attrs, table["subset"].value_counts()
    lengths = table["length"]
    unique = table["id"].nunique()
    residues = lengths.sum() if "mask" not in table else table["mask"].str.count("1").sum()
    classes, chosen_on = class_counts(table), held_out(table)
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
        "mostly_masked": table["id"][table["masked"] > MUCH * lengths].nunique(),
        "blanks_removed": int(table["blanks"].sum()),
        "suspected_nucleotides": suspicious(table),
        "unseen_validation": unseen_in(classes, "validation"),
        "unseen_test": unseen_in(classes, "test"),
        "twin_classes": twins_in(classes),
        "numeric_classes": numbers_in(classes),
        "lone_classes": lone_classes(table),
        "few_to_choose_on": chosen_on if chosen_on < FEWEST_TO_CHOOSE_ON else 0,
        "test_not_sampled": left_out["test_not_sampled"],
    }
