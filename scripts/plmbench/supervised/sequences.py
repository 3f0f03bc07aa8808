"""The sequences of a data set, where a method asks for them in the place of an embedding file.

The features of an example are its position: of its sequence, or for a residue task of its residue
among those of all sequences, one sequence after the other.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError

CODES = np.full(256, len(STANDARD), np.uint8)  # of letters beyond the twenty
CODES[np.frombuffer(STANDARD.encode(), np.uint8)] = np.arange(len(STANDARD))
ONE_HOT = np.eye(len(STANDARD) + 1, len(STANDARD), dtype=np.float32)  # [code, letter]


class Sequences:
    """Sequences by id. It has what `probe.examples` asks of an embedding file, and nothing is ever
    cut or left out."""

    attributes: dict[str, Any] = {"max_length": 0, "long_sequences": "error"}  # noqa: RUF012
    width = len(STANDARD)

    def __init__(
        self, table: pd.DataFrame, path: Path | str = "sequences", device: Any = "cpu"
    ) -> None:
        """table: id and sequence, of distinct sequences; path: of the file that they are from;
        device: of torch, on which a network computes."""
        self.path, self.device, self.dropped = path, device, set[str]()
        self.texts: list[str] = table["sequence"].tolist()
        self.positions = {name: i for i, name in enumerate(table["id"])}
        self.lengths = np.array([*map(len, self.texts)], np.int64)  # [sequence]
        self.offsets = np.concatenate([[0], np.cumsum(self.lengths)])  # [sequence + 1]

    @classmethod
    def read(cls, path: Path | str, device: Any = "cpu") -> "Sequences":
        """Return the Sequences of a table that the rule `sequences` wrote."""
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
        return cls(table, path, device)

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Return the positions of these ids, int64 [id]; raises InputError for an unknown one."""
        ids = list(ids)
        if missing := [name for name in ids if name not in self.positions]:
            raise InputError(
                f"{self.path}: {len(missing):,} labelled sequence(s) are not there, the first is "
                f"{missing[0]}; delete the file and run again"
            )
        return np.array([self.positions[name] for name in ids], np.int64)

    def spans(self, ids: Iterable[str]) -> list[tuple[int, int]]:
        """Return where the residues of these sequences stand, [start, stop) pairs."""
        return [(self.offsets[row], self.offsets[row + 1]) for row in self.rows(ids)]

    def codes(self, row: int) -> np.ndarray:
        """Return the letters of a sequence, uint8 [residue]: 0 to 19, or 20 beyond the twenty."""
        return CODES[np.frombuffer(self.texts[row].encode("ascii", "replace"), np.uint8)]

    def of(self, row: int) -> np.ndarray:
        """Return a sequence one-hot, float32 [residue, 20]; zeros for letters beyond the twenty."""
        return ONE_HOT[self.codes(row)]
