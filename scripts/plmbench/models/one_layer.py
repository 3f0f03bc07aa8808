"""Representations of examples that are no proteins, without a network: one layer, no checkpoint."""

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from plmbench.hardware.matmul import Product
from plmbench.models.families import Hook, Tokenizing


class OneLayer:
    """An Encoder whose layer 0 is what its examples are turned into, [example, token, number]."""

    num_layers = 0

    def __init__(self, tokenize: Tokenizing, hidden_size: int) -> None:
        self.module = nn.Module()
        self.tokenize, self.hidden_size = tokenize, hidden_size

    @classmethod
    def load(cls, name: str, checkpoint: None, **settings: Any) -> tuple[Self, str]:
        """Return the encoder; there is no checkpoint to read."""
        return cls(**settings), ""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [example, token]: all of them count."""
        return torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)

    def pack(self, matmul: type[Product]) -> None:
        """There are no weights to pack."""

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(0, states)`: see `Encoder`."""
        hook(0, list(tokens))
