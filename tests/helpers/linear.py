"""A network whose derivative is known: each block mixes residues and directions by matrices."""

import numpy as np
import torch
from torch import nn

from plmbench.core.alphabet import STANDARD


class Linear:
    """Blocks h -> mix h turn', and the members of an encoder that perturbation asks for."""

    def __init__(self, blocks=3, residues=7, hidden_size=5, seed=0):
        draw = np.random.default_rng(seed)
        self.num_layers, self.hidden_size = blocks, hidden_size
        self.mix = torch.tensor(draw.normal(size=(blocks, residues, residues)), dtype=torch.float32)
        self.turn = torch.tensor(draw.normal(size=(blocks, hidden_size, hidden_size)))
        self.turn = self.turn.float()
        self.module = nn.Embedding(len(STANDARD), hidden_size).requires_grad_(False)
        self.module.weight.copy_(torch.tensor(draw.normal(size=(20, hidden_size))))

    def tokenize(self, sequences):
        return torch.tensor([[STANDARD.index(letter) for letter in text] for text in sequences])

    def residues(self, tokens):
        return torch.ones_like(tokens, dtype=torch.bool)

    def first_states(self, tokens):
        return [self.module(group) for group in tokens]

    def embed(self, tokens, hook):
        self.embed_from(0, self.first_states(tokens), tokens, hook)

    def embed_from(self, start, states, tokens, hook, stop=None):
        (x,) = states
        hook(start, [x])
        for block in range(start, self.num_layers if stop is None else stop):
            x = self.mix[block] @ x @ self.turn[block].T
            hook(block + 1, [x])

    def jacobian(self, start, stop):
        """Return how residues mix [q, p], and directions turn [out, in], between two layers."""
        mix, turn = torch.eye(self.mix.shape[1]), torch.eye(self.hidden_size)
        for block in range(start, stop):
            mix, turn = self.mix[block] @ mix, self.turn[block] @ turn
        return mix, turn
