"""Whose forward pass a network runs through: ours over packed weights, or the library's own.

The library's is the reference, several times slower on a CPU. A family without one runs through
ours in either case.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from plmbench.hardware.matmul import Product
from plmbench.models.families import Encoder, Hook


class Library:
    """An encoder whose forward pass is the library's, all layers of a group at once."""

    matmul, one_by_one = "library", True

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self.encoder, name)

    def pack(self, matmul: type[Product]) -> None:
        """Leave the weights where the library has them."""

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)` with states [sequence, token, hidden_size]: see `Encoder`."""
        states = [self.library_states(group) for group in tokens]
        for layer in range(self.num_layers + 1):
            hook(layer, [group[layer] for group in states])


def fast(encoder: Encoder) -> Encoder:
    """Return an encoder as it is."""
    return encoder


def reference(encoder: Encoder) -> Encoder:
    """Return an encoder that runs the library's forward pass, where there is one."""
    return Library(encoder) if hasattr(encoder, "library_states") else encoder


BACKENDS = {"fast": fast, "reference": reference}
