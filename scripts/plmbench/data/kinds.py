"""Kinds of examples, by their modality: how one is read, judged, told apart, and measured.

A new modality is a row here, one in core.modalities, and what turns its examples into tokens.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from plmbench.core.alphabet import NO_RESIDUE
from plmbench.core.examples import unpacked_text
from plmbench.core.modalities import IMAGE, MODALITIES, PROTEIN, TEXT
from plmbench.data.faults import Faults
from plmbench.data.images import check_twins, image_id, pixels_in, read_images
from plmbench.data.proteins import (
    apply_residue_policy,
    check_sequences,
    kept_by,
    read_proteins,
    sequence_id,
)
from plmbench.data.sources import Source
from plmbench.data.texts import check_texts, read_texts


def every_row(table: pd.DataFrame, policy: str) -> pd.Series:
    """Return that every row [row] is kept."""
    return pd.Series(True, table.index)


def unmasked(table: pd.DataFrame, policy: str) -> pd.DataFrame:
    """Return a table in which nothing is masked."""
    return table.assign(masked=0)


def filled(lines: pd.Series) -> pd.Series:
    """Return which examples [row] there are."""
    return lines != ""


def any_labels(table: pd.DataFrame, path: Path | str, task_type: str) -> None:
    """Let an example stand twice, with any labels."""


def nothing_more(table: pd.DataFrame, path: Path | str, cut: Sequence[int] | None) -> None:
    """Find nothing wrong with examples that were read."""


class Kind(NamedTuple):
    """One kind of examples. Tables have them in the column `sequence`, each as one line."""

    column: str  # of a CSV
    # (table, which rows are used, source, columns of a letter per residue, faults) -> table
    read: Callable[[pd.DataFrame, pd.Series, Source, Sequence[str], Faults], pd.DataFrame]
    check: Callable[[pd.DataFrame, Path | str, Sequence[int] | None], None]  # after a slice
    legible: Callable[[pd.Series], pd.Series]  # which ones are judged further
    kept_by: Callable[[pd.DataFrame, str], pd.Series]  # a policy on residues
    apply_policy: Callable[[pd.DataFrame, str], pd.DataFrame]
    identify: Callable[[str], str]
    measure: Callable[[pd.Series], pd.Series]  # residues, pixels, characters
    check_labels: Callable[[pd.DataFrame, Path | str, str], None] = any_labels


KINDS = {
    PROTEIN: Kind(
        MODALITIES[PROTEIN].column,
        read_proteins,
        check_sequences,
        lambda lines: ~lines.str.contains(NO_RESIDUE),
        kept_by,
        apply_residue_policy,
        sequence_id,
        lambda lines: lines.str.len(),
    ),
    IMAGE: Kind(
        MODALITIES[IMAGE].column,
        read_images,
        nothing_more,
        filled,
        every_row,
        unmasked,
        image_id,
        pixels_in,
        check_twins,
    ),
    TEXT: Kind(
        MODALITIES[TEXT].column,
        read_texts,
        check_texts,
        filled,
        every_row,
        unmasked,
        sequence_id,
        lambda lines: lines.map(unpacked_text).str.len(),
    ),
}
