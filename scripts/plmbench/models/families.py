"""Protein language models behind one interface, a module a family.

Something new of a known family is an entry of config/models.yaml. A new family is one class with
the members of `Encoder` and a line in FAMILIES, and its rows in config/ablations.yaml.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from torch import Tensor, nn

from plmbench.core.errors import InputError
from plmbench.models.baselines import Composition, Length, OneHot, RandomProjection
from plmbench.models.carp import Carp
from plmbench.models.esm import Esm1, Esm1b, Esm2


class Encoder(Protocol):
    """A network that maps a sequence to one state a residue at each layer."""

    module: nn.Module  # what an ablation rewrites
    num_layers: int  # blocks; layer 0 is the input embedding, so there are num_layers + 1 states
    hidden_size: int

    def tokenize(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [sequence, token], padded on the right; `#` is a masked residue."""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [sequence, token], true where a token is a residue.

        The only place that knows BOS, EOS and padding.
        """

    def pack(self, product: type) -> None:
        """Take the weights over into products (see `products`), after which `module` has none.

        For inference, and after an ablation, which rewrites the library's module.
        """

    def embed(self, tokens: Sequence[Tensor], hook: Callable[[int, list[Tensor]], None]) -> None:
        """Call `hook(layer, states)` layer by layer, with float32 [sequence, token, dim] for each
        of the groups of tokens [sequence, token]."""


FAMILIES = {
    "onehot": OneHot,
    "composition": Composition,
    "length": Length,
    "random_projection": RandomProjection,
    "esm1": Esm1,
    "esm1b": Esm1b,
    "esm2": Esm2,
    "carp": Carp,
}


def load_encoder(name, family, checkpoint=None, num_layers=None, hidden_size=None, **settings):
    """Return the encoder of a catalogue entry, in evaluation mode, and its checkpoint's sha256.

    `checkpoint` is the path of the weights (None for a family without). Raises InputError for a
    file that cannot be trusted or whose network is not the one that the entry describes.
    """
    encoder, digest = FAMILIES[family].load(name, checkpoint, **settings)
    for what, expected in (("num_layers", num_layers), ("hidden_size", hidden_size)):
        found = getattr(encoder, what)
        if expected is not None and found != expected:
            raise InputError(
                f"checkpoint {checkpoint}: has {what} {found}, config/models.yaml says {expected} "
                f"for {name}; is it the file of another model?"
            )
    encoder.module.eval().requires_grad_(False)
    return encoder, digest
