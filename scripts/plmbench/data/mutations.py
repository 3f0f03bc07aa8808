"""Sites of mutation: the positions at which a data set's sequences differ from its wild type.

A wild type goes through the checks that sequences go through, and must be one of theirs: at a
position where another letter is common its own letter stands in some of them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from plmbench.core.alphabet import LETTERS, MASK, NONSTANDARD
from plmbench.core.errors import InputError
from plmbench.data.fasta import Record
from plmbench.data.residues import sequence_records
from plmbench.data.text_files import SHOWN

COLUMNS = ("site", "wild_type", "residues")
HARDLY = 0.01  # of the sequences: fewer do not show that a letter is the wild type's
COMMON = 1 / 3  # of the sequences: another letter that is more than one of many that were tried
FEW = 20  # different sequences; of fewer, all may descend from one mutant
APART = "take wild_type out of the data set's entry"
ALIGNED = "positions can only be compared without insertions and deletions"


def only_record(path: Path | str) -> Record:
    """Return the record of a FASTA file with one protein; raises InputError for a second one, and
    for one without sequence."""
    record, *others = sequence_records(path)
    if others:
        raise InputError(
            f"{path}: line {others[0].line}: a second record; a data set has one wild type: leave "
            "the one that its sequences are variants of"
        )
    if not record.text:
        raise InputError(f"{path}: line {record.line}: a record without sequence; add it")
    return record


def letter_problem(text: str, policy: str) -> tuple[int, str] | None:
    """Return the place of the first letter of a wild type that its sequences might not have, and
    what would be right; None where there is none."""
    for match in NONSTANDARD.finditer(text):
        if match[0].islower():
            return match.start(), "write the wild type in upper case"
        if policy != "mask":
            last = match[0] == "*" and match.end() == len(text)
            return match.start(), "take the stop off its end" if last else "mend it"
    return None


def read_wild_type(path: Path | str, cut: Sequence[int] | None, policy: str = "error") -> str:
    """Return the sequence of a FASTA file with one record, within the data set's `slice`.

    policy: the data set's nonstandard_residues; under `mask` a residue that not every family knows
    is masked, as it is in the sequences. Raises InputError for other letters.
    """
    start, stop = cut or (0, None)
    record = only_record(path)
    text = record.text[start:stop]
    if problem := letter_problem(text, policy):
        place, remedy = problem
        raise InputError(
            f"{path}: line {record.line}: the wild type has {text[place]!r} at position "
            f"{start + place + 1}, which is none of {LETTERS}; {remedy}"
        )
    return NONSTANDARD.sub(MASK, text)


def listed(items: Sequence[str]) -> str:
    """Return the first items as text, and how many more there are."""
    more = f" and {len(items) - SHOWN:,} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more


def check_lengths(rows: pd.DataFrame, wild_type: str) -> None:
    """Raise InputError that names the rows whose sequences have another length than the wild
    type's."""
    lengths = rows["sequence"].str.len()
    odd = rows[lengths != len(wild_type)]
    if odd.empty:
        return
    path = odd["file"].iloc[0]
    places = zip(odd["file"], odd["line"], lengths[odd.index], strict=True)
    named = listed([f"line {line} ({length:,})" for file, line, length in places if file == path])
    remedy = f"{ALIGNED}: {APART}, or mend its slice"
    if len(odd) * 2 < len(rows):
        remedy = f"{ALIGNED}: take these rows out, or {APART}"
    if wild_type.endswith(MASK) and (lengths == len(wild_type) - 1).all():
        remedy = f"take the stop at its end, position {len(wild_type):,}, off"
    raise InputError(
        f"the wild type has {len(wild_type):,} residues, {len(odd):,} of {len(rows):,} sequences "
        f"another number: {path}: {named}; {remedy}"
    )


def unseen_letters(sequences: Sequence[str], wild_type: str) -> list[tuple[int, str, str]]:
    """Return (site, the wild type's letter, the commonest one) where hardly any sequence has the
    wild type's letter, and many have the same other one.

    In a library that tries many letters at a site none of them is common, and the wild type's may
    be missing by chance.
    """
    letters = np.frombuffer("".join(sequences).encode("ascii"), np.uint8)
    letters = letters.reshape(len(sequences), -1)  # [sequence, site]
    own = (letters == np.frombuffer(wild_type.encode("ascii"), np.uint8)).mean(0)  # [site]
    found = []
    for site in np.flatnonzero(own <= HARDLY).tolist():
        counts = np.bincount(letters[:, site])  # [letter]
        if counts.max() >= COMMON * len(sequences):
            found.append((site, wild_type[site], chr(counts.argmax())))
    return found


def check_kinship(sequences: Sequence[str], wild_type: str, start: int = 0) -> None:
    """Raise InputError for a wild type whose variants these sequences cannot be.

    A wild type that stands among the sequences is the right one. start: of the slice.
    """
    if wild_type in sequences:
        return
    unseen = unseen_letters(sequences, wild_type)
    if len(unseen) <= (0 if len(sequences) >= FEW else len(wild_type) // 2):
        return
    named = [f"{start + i + 1} ({own}, commonest {other})" for i, own, other in unseen]
    raise InputError(
        f"hardly any of {len(sequences):,} sequences has the wild type's letter at {len(unseen):,} "
        f"of {len(wild_type):,} positions: {listed(named)}; these are variants of another protein, "
        f"or of a mutant: give that one, or {APART}"
    )


def sites_of(sequences: Iterable[str], wild_type: str) -> pd.DataFrame:
    """Return a table of site (counted from 0), wild_type, and residues (all that stand there), of
    sequences of the wild type's length."""
    columns = [set(column) for column in zip(*sequences, strict=True)]
    rows = [
        (site, original, "".join(sorted(residues)))
        for site, (original, residues) in enumerate(zip(wild_type, columns, strict=True))
        if residues != {original}
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_sites(
    path: Path | str | None,
    rows: pd.DataFrame,
    cut: Sequence[int] | None = None,
    policy: str = "error",
) -> pd.DataFrame:
    """Return `sites_of` for a wild type in a FASTA file; an empty table where path is None.

    rows: sequence, file, line of each row of a data set; cut, policy: its slice and its
    nonstandard_residues. Raises InputError for a wild type that cannot be theirs.
    """
    if path is None:
        return pd.DataFrame(columns=COLUMNS)
    wild_type = read_wild_type(path, cut, policy)
    rows = rows.drop_duplicates("sequence")
    sequences = rows["sequence"].tolist()
    try:
        check_lengths(rows, wild_type)
        check_kinship(sequences, wild_type, cut[0] if cut else 0)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return sites_of(sequences, wild_type)
