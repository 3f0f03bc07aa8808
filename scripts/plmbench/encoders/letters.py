"""Representations without a network: what the letters of a sequence say by themselves."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from plmbench.alphabet import STANDARD

OTHER, PADDING = len(STANDARD), len(STANDARD) + 1


class Letters:
    """What they share: tokens are letters, there is no checkpoint, and layer 0 is the only one."""

    layers, dim = 0, len(STANDARD)

    def __init__(self):
        self.module = nn.Module()

    @classmethod
    def load(cls, name, checkpoint, **settings):
        """Return the encoder; there is no checkpoint to read."""
        return cls(**settings), ""

    def tokenize(self, sequences):
        """Return int64 [sequence, token], padded on the right."""
        codes = [torch.tensor([STANDARD.find(c) for c in sequence]) for sequence in sequences]
        codes = [torch.where(code < 0, OTHER, code) for code in codes]
        return nn.utils.rnn.pad_sequence(codes, batch_first=True, padding_value=PADDING)

    def residues(self, tokens):
        """Return bool [sequence, token]."""
        return tokens != PADDING


def one_hot(tokens):
    """Return float32 [sequence, token, 20]; zeros for padding and letters beyond the twenty."""
    return functional.one_hot(tokens, PADDING + 1)[..., : len(STANDARD)].float()


class OneHot(Letters):
    """Twenty letters a position."""

    def embed(self, tokens, sink):
        """Hand float32 [sequence, token, 20] to `sink` as layer 0."""
        sink(0, one_hot(tokens))


def at_every_residue(values, tokens):
    """Return a sequence's vector [sequence, dim] at each of its tokens [sequence, token, dim]."""
    return values.unsqueeze(1).expand(-1, tokens.shape[1], -1).contiguous()


class Composition(Letters):
    """The share of each letter in the whole sequence, the same at each of its residues."""

    def embed(self, tokens, sink):
        """Hand float32 [sequence, token, 20] to `sink` as layer 0."""
        lengths = self.residues(tokens).sum(1, keepdim=True)
        sink(0, at_every_residue(one_hot(tokens).sum(1) / lengths, tokens))


class Length(Letters):
    """The number of residues, the same at each of them."""

    dim = 1

    def embed(self, tokens, sink):
        """Hand float32 [sequence, token, 1] to `sink` as layer 0."""
        lengths = self.residues(tokens).sum(1, keepdim=True).float()
        sink(0, at_every_residue(lengths, tokens))


class RandomProjection(Letters):
    """One-hot through a random Gaussian matrix, as wide as a network's layers.

    Layer 0 projects the letter. Layer 1 has a matrix for each position, so that its mean over
    residues is a random projection of the whole flattened one-hot (Johnson & Lindenstrauss 1984).
    """

    layers = 1

    def __init__(self, architecture):
        super().__init__()
        self.dim, self.table = architecture["d_model"], torch.empty(0)

    def matrices(self, count):
        """Return float32 [1 + position, token code, dim]; one generator a matrix, so that none
        depends on how many are drawn."""
        if len(self.table) < count:
            self.table = torch.zeros(count, PADDING + 1, self.dim)  # zeros for all but the twenty
            for i, matrix in enumerate(self.table):
                generator = np.random.Generator(np.random.PCG64([0, i]))
                drawn = generator.standard_normal((OTHER, self.dim), np.float32)
                matrix[:OTHER] = torch.from_numpy(drawn)
        return self.table

    def embed(self, tokens, sink):
        """Hand float32 [sequence, token, dim] to `sink` as layers 0 and 1."""
        table = self.matrices(1 + tokens.shape[1]).to(tokens.device)
        sink(0, table[0][tokens])
        sink(1, table[torch.arange(1, 1 + tokens.shape[1], device=tokens.device), tokens])
