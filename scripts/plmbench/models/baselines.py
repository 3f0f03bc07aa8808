"""Representations without a network: what the letters of a sequence say by themselves."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from plmbench.core.alphabet import LETTERS, MASK, STANDARD
from plmbench.hardware.matmul import Product
from plmbench.models.families import Hook
from plmbench.models.tokens import Tokenizer

OTHER, PADDING = len(STANDARD), len(STANDARD) + 1
BLOCK = 128  # matrices of a random projection that are drawn at once
WINDOW = 9  # letters around a residue that random features see
KEPT_BLOCKS = 32  # of them stay in memory: the first 4,096 positions


class Letters:
    """What all share: tokens are letters, there is no checkpoint, and layer 0 is the only one."""

    num_layers, hidden_size = 0, len(STANDARD)

    def __init__(self) -> None:
        self.module = nn.Module()
        codes = dict.fromkeys(LETTERS + MASK, OTHER)
        codes |= {letter: code for code, letter in enumerate(STANDARD)}
        self.tokenize = Tokenizer(codes, PADDING)

    @classmethod
    def load(cls, name: str, checkpoint: None, **settings: Any) -> tuple[Self, str]:
        """Return the encoder; there is no checkpoint to read."""
        return cls(**settings), ""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [sequence, token]."""
        return tokens != PADDING

    def pack(self, matmul: type[Product]) -> None:
        """There are no weights to pack."""

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return the layers, each float32 [sequence, token, hidden_size]."""
        raise NotImplementedError

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)`: see `Encoder`."""
        layers = zip(*map(self.states, tokens), strict=True)
        for layer, states in enumerate(layers):
            hook(layer, list(states))


def one_hot(tokens: Tensor) -> Tensor:
    """Return float32 [sequence, token, 20]; zeros for padding and letters beyond the twenty."""
    return functional.one_hot(tokens, PADDING + 1)[..., : len(STANDARD)].float()


class OneHot(Letters):
    """Twenty numbers per position, of which one is 1: that of the letter."""

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return layer 0, float32 [sequence, token, 20]."""
        return [one_hot(tokens)]


def at_every_residue(values: Tensor, tokens: Tensor) -> Tensor:
    """Return a vector [sequence, width] at every token of its sequence [sequence, token, width]."""
    return values.unsqueeze(1).expand(-1, tokens.shape[1], -1).contiguous()


class Composition(Letters):
    """The share of each letter in the whole sequence, the same at each of its residues."""

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return layer 0, float32 [sequence, token, 20]."""
        lengths = self.residues(tokens).sum(1, keepdim=True)
        return [at_every_residue(one_hot(tokens).sum(1) / lengths, tokens)]


class Length(Letters):
    """The number of residues, the same at each of them."""

    hidden_size = 1

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return layer 0, float32 [sequence, token, 1]."""
        lengths = self.residues(tokens).sum(1, keepdim=True).float()
        return [at_every_residue(lengths, tokens)]


class RandomProjection(Letters):
    """One-hot through a random Gaussian matrix, as wide as a network's layers.

    Layer 0 projects the letter. Layer 1 has a matrix for each position, so that its mean over
    residues is a random projection of the whole flattened one-hot (Johnson & Lindenstrauss 1984).
    """

    num_layers, stream = 1, 0  # stream: of random numbers

    def __init__(self, architecture: Mapping[str, int]) -> None:
        super().__init__()
        self.hidden_size = architecture["hidden_size"]
        self.kept: dict[int, Tensor] = {}

    def matrices(self, block: int) -> Tensor:
        """Return float32 [matrix, letter, hidden_size] of a block; each matrix has a generator of
        its own, so that none depends on how many are drawn."""
        if block in self.kept:
            return self.kept[block]
        # zeros for letters beyond the twenty, and for padding
        matrices = torch.zeros(BLOCK, PADDING + 1, self.hidden_size)
        for i, matrix in enumerate(matrices, block * BLOCK):
            generator = np.random.Generator(np.random.PCG64([self.stream, i]))
            drawn = generator.standard_normal((OTHER, self.hidden_size), np.float32)
            matrix[:OTHER] = torch.from_numpy(drawn)
        if block < KEPT_BLOCKS:  # of the few longer proteins they are drawn anew
            self.kept[block] = matrices
        return matrices

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return layers 0 and 1, float32 [sequence, token, hidden_size]."""
        count = 1 + tokens.shape[1]  # matrix 0 is that of layer 0, and 1 + i that of position i
        everywhere = self.matrices(0)[0].to(tokens.device)[tokens]
        placed = torch.empty_like(everywhere)
        for start in range(0, count, BLOCK):
            matrices = self.matrices(start // BLOCK).to(tokens.device)
            used = torch.arange(max(start, 1), min(start + BLOCK, count), device=tokens.device)
            placed[:, used - 1] = matrices[used - start, tokens[:, used - 1]]
        return [everywhere, placed]


class RandomFeatures(RandomProjection):
    """One hidden layer of random weights over one-hot, as wide as a network's layers (Rahimi &
    Recht 2007): a nonlinear control that has no architecture.

    Layer 0 is max(0, W x + b) of the letters around each residue, WINDOW of them. Layer 1 is that
    of the whole sequence, flattened, the same at each residue. W and b are normal; W x is divided
    by the square root of the letters that it sums over.
    """

    stream = 1

    def __init__(self, architecture: Mapping[str, int]) -> None:
        super().__init__(architecture)
        generator = np.random.Generator(np.random.PCG64([2]))
        drawn = generator.standard_normal((2, self.hidden_size), np.float32)
        self.biases = torch.from_numpy(drawn)  # [layer, hidden_size]

    def hidden(self, sums: Tensor, letters: Tensor | int, layer: int) -> Tensor:
        """Return the hidden units of sums [..., hidden_size] over so many letters."""
        scale = torch.as_tensor(letters, dtype=torch.float32, device=sums.device).rsqrt()
        return (sums * scale + self.biases[layer].to(sums.device)).relu()

    def around(self, tokens: Tensor) -> Tensor:
        """Return sums float32 [sequence, token, hidden_size] over the letters around each token."""
        matrices, half = self.matrices(0).to(tokens.device), WINDOW // 2
        wide = functional.pad(tokens, (half, half), value=PADDING)
        sums = matrices[0][wide[:, : tokens.shape[1]]]
        for i in range(1, WINDOW):
            sums += matrices[i][wide[:, i : i + tokens.shape[1]]]
        return sums

    def whole(self, tokens: Tensor) -> Tensor:
        """Return sums float32 [sequence, hidden_size] over all letters, each by its position."""
        sums = torch.zeros(len(tokens), self.hidden_size, device=tokens.device)
        for start in range(0, WINDOW + tokens.shape[1], BLOCK):
            matrices = self.matrices(start // BLOCK).to(tokens.device)
            first, last = max(start, WINDOW), min(start + BLOCK, WINDOW + tokens.shape[1])
            for i in range(first, last):  # matrices below WINDOW are those of layer 0
                sums += matrices[i - start][tokens[:, i - WINDOW]]
        return sums

    def states(self, tokens: Tensor) -> list[Tensor]:
        """Return layers 0 and 1, float32 [sequence, token, hidden_size]."""
        lengths = self.residues(tokens).sum(1, keepdim=True)
        whole = self.hidden(self.whole(tokens), lengths, 1)
        return [self.hidden(self.around(tokens), WINDOW, 0), at_every_residue(whole, tokens)]
