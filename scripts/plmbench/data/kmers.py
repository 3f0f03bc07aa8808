"""Likeness of sequences by the words that they share, where nothing aligns them."""

from collections.abc import Sequence

import numpy as np

from plmbench.core.alphabet import STANDARD

WORD = 3  # residues
BLOCK = 1000  # sequences whose words are in memory at a time: 8,000 float32 each
CODES = np.full(256, -1)
CODES[np.frombuffer(STANDARD.encode(), np.uint8)] = np.arange(len(STANDARD))


def words_in(sequences: Sequence[str]) -> np.ndarray:
    """Return which words of three residues are in each sequence, float32 [sequence, word], scaled
    to a length of 1; words with other letters than the twenty are left out."""
    found = np.zeros((len(sequences), len(STANDARD) ** WORD), np.float32)
    for row, sequence in zip(found, sequences, strict=True):
        codes = CODES[np.frombuffer(sequence.encode("ascii", "replace"), np.uint8)]
        if len(codes) < WORD:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(codes, WORD)  # [window, residue]
        windows = windows[(windows >= 0).all(1)]
        row[windows @ len(STANDARD) ** np.arange(WORD)] = 1
    lengths = np.sqrt(found.sum(1, keepdims=True))
    return np.divide(found, lengths, out=found, where=lengths > 0)


def likest(queries: Sequence[str], targets: Sequence[str]) -> np.ndarray:
    """Return the place of the target that shares most words with each query, as a cosine, int
    [query]; of equally like ones the first."""
    places = np.zeros(len(queries), np.int64)
    for start in range(0, len(queries), BLOCK):
        asked = words_in(queries[start : start + BLOCK])
        parts = [
            asked @ words_in(targets[at : at + BLOCK]).T for at in range(0, len(targets), BLOCK)
        ]
        # Rounded, so that a tie is one whatever the order of the sums.
        places[start : start + BLOCK] = np.concatenate(parts, axis=1).round(5).argmax(1)
    return places
