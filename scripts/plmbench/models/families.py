"""Protein language models behind one interface, `Encoder`, one module per family.

Another model of a known family is an entry of config/models.yaml. A new family is a module here
with a class that has the members of `Encoder` and a `load`, its table
config/families/<family>.yaml, and an entry. The table names the class, which is imported by that
name: a job imports the module of its own family alone, so that an edit of another one reruns
nothing.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from plmbench.core.errors import InputError
from plmbench.hardware.matmul import Product

Hook = Callable[[int, list[Tensor]], None]


class Encoder(Protocol):
    """A network that maps a sequence to one state per residue at each layer.

    Its class has a classmethod `load(name, checkpoint, **settings)`, which returns the encoder and
    the checkpoint's sha256. An encoder may have more:

    - `library_states(tokens)`, the library's own forward pass: see `backends`;
    - `decide(names, table)`, what its family's table says of each parameter: see `ablations`;
    - `facts`, a mapping: what a file of embeddings says of the network beside the usual;
    - `without_sites`, why poolings at sites and windows are not for it, "" where they are;
    - `one_by_one`, true where `embed` takes one group of tokens at a time.

    Where examples are no proteins, `tokenize` says of them what letters say of a protein: see
    `Tokenizing`.
    """

    module: nn.Module  # what an ablation rewrites
    num_layers: int  # blocks; layer 0 is the input embedding, so there are num_layers + 1 states
    hidden_size: int

    def tokenize(self, sequences: Sequence[str]) -> Tensor:
        """Return int64 [sequence, token], padded on the right; `#` is a masked residue."""

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool or int64 [sequence, token], how many residues each token holds: none, one,
        or several where tokens are pieces of a sequence.

        The only place that knows BOS, EOS and padding.
        """

    def pack(self, matmul: type[Product]) -> None:
        """Take the weights over into matrix products, after which `module` has none.

        For inference, and after an ablation, which rewrites the library's module.
        """

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)` layer by layer, with float32 [sequence, token, hidden_size]
        for each of the groups of tokens [sequence, token]."""


class Tokenizing(Protocol):
    """What turns examples that are no proteins into tokens. Where they may be too long it also has
    `longest`, and `cut(example, length)`: see `hub_texts`."""

    example: str  # on which a network is tried

    def __call__(self, sequences: Sequence[str], /) -> Tensor:
        """Return what a network is given of examples, [example, ...]."""

    def lengths(self, examples: Sequence[str], /) -> list[int]:
        """Return how many tokens of each example count."""


def lengths_of(encoder: Encoder, examples: Sequence[str]) -> list[int]:
    """Return how long each example is: the residues of a protein, or the tokens that count."""
    measure = getattr(encoder.tokenize, "lengths", None)
    return measure(examples) if measure else [len(example) for example in examples]


def example_for(encoder: Encoder, protein: str) -> str:
    """Return an example on which an encoder can be tried: this protein, or its own."""
    return getattr(encoder.tokenize, "example", protein)


class Resumable(Encoder, Protocol):
    """A network that also runs from the states of any layer on, as plmbench.perturb needs it."""

    def first_states(self, tokens: Sequence[Tensor]) -> list[Tensor]:
        """Return layer 0 of each group of tokens [sequence, token, hidden_size]."""

    def embed_from(
        self,
        start: int,
        states: Sequence[Tensor],
        tokens: Sequence[Tensor],
        hook: Hook,
        stop: int | None = None,
    ) -> None:
        """Call `hook(layer, states)` as `embed` does, for layer `start`, whose states are given,
        and those after it; the last one is `stop`, or the network's.

        The last layer may be after a norm that blocks do not see: nothing runs on from it.
        """


def encoder_class(encoder: str) -> Any:
    """Return the class `<module>.<class>` of this package; raises InputError where it is not."""
    module, _, name = encoder.partition(".")
    try:
        return getattr(import_module(f"plmbench.models.{module}"), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise InputError(
            f"encoder {encoder!r}: {error}; mend the family's file in config/families/"
        ) from error


def load_encoder(
    name: str,
    encoder: str,
    checkpoint: str | Path | None = None,
    *,
    num_layers: int | None = None,
    hidden_size: int | None = None,
    **settings: object,
) -> tuple[Encoder, str]:
    """Return the encoder of a catalogue entry, in evaluation mode, and its checkpoint's sha256.

    `encoder` is the class as the family's table names it, such as `esm.Esm2`; `checkpoint` is the
    path of the weights (None for a family without); `settings` are sha256 and architecture, where
    the entry has them. Raises InputError for a file that cannot be trusted or whose network is not
    the one that the entry describes.
    """
    loaded, digest = encoder_class(encoder).load(name, checkpoint, **settings)
    for size, expected in (("num_layers", num_layers), ("hidden_size", hidden_size)):
        found = getattr(loaded, size)
        if expected is not None and found != expected:
            raise InputError(
                f"checkpoint {checkpoint}: has {size} {found}, config/models.yaml says {expected} "
                f"for {name}; is it the file of another model?"
            )
    loaded.module.eval().requires_grad_(False)
    return loaded, digest
