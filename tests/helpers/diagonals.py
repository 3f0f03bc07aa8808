"""Likeness without gaps, in numpy: a check of the pretraining proteins that needs no MMseqs2."""

import numpy as np

from plmbench.core.alphabet import STANDARD

WORD = 5
END = len(STANDARD)  # stands for any other letter, and between two proteins
CODES = np.full(256, END, dtype=np.int64)
CODES[np.frombuffer(STANDARD.encode(), dtype=np.uint8)] = np.arange(END)


def codes_of(sequence):
    """Return the letters [position] as numbers."""
    return CODES[np.frombuffer(sequence.encode(), dtype=np.uint8)]


def words_of(codes):
    """Return a number for each word of five letters [start], -1 where one is none of the twenty."""
    windows = np.lib.stride_tricks.sliding_window_view(codes, WORD)
    numbers = windows @ END ** np.arange(WORD)
    return np.where((windows == END).any(axis=1), -1, numbers)


class Diagonals:
    """Proteins, searched for stretches that look like another sequence without a gap."""

    def __init__(self, proteins):
        self.codes = np.concatenate([np.append(codes_of(protein), END) for protein in proteins])
        self.starts = np.cumsum([0, *(len(protein) + 1 for protein in proteins)])
        words = words_of(np.append(self.codes, [END] * (WORD - 1)))
        self.order = np.argsort(words, kind="stable")
        self.words = words[self.order]

    def shared(self, sequence):
        """Return (protein, shift) [pair] of all diagonals with at least three words in common."""
        words = words_of(codes_of(sequence))
        first = np.searchsorted(self.words, words, "left")
        counts = np.where(words < 0, 0, np.searchsorted(self.words, words, "right") - first)
        queried = np.repeat(np.arange(len(words)), counts)
        nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        found = self.order[np.repeat(first, counts) + nth]
        proteins = np.searchsorted(self.starts, found, "right") - 1
        shifts = found - self.starts[proteins] - queried
        pairs, times = np.unique([proteins, shifts], axis=1, return_counts=True)
        return pairs[:, times >= 3].T

    def identities(self, sequence, shortest):
        """Yield (protein, identity) of each such diagonal on which the two overlap by at least
        `shortest` residues: the part of the whole overlap that is identical."""
        codes = codes_of(sequence)
        for protein, shift in self.shared(sequence):
            other = self.codes[self.starts[protein] : self.starts[protein + 1] - 1]
            first, last = max(0, -shift), min(len(codes), len(other) - shift)
            if last - first >= shortest:
                same = codes[first:last] == other[first + shift : last + shift]
                yield protein, same.mean()
