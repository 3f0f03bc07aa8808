"""One-hot: twenty letters a position, the representation without a network."""

import torch
from torch import nn
from torch.nn import functional

from plmbench.datasets import STANDARD

OTHER, PADDING = len(STANDARD), len(STANDARD) + 1


class OneHot:
    """Layer 0 alone: a residue's letter as a unit vector; zeros for a letter beyond the twenty."""

    layers, dim = 0, len(STANDARD)

    def __init__(self):
        self.module = nn.Module()

    @classmethod
    def load(cls, name, checkpoint):
        """Return the encoder; there is no checkpoint to read."""
        return cls(), ""

    def tokenize(self, sequences):
        """Return int64 [sequence, token], padded on the right."""
        codes = [torch.tensor([STANDARD.find(c) for c in sequence]) for sequence in sequences]
        codes = [torch.where(code < 0, OTHER, code) for code in codes]
        return nn.utils.rnn.pad_sequence(codes, batch_first=True, padding_value=PADDING)

    def residues(self, tokens):
        """Return bool [sequence, token]."""
        return tokens != PADDING

    def embed(self, tokens, sink):
        """Hand float32 [sequence, token, 20] to `sink` as layer 0."""
        sink(0, functional.one_hot(tokens, PADDING + 1)[..., : self.dim].float())
