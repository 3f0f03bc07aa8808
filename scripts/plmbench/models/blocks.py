"""The blocks of a network: over the library's weights, or with these taken over into products."""

from plmbench.hardware.matmul import Product


class Blocks:
    """Iterates over the blocks of a network, first to last."""

    def __init__(self, layers, kind):
        """layers: the library's nn.ModuleList; kind: the family's block (layer, product)."""
        self.layers, self.kind, self.packed = layers, kind, []

    def pack(self, product):
        """Take the weights over into products, layer by layer, and let go of the library's."""
        while len(self.layers):
            self.packed.append(self.kind(self.layers[0], product))
            del self.layers[0]

    def __iter__(self):
        """Yield packed blocks, or ones over the library's weights as they are just now."""
        return iter(self.packed or [self.kind(layer, Product) for layer in self.layers])
