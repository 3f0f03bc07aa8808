"""Proteins as examples: what their letters may be, which rows a policy keeps, and their ids."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from plmbench.core.alphabet import LETTERS, MASK, NONSTANDARD
from plmbench.data.faults import Faults
from plmbench.data.residues import refuse_odd, refuse_words, without_blanks
from plmbench.data.sources import Source, place_of_sequences
from plmbench.data.text_files import refuse


def refuse_nonstandard(table: pd.DataFrame, bad: pd.Series) -> None:
    """Raise the InputError that names the first of the rows `bad` of a file, and the remedy."""
    path = table["file"][bad].iloc[0]
    rows = table[bad & (table["file"] == path)]
    residues = rows["sequence"].str.extract(f"({NONSTANDARD.pattern})")[0]
    lower_case = not rows["sequence"].str.upper().str.contains(NONSTANDARD).any()
    remedy = "mend these rows, or set the data set's nonstandard_residues to mask or drop"
    if lower_case:
        remedy = "write these rows in upper case"
    refuse(path, f"residues other than {LETTERS}", rows["line"], residues, remedy)


def kept_by(table: pd.DataFrame, policy: str) -> pd.Series:
    """Return which rows [row] a policy on residues keeps; under `error` raises InputError that
    names the others."""
    nonstandard = table["sequence"].str.contains(NONSTANDARD)
    if policy == "error" and nonstandard.any():
        refuse_nonstandard(table, nonstandard)
    return ~nonstandard | (policy != "drop")


def refuse_unreadable(table: pd.DataFrame, bad: pd.Series) -> None:
    """Raise the InputError that names the first rows `bad`, of which a mask would leave nothing."""
    path = table["file"][bad].iloc[0]
    rows = table[bad & (table["file"] == path)]
    problem = f"nothing but residues other than {LETTERS}"
    remedy = "take these rows out, or write them in upper case if that is what they lack"
    refuse(path, problem, rows["line"], rows["sequence"], remedy)


def apply_residue_policy(table: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Return the rows whose residues every family knows, with masked residues as `#`.

    Adds a column `masked`, the number of residues replaced. Policy: `error` raises InputError and
    names the first offenders, `mask` replaces, `drop` leaves the row out.
    """
    table = table[kept_by(table, policy)]
    masked = table["sequence"].str.count(NONSTANDARD)
    sequences = table["sequence"].str.replace(NONSTANDARD, MASK, regex=True)
    if (bad := masked == sequences.str.len()).any():
        refuse_unreadable(table, bad)
    return table.assign(sequence=sequences, masked=masked)


def sequence_id(sequence: str) -> str:
    """Return the id of a sequence, the first 16 hexadecimal digits of its sha256."""
    return hashlib.sha256(sequence.encode()).hexdigest()[:16]


def check_odd(table: pd.DataFrame, source: Source) -> None:
    """Raise InputError for sequences that hold what is no residue."""
    where, line = place_of_sequences(table, source)
    refuse_odd(where, table["sequence"], table[line], fasta=line != "line")


def check_words(table: pd.DataFrame, source: Source) -> None:
    """Raise InputError for sequences that are words, such as NA, or codes of three letters."""
    where, line = place_of_sequences(table, source)
    refuse_words(where, table["sequence"], table[line])


def check_sequences(table: pd.DataFrame, path: Path | str, cut: Sequence[int] | None) -> None:
    """Raise InputError for sequences of which nothing is within the slice."""
    if (bad := table["sequence"] == "").any():
        problem = f"sequence is empty within slice {cut}" if cut else "sequence is empty"
        refuse(path, problem, table["line"][bad], table["sequence"][bad], "take these rows out")


def read_proteins(
    table: pd.DataFrame,
    used: pd.Series,
    source: Source,
    aligned: Sequence[str],
    faults: Faults,
) -> pd.DataFrame:
    """Return a table of text whose sequences hold no blanks, and how many there were as `blanks`;
    hand what is wrong with rows that are used [row] to `faults`.

    aligned: columns of one character per residue.
    """
    faults.collect(check_odd, table[used], source)
    faults.collect(check_words, table[used], source)
    return without_blanks(table, aligned)
