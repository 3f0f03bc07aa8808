"""Sequences to tokens."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from plmbench.core.alphabet import MASK
from plmbench.core.errors import InputError

NO_MASK = "it masks no residues: set the data set's nonstandard_residues to drop"
NO_LETTER = "take the sequences that have it out of the data set, or another network"


class Tokenizer:
    """Maps letters to tokens by a table. The libraries' own tokenizers take a third of a small
    network's time."""

    def __init__(
        self,
        tokens: Mapping[str, int],
        padding: int,
        before: Sequence[int] = (),
        after: Sequence[int] = (),
    ) -> None:
        """tokens: {letter: token}; padding: the token that fills up; before, after: tokens to put
        around each sequence."""
        self.table = np.full(128, -1, np.int64)  # [letter's ASCII code]
        for letter, token in tokens.items():
            self.table[ord(letter)] = token
        self.padding, self.before, self.after = padding, list(before), list(after)

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [sequence, token], padded on the right.

        Raises InputError for a letter without a token.
        """
        first, around = len(self.before), len(self.before) + len(self.after)
        width = max(map(len, sequences)) + around
        rows = np.full((len(sequences), width), self.padding, np.int64)  # [sequence, token]
        for row, sequence in zip(rows, sequences, strict=True):
            codes = self.table[np.frombuffer(sequence.encode("ascii"), np.uint8)]  # [residue]
            if (codes < 0).any():
                letter = sequence[int((codes < 0).argmax())]
                raise InputError(
                    f"the network has no token for the letter {letter!r}; "
                    + (NO_MASK if letter == MASK else NO_LETTER)
                )
            row[:first] = self.before
            row[first : first + len(codes)] = codes
            row[first + len(codes) : around + len(codes)] = self.after
        return torch.from_numpy(rows)
