"""Representations without a network: what the letters of a sequence say by themselves."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from plmbench.core.alphabet import LETTERS, MASK, STANDARD
from plmbench.models.tokens import Tokenizer

OTHER, PADDING = len(STANDARD), len(STANDARD) + 1


class Letters:
    """What they share: tokens are letters, there is no checkpoint, and layer 0 is the only one.

    `states(tokens)` of each returns its layers [sequence, token, dim].
    """

    num_layers, hidden_size = 0, len(STANDARD)

    def __init__(self):
        self.module = nn.Module()
        codes = dict.fromkeys(LETTERS + MASK, OTHER)
        codes |= {letter: code for code, letter in enumerate(STANDARD)}
        self.tokenize = Tokenizer(codes, PADDING)

    @classmethod
    def load(cls, name, checkpoint, **settings):
        """Return the encoder; there is no checkpoint to read."""
        return cls(**settings), ""

    def residues(self, tokens):
        """Return bool [sequence, token]."""
        return tokens != PADDING

    def pack(self, product):
        """There are no weights to pack."""

    def embed(self, tokens, hook):
        """Call `hook(layer, states)`: see `Encoder`."""
        layers = zip(*map(self.states, tokens), strict=True)
        for layer, states in enumerate(layers):
            hook(layer, list(states))


def one_hot(tokens):
    """Return float32 [sequence, token, 20]; zeros for padding and letters beyond the twenty."""
    return functional.one_hot(tokens, PADDING + 1)[..., : len(STANDARD)].float()


class OneHot(Letters):
    """Twenty letters a position."""

    def states(self, tokens):
        """Return layer 0, float32 [sequence, token, 20]."""
        return [one_hot(tokens)]


def at_every_residue(values, tokens):
    """Return a sequence's vector [sequence, dim] at each of its tokens [sequence, token, dim]."""
    return values.unsqueeze(1).expand(-1, tokens.shape[1], -1).contiguous()


class Composition(Letters):
    """The share of each letter in the whole sequence, the same at each of its residues."""

    def states(self, tokens):
        """Return layer 0, float32 [sequence, token, 20]."""
        lengths = self.residues(tokens).sum(1, keepdim=True)
        return [at_every_residue(one_hot(tokens).sum(1) / lengths, tokens)]


class Length(Letters):
    """The number of residues, the same at each of them."""

    hidden_size = 1

    def states(self, tokens):
        """Return layer 0, float32 [sequence, token, 1]."""
        lengths = self.residues(tokens).sum(1, keepdim=True).float()
        return [at_every_residue(lengths, tokens)]


class RandomProjection(Letters):
    """One-hot through a random Gaussian matrix, as wide as a network's layers.

    Layer 0 projects the letter. Layer 1 has a matrix for each position, so that its mean over
    residues is a random projection of the whole flattened one-hot (Johnson & Lindenstrauss 1984).
    """

    num_layers = 1

    def __init__(self, architecture):
        super().__init__()
        self.hidden_size, self.table = architecture["hidden_size"], torch.empty(0)

    def matrices(self, count):
        """Return float32 [1 + position, token code, dim]; one generator a matrix, so that none
        depends on how many are drawn."""
        if len(self.table) < count:
            self.table = torch.zeros(
                count, PADDING + 1, self.hidden_size
            )  # zeros for all but the twenty
            for i, matrix in enumerate(self.table):
                generator = np.random.Generator(np.random.PCG64([0, i]))
                drawn = generator.standard_normal((OTHER, self.hidden_size), np.float32)
                matrix[:OTHER] = torch.from_numpy(drawn)
        return self.table

    def states(self, tokens):
        """Return layers 0 and 1, float32 [sequence, token, dim]."""
        table = self.matrices(1 + tokens.shape[1]).to(tokens.device)
        places = torch.arange(1, 1 + tokens.shape[1], device=tokens.device)
        return [table[0][tokens], table[places, tokens]]
