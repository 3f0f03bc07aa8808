"""ESM-1 (Rives et al. 2021), ESM-1b and ESM-2 (Lin et al. 2023), through fair-esm.

fair-esm builds and loads the networks; the forward pass here is our own over their weights, because
the library's computes attention weights and the language-model head, keeps every layer, and pads.
The last layer of ESM-1b and ESM-2 is taken after the final LayerNorm, which ESM-1 lacks, as in the
library.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from plmbench.core.alphabet import LETTERS, MASK
from plmbench.core.errors import UNBUILDABLE, InputError
from plmbench.hardware.attention import Padding, attention
from plmbench.hardware.matmul import Product
from plmbench.models.blocks import Blocks
from plmbench.models.checkpoints import load_checkpoint
from plmbench.models.families import Hook
from plmbench.models.groups import Groups
from plmbench.models.loading import TakingOver
from plmbench.models.refusals import require_keys, unbuildable
from plmbench.models.tokens import Tokenizer

if TYPE_CHECKING:
    from esm import ESM2, Alphabet, ProteinBertModel
    from esm.modules import TransformerLayer

Rotation = Callable[[Tensor], Tensor]
MASKED_IN_TRAINING = 0.15 * 0.8  # what token dropout makes up for: 15 % chosen, 80 % of them masked


def normalise(norm: nn.LayerNorm, x: Tensor) -> Tensor:
    """Apply a LayerNorm over the last axis of x [..., hidden_size]; fair-esm's own takes seven
    passes."""
    return functional.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, norm.eps)


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Return x [..., token, head_dim] rotated in the planes of dimensions i and i + head_dim / 2.

    cos, sin: float32 [token, head_dim / 2] of the angles. The arithmetic is float32; what is kept
    is in x's precision.
    """
    half = x.shape[-1] // 2
    first, second, cosines = x[..., :half], x[..., half:], cos.repeat(1, 2)  # [token, head_dim]
    if x.dtype == cos.dtype:
        turned = x * cosines
        turned[..., :half] -= second * sin  # as fair-esm rounds
        turned[..., half:] += first * sin
    else:
        # Written at once in few bits, where `x * cosines` would be float32 first.
        turned = torch.mul(x, cosines, out=torch.empty_like(x))
        turned[..., :half].addcmul_(second, sin, value=-1)
        turned[..., half:].addcmul_(first, sin)
    return turned


class Block:
    """A block of the transformer, LayerNorm first, as fair-esm's TransformerLayer."""

    def __init__(self, layer: "TransformerLayer", matmul: type[Product]) -> None:
        attention = layer.self_attn
        three = (attention.q_proj, attention.k_proj, attention.v_proj)
        weights = torch.cat([part.weight for part in three])  # [3 * hidden_size, hidden_size]
        self.qkv = matmul(weights, torch.cat([part.bias for part in three]))
        self.out = matmul(attention.out_proj.weight, attention.out_proj.bias)
        self.up = matmul(layer.fc1.weight, layer.fc1.bias, "gelu")
        self.down = matmul(layer.fc2.weight, layer.fc2.bias)
        self.norms = layer.self_attn_layer_norm, layer.final_layer_norm
        self.heads = attention.num_heads
        # ESM-1: one learned key and value beside those of the tokens.
        self.bias_kv = None if attention.bias_k is None else (attention.bias_k, attention.bias_v)

    def __call__(self, x: Tensor, groups: Groups, apply_rotary: Rotation) -> Tensor:
        """Return the states [token, hidden_size] after the block; `apply_rotary` adds positions to
        queries and keys."""

        def attend(part: Tensor, padding: Padding | None) -> Tensor:
            return self.attend(part, padding, apply_rotary)

        qkv = self.qkv(normalise(self.norms[0], x))  # [token, 3 * hidden_size]
        mixed = groups.one_by_one(attend, qkv)  # [token, hidden_size]
        x = x + self.out(mixed)
        hidden = self.up(normalise(self.norms[1], x))  # [token, intermediate_size]
        return x + self.down(hidden)  # [token, hidden_size]

    def attend(self, qkv: Tensor, padding: Padding | None, apply_rotary: Rotation) -> Tensor:
        """Return self-attention [sequence, token, hidden_size] of qkv [sequence, token,
        3 * hidden_size]."""
        # [3, sequence, head, token, head_dim]
        parts = qkv.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        (q, k), v = apply_rotary(parts[:2]), parts[2]  # each [sequence, head, token, head_dim]
        if self.bias_kv is not None:
            size = (len(q), self.heads, 1, q.shape[3])
            bias_k, bias_v = (
                part.view(1, self.heads, 1, -1).expand(size).to(k.dtype) for part in self.bias_kv
            )
            # [sequence, head, token + 1, head_dim]
            k, v = torch.cat([k, bias_k], 2), torch.cat([v, bias_v], 2)
        mixed = attention(q, k, v, padding)  # [sequence, head, token, head_dim]
        return mixed.transpose(1, 2).flatten(2)  # [sequence, token, hidden_size]


@contextmanager
def contacts_left_out() -> Iterator[None]:
    """Keep fair-esm from warning, in each job, that weights for contacts are not there."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Regression weights not found", UserWarning)
        yield


class Esm1:
    """ESM-1: BOS but no EOS, sinusoidal positions, a bias key and value, no final LayerNorm."""

    version: ClassVar[str] = "ESM-1"
    layout: ClassVar[tuple[str, ...]] = ("args", "model")  # keys of its checkpoints
    has_contact_head = False  # one that came with the checkpoint

    def __init__(self, module: "ProteinBertModel | ESM2", alphabet: "Alphabet") -> None:
        self.module, self.alphabet = module, alphabet
        self.num_layers, self.hidden_size = len(module.layers), module.embed_tokens.embedding_dim
        self.blocks = Blocks(module.layers, Block)
        self.pack = self.blocks.pack
        tokens = {letter: alphabet.get_idx(letter) for letter in LETTERS}
        self.tokenize = Tokenizer(
            tokens | {MASK: alphabet.mask_idx},
            alphabet.padding_idx,
            [alphabet.cls_idx] * alphabet.prepend_bos,
            [alphabet.eos_idx] * alphabet.append_eos,
        )
        self.special = [alphabet.cls_idx, alphabet.eos_idx, alphabet.padding_idx]

    @classmethod
    def load(cls, name: str, checkpoint: str | Path, sha256: str | None = None) -> tuple[Self, str]:
        """Read a checkpoint in fair-esm's layout; return the encoder and its sha256."""
        from esm.pretrained import load_model_and_alphabet_core

        data, digest = load_checkpoint(checkpoint, sha256)
        layout = f"fair-esm's layout of {cls.version}"
        require_keys(checkpoint, data, cls.layout, layout, name)
        # The library tells ESM-2 by a name that starts with `esm2`.
        kind = cls.version.lower().replace("-", "")
        try:
            # Contact heads are files of their own (None): no embedding passes through them.
            with TakingOver(), contacts_left_out():
                module, alphabet = load_model_and_alphabet_core(kind, data, None)
        except UNBUILDABLE as error:
            raise unbuildable(checkpoint, f"fair-esm as {cls.version}", name, error) from error
        if (found := getattr(module, "model_version", Esm2.version)) != cls.version:
            raise InputError(
                f"checkpoint {checkpoint}: is an {found} network, not {cls.version}; "
                f"mend the family of model {name} in config/models.yaml"
            )
        encoder = cls(module, alphabet)
        encoder.has_contact_head = any("contact_head" in key for key in data["model"])
        if not encoder.has_contact_head:
            # The library draws it at random: the ledger of an ablation would differ by run.
            for parameter in module.contact_head.parameters():
                torch.nn.init.zeros_(parameter)
        return encoder, digest

    def residues(self, tokens: Tensor) -> Tensor:
        """Return bool [sequence, token], false at BOS, EOS and padding."""
        return ~torch.isin(tokens, torch.tensor(self.special, device=tokens.device))

    def input_states(self, tokens: Tensor, padding: Tensor) -> Tensor:
        """Return layer 0, [sequence, token, hidden_size]; tokens, padding: [sequence, token]."""
        return self.token_states(tokens, padding) + self.module.embed_positions(tokens)

    def output_states(self, x: Tensor) -> Tensor:
        """Return the last layer [token, hidden_size] from the last block's states."""
        return x

    def apply_rotary(self, longest: int) -> Rotation:
        """Return the function that puts positions of up to `longest` tokens into queries and keys
        [..., token, head_dim]; ESM-1 and ESM-1b have none there."""
        return lambda queries_and_keys: queries_and_keys

    def token_states(self, tokens: Tensor, padding: Tensor) -> Tensor:
        """Return scaled token embeddings [sequence, token, hidden_size]; with token dropout, masked
        ones are zero and the rest is scaled to what the network saw in training."""
        x = self.module.embed_scale * self.module.embed_tokens(tokens)
        if self.token_dropout:
            masked = tokens == self.alphabet.mask_idx  # [sequence, token]
            share = masked.sum(1) / (~padding).sum(1)  # [sequence]
            x = x.masked_fill(masked.unsqueeze(-1), 0.0)
            x = x * ((1 - MASKED_IN_TRAINING) / (1 - share))[:, None, None]
        return x

    @property
    def token_dropout(self) -> bool:
        """Tell whether the network was trained with token dropout."""
        return getattr(self.module.args, "token_dropout", False)

    def library_states(self, tokens: Tensor) -> dict[int, Tensor]:
        """Return {layer: [sequence, token, hidden_size]} of fair-esm's own forward pass."""
        return self.module(tokens, repr_layers=range(self.num_layers + 1))["representations"]

    def embed(self, tokens: Sequence[Tensor], hook: Hook) -> None:
        """Call `hook(layer, states)`: see `Encoder`."""
        self.embed_from(0, self.first_states(tokens), tokens, hook)

    def contacts(self, sequence: str) -> Tensor:
        """Return [p, q], the probability that residues touch, as the library's contact head reads
        it from attention; before the weights are packed."""
        tokens = self.tokenize([sequence]).to(self.module.embed_tokens.weight.device)
        return self.module.predict_contacts(tokens)[0]

    def first_states(self, tokens: Sequence[Tensor]) -> list[Tensor]:
        """Return layer 0 of each group [sequence, token, hidden_size]."""
        return [self.input_states(group, group == self.alphabet.padding_idx) for group in tokens]

    def embed_from(
        self,
        start: int,
        states: Sequence[Tensor],
        tokens: Sequence[Tensor],
        hook: Hook,
        stop: int | None = None,
    ) -> None:
        """Call `hook(layer, states)` for layer `start` and those after it: see `Resumable`."""
        groups = Groups(tokens, self.alphabet.padding_idx)
        x = groups.packed(states)  # [token, hidden_size]
        hook(start, groups.parts(x))
        apply_rotary = self.apply_rotary(max(group.shape[1] for group in tokens))
        for layer, block in self.blocks.between(start, stop):
            x = block(x, groups, apply_rotary)  # [token, hidden_size]
            hook(layer, groups.parts(self.output_states(x) if layer == self.num_layers else x))


class Esm1b(Esm1):
    """ESM-1b: learned positions, LayerNorm before the first block and after the last one."""

    version: ClassVar[str] = "ESM-1b"

    def input_states(self, tokens: Tensor, padding: Tensor) -> Tensor:
        """Return layer 0, [sequence, token, hidden_size]; padding is zero."""
        x = super().input_states(tokens, padding)
        if self.module.emb_layer_norm_before:
            x = normalise(self.module.emb_layer_norm_before, x)
        return x.masked_fill(padding.unsqueeze(-1), 0.0)

    def output_states(self, x: Tensor) -> Tensor:
        """Return the last layer [token, hidden_size]: the final LayerNorm of the last block's."""
        return normalise(self.module.emb_layer_norm_after, x)


class Esm2(Esm1b):
    """ESM-2: rotary positions within attention, no LayerNorm before the first block."""

    version: ClassVar[str] = "ESM-2"
    layout: ClassVar[tuple[str, ...]] = ("cfg", "model")

    def __init__(self, module: "ProteinBertModel | ESM2", alphabet: "Alphabet") -> None:
        super().__init__(module, alphabet)
        self.frequencies: Tensor = module.layers[0].self_attn.rot_emb.inv_freq  # [head_dim / 2]

    def input_states(self, tokens: Tensor, padding: Tensor) -> Tensor:
        """Return layer 0, [sequence, token, hidden_size]; padding is zero."""
        return self.token_states(tokens, padding).masked_fill(padding.unsqueeze(-1), 0.0)

    def apply_rotary(self, longest: int) -> Rotation:
        """Return the rotation of queries and keys by their positions."""
        frequencies = self.frequencies.to(self.module.embed_tokens.weight.device)
        positions = torch.arange(longest, device=frequencies.device).type_as(frequencies)
        angles = torch.outer(positions, frequencies)  # [token, head_dim / 2]
        cos, sin = angles.cos(), angles.sin()
        return lambda x: rotated(x, cos[: x.shape[-2]], sin[: x.shape[-2]])

    @property
    def token_dropout(self) -> bool:
        """Tell whether the network was trained with token dropout."""
        return self.module.token_dropout
