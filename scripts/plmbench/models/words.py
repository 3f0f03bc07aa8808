"""Texts without a network: which words stand in them, and how often."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from plmbench.core.examples import unpacked_text
from plmbench.models.one_layer import OneLayer


class Counts:
    """Texts to counts of their words, by scikit-learn; each text is one token."""

    example = "a word"

    def __init__(self, width: int) -> None:
        """width: how many numbers a text has. Words fall into them by a hash, so that no word is
        known beforehand and none is learned from test."""
        from sklearn.feature_extraction.text import HashingVectorizer

        self.vectorizer = HashingVectorizer(n_features=width, alternate_sign=False)

    def lengths(self, lines: Sequence[str]) -> list[int]:
        """Return 1 for each text."""
        return [1] * len(lines)

    def __call__(self, sequences: Sequence[str]) -> Tensor:
        """Return float32 [text, 1, word]: counts, each text's divided by their norm."""
        counts = self.vectorizer.transform([unpacked_text(line) for line in sequences])
        return torch.from_numpy(counts.toarray()).float().unsqueeze(1)


class BagOfWords(OneLayer):
    """One vector per text: the counts of its words."""

    def __init__(self, architecture: Mapping[str, int]) -> None:
        width = architecture["hidden_size"]
        super().__init__(Counts(width), width)
