"""The blocks of a network: over the library's weights, or with these taken over into products."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Generic, TypeVar

from torch import nn

from plmbench.hardware.matmul import Product

B = TypeVar("B")


class Blocks(Generic[B]):
    """Iterates over the blocks of a network, first to last."""

    def __init__(self, layers: nn.ModuleList, block: Callable[[Any, type[Product]], B]) -> None:
        """layers: the library's blocks; block: the family's own, made of (layer, matmul)."""
        self.layers, self.block = layers, block
        self.packed: list[B] = []
        self.others: Sequence[Any] = ()  # in the place of the blocks

    def pack(self, matmul: type[Product]) -> None:
        """Take the weights over into products, layer by layer, and let go of the library's."""
        while len(self.layers):
            self.packed.append(self.block(self.layers[0], matmul))
            del self.layers[0]

    @contextmanager
    def replaced(self, others: Sequence[Callable[..., Any]]) -> Iterator[None]:
        """Have other functions stand in the place of the blocks, one for each."""
        self.others = others
        try:
            yield
        finally:
            self.others = ()

    def between(self, start: int, stop: int | None = None) -> Iterator[tuple[int, B]]:
        """Yield (layer, block) of the blocks after layer `start`, up to the one that makes layer
        `stop`."""
        return islice(enumerate(self, start=1), start, stop)

    def __iter__(self) -> Iterator[B]:
        """Yield packed blocks, or ones over the library's weights as they are just now."""
        packed = self.others or self.packed
        return iter(packed or [self.block(layer, Product) for layer in self.layers])
