"""CARP, dilated convolutions after ByteNet (Yang, Fusi & Lu 2024), through sequence-models.

sequence-models builds the networks; the forward pass here is our own over their weights.
The last layer is the last block's output, before the decoder's LayerNorm, as in the library.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from plmbench.core.alphabet import LETTERS, MASK
from plmbench.core.errors import UNBUILDABLE, InputError
from plmbench.hardware.matmul import Product, summed
from plmbench.models.blocks import Blocks
from plmbench.models.checkpoints import load_checkpoint
from plmbench.models.families import Hook
from plmbench.models.groups import Groups
from plmbench.models.loading import TakingOver
from plmbench.models.refusals import require_keys, unbuildable
from plmbench.models.tokens import Tokenizer

if TYPE_CHECKING:
    from sequence_models.convolutional import ByteNetBlock, MaskedConv1d
    from sequence_models.pretrained import CARP

# Our names for the settings that sequence-models keeps in a checkpoint.
ARCHITECTURE = {
    "embedding_size": "d_embed",
    "hidden_size": "d_model",
    "num_layers": "n_layers",
    "kernel_size": "kernel_size",
    "activation": "activation",
    "slim": "slim",
    "dilation": "r",
}


class Network(nn.Module):
    """A network with the parameter names of sequence-models, built without the library's loader,
    whose imports (pandas, scipy) would cost each job a second."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        from sequence_models.constants import MASK as LIBRARY_MASK
        from sequence_models.constants import PAD, PROTEIN_ALPHABET
        from sequence_models.convolutional import ByteNetLM

        super().__init__()
        self.pad_idx = PROTEIN_ALPHABET.index(PAD)
        sizes = [settings[key] for key in ("d_embed", "d_model", "n_layers", "kernel_size", "r")]
        self.model = ByteNetLM(
            *(len(PROTEIN_ALPHABET), *sizes),
            padding_idx=PROTEIN_ALPHABET.index(LIBRARY_MASK),  # as the library's loader has it
            causal=False,
            dropout=0.0,
            final_ln=True,
            slim=settings["slim"],
            activation=settings["activation"],
        )
        self.model.load_state_dict(settings["model_state_dict"])


class Convolution:
    """A dilated convolution, as products of each residue and of its pairs of neighbours.

    Faster than torch's own at these sizes, for nothing is padded, and a pair that lies outside of
    the longest sequence costs no time.
    """

    def __init__(self, conv: "MaskedConv1d", matmul: type[Product]) -> None:
        """conv: an nn.Conv1d of an odd number of taps, with a bias, that keeps the length."""
        taps = conv.weight.unbind(2)  # each [out, in]
        (self.dilation,) = conv.dilation
        middle = len(taps) // 2
        self.middle, self.dtype = matmul(taps[middle], conv.bias), matmul.dtype
        zeros = torch.zeros_like(conv.bias)
        self.pairs = [
            matmul(torch.cat([taps[middle - i], taps[middle + i]], 1), zeros)  # [out, 2 * in]
            for i in range(1, middle + 1)
        ]

    def __call__(self, x: Tensor, groups: Groups) -> Tensor:
        """Return states float32 [token, out], the taps' sum, from [token, in]."""
        x = x.to(self.dtype)  # once, before neighbours are copied
        states = summed(self.middle(x))  # [token, out]
        padded = groups.with_zeros(x)  # [token + 1, in]
        for i, pair in enumerate(self.pairs, start=1):
            offset = i * self.dilation
            if offset < groups.longest:
                neighbours = padded.index_select(0, groups.neighbours(offset))  # [token * 2, in]
                states = pair.added(neighbours.view(len(x), -1), states)  # [token, out]
        return states


class Block:
    """A block of ByteNet: narrow, convolve, widen, each after LayerNorm and activation."""

    def __init__(self, block: "ByteNetBlock", matmul: type[Product]) -> None:
        self.first, self.activation, narrow, self.second, _ = block.sequence1
        self.third, _, widen = block.sequence2
        # Convolutions of one residue's width are products.
        self.narrow, self.widen = (
            matmul(part.conv.weight.squeeze(2), part.conv.bias) for part in (narrow, widen)
        )
        self.conv = Convolution(block.conv, matmul)

    def __call__(self, x: Tensor, groups: Groups) -> Tensor:
        """Return the states [token, hidden_size] after the block."""
        narrow = summed(self.narrow(self.activation(self.first(x))))  # [token, narrow]
        narrow = self.conv(self.activation(self.second(narrow)), groups)  # [token, narrow]
        return x + self.widen(self.activation(self.third(narrow)))  # [token, hidden_size]


class Carp:
    """A CARP network; no token but residues and padding."""

    def __init__(self, module: "Network | CARP") -> None:
        from sequence_models.constants import PROTEIN_ALPHABET

        self.module, self.embedder = module, module.model.embedder
        self.num_layers = len(self.embedder.layers)
        self.hidden_size = self.embedder.up_embedder.conv.out_channels
        self.blocks = Blocks(self.embedder.layers, Block)
        self.pack = self.blocks.pack
        # `#` is the library's own mask.
        tokens = {letter: PROTEIN_ALPHABET.index(letter) for letter in LETTERS + MASK}
        self.tokenize = Tokenizer(tokens, module.pad_idx)

    @classmethod
    def load(
        cls,
        name: str,
        checkpoint: str | Path,
        sha256: str | None = None,
        architecture: Mapping[str, Any] | None = None,
    ) -> tuple[Self, str]:
        """Read a checkpoint in sequence-models' layout; return the encoder and its sha256.

        `architecture` gives the settings that the study's partial checkpoints leave out.
        """
        data, digest = load_checkpoint(checkpoint, sha256)
        require_keys(checkpoint, data, ["model_state_dict"], "sequence-models' layout", name)
        stated = {ARCHITECTURE[key]: value for key, value in (architecture or {}).items()}
        settings = {**stated, **data}
        missing = [ours for ours, key in ARCHITECTURE.items() if key not in settings]
        if missing:
            raise InputError(
                f"checkpoint {checkpoint}: lacks {', '.join(missing)}; state what is missing under "
                f"architecture of model {name} in config/models.yaml"
            )
        try:
            with TakingOver():
                module = Network(settings)
        except UNBUILDABLE as error:
            raise unbuildable(checkpoint, "sequence-models", name, error) from error
        return cls(module), digest

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [sequence, token]. The padding index is `-`, so a gap would be padding."""
        return tokens != self.module.pad_idx

    def library_states(self, tokens: Tensor) -> dict[int, Tensor]:
        """Return {layer: [sequence, token, hidden_size]} of sequence-models' own forward pass."""
        from sequence_models.pretrained import CARP

        result = CARP(self.module.model)(tokens, repr_layers=range(self.num_layers + 1))
        return {0: result[0], **result["representations"]}

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)`: see `Encoder`."""
        self.embed_from(0, self.first_states(tokens), tokens, hook)

    def first_states(self, tokens: Sequence[Tensor]) -> list[Tensor]:
        """Return layer 0 of each group [sequence, token, hidden_size]."""
        return list(map(self.embedder._embed, tokens))

    def embed_from(
        self,
        start: int,
        states: Sequence[Tensor],
        tokens: Sequence[Tensor],
        hook: Hook,
        stop: int | None = None,
    ) -> None:
        """Call `hook(layer, states)` for layer `start` and those after it: see `Resumable`."""
        groups = Groups(tokens, self.module.pad_idx)
        x = groups.packed(states)  # [token, hidden_size]
        hook(start, groups.parts(x))
        for layer, block in self.blocks.between(start, stop):
            x = block(x, groups)  # [token, hidden_size]
            hook(layer, groups.parts(x))
