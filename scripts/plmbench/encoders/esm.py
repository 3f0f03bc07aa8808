"""ESM-1 (Rives et al. 2021), ESM-1b and ESM-2 (Lin et al. 2023), through fair-esm.

fair-esm builds and loads the networks; the forward pass here walks their modules, because the
library's own computes attention weights and the language-model head, and keeps every layer. The
last layer of ESM-1b and ESM-2 is after the final LayerNorm, ESM-1's is not, as in the library.
"""

import torch
from torch.nn import functional

from plmbench.alphabet import MASK
from plmbench.checkpoints import load_checkpoint
from plmbench.errors import InputError

MASKED_IN_TRAINING = 0.15 * 0.8  # what token dropout makes up for: 15 % chosen, 80 % of them masked


def normalise(norm, x):
    """Apply a LayerNorm over the last axis; fair-esm's own ESM1LayerNorm takes seven passes."""
    return functional.layer_norm(x, norm.weight.shape, norm.weight, norm.bias, norm.eps)


def heads(x, count):
    """Return [sequence, token, dim] as [sequence, head, token, dim / head]."""
    return x.unflatten(2, (count, -1)).transpose(1, 2)


def attend(attention, x, padding):
    """Return self-attention of x [sequence, token, dim]; `padding` [sequence, token] or None."""
    count = attention.num_heads
    q, k, v = (attention.q_proj(x), attention.k_proj(x), attention.v_proj(x))
    if attention.bias_k is not None:  # ESM-1: one learned key and value, never padding
        ends = [bias.expand(len(x), 1, -1) for bias in (attention.bias_k, attention.bias_v)]
        k, v = torch.cat([k, ends[0]], 1), torch.cat([v, ends[1]], 1)
        padding = padding if padding is None else functional.pad(padding, (0, 1))
    q, k, v = heads(q, count), heads(k, count), heads(v, count)
    if attention.rot_emb:
        shape = q.shape  # the library's rotary embedding takes [sequence * head, token, dim / head]
        q, k = attention.rot_emb(q.flatten(0, 1), k.flatten(0, 1))
        q, k = q.view(shape), k.view(shape)
    keys = None if padding is None else ~padding[:, None, None]
    mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=keys)
    return attention.out_proj(mixed.transpose(1, 2).flatten(2))


class Esm1:
    """ESM-1: BOS but no EOS, sinusoidal positions, a bias key and value, no final LayerNorm."""

    version = "ESM-1"

    def __init__(self, module, alphabet):
        self.module, self.alphabet = module, alphabet
        self.convert = alphabet.get_batch_converter()
        self.layers, self.dim = len(module.layers), module.embed_tokens.embedding_dim

    @classmethod
    def load(cls, name, checkpoint, sha256=None):
        """Read a checkpoint in fair-esm's layout; return the encoder and its sha256."""
        from esm.pretrained import load_model_and_alphabet_core

        data, digest = load_checkpoint(checkpoint, sha256)
        # The library tells ESM-2 by a name that starts with `esm2`.
        kind = cls.version.lower().replace("-", "")
        try:
            # Contact heads are files of their own (None): no embedding passes through them.
            module, alphabet = load_model_and_alphabet_core(kind, data, None)
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise InputError(
                f"checkpoint {checkpoint}: fair-esm cannot load it as {cls.__name__} "
                f"({type(error).__name__}: {error}); is the family of model {name} right?"
            ) from error
        if (found := getattr(module, "model_version", Esm2.version)) != cls.version:
            raise InputError(
                f"checkpoint {checkpoint}: is an {found} network, not {cls.version}; "
                f"mend the family of model {name} in config/models.yaml"
            )
        if not any("contact_head" in key for key in data["model"]):
            # The library leaves it at random, and the ledger of an ablation would differ by run.
            for parameter in module.contact_head.parameters():
                torch.nn.init.zeros_(parameter)
        return cls(module, alphabet), digest

    def tokenize(self, sequences):
        """Return int64 [sequence, token] with BOS, and EOS where the family has one."""
        return self.convert([("", s.replace(MASK, "<mask>")) for s in sequences])[2]

    def residues(self, tokens):
        """Return bool [sequence, token], false at BOS, EOS and padding."""
        special = [self.alphabet.cls_idx, self.alphabet.eos_idx, self.alphabet.padding_idx]
        return ~torch.isin(tokens, torch.tensor(special, device=tokens.device))

    def input_states(self, tokens, padding):
        """Return layer 0, [sequence, token, dim]."""
        return self.token_states(tokens, padding) + self.module.embed_positions(tokens)

    def output_states(self, x):
        """Return the last layer from the last block's states."""
        return x

    def token_states(self, tokens, padding):
        """Return scaled token embeddings; with token dropout, masked ones are zero and the rest is
        scaled to what the network saw in training."""
        x = self.module.embed_scale * self.module.embed_tokens(tokens)
        if self.token_dropout:
            masked = tokens == self.alphabet.mask_idx
            share = masked.sum(1) / (~padding).sum(1)
            x = x.masked_fill(masked.unsqueeze(-1), 0.0)
            x = x * ((1 - MASKED_IN_TRAINING) / (1 - share))[:, None, None]
        return x

    @property
    def token_dropout(self):
        """Tell whether the network was trained with token dropout."""
        return getattr(self.module.args, "token_dropout", False)

    def embed(self, tokens, sink):
        """Hand each layer's states [sequence, token, dim] to `sink`."""
        padding = tokens == self.alphabet.padding_idx
        x = self.input_states(tokens, padding)
        sink(0, x)
        padding = padding if padding.any() else None
        for layer, block in enumerate(self.module.layers, start=1):
            x = x + attend(block.self_attn, normalise(block.self_attn_layer_norm, x), padding)
            hidden = functional.gelu(block.fc1(normalise(block.final_layer_norm, x)))
            x = x + block.fc2(hidden)
            sink(layer, self.output_states(x) if layer == self.layers else x)


class Esm1b(Esm1):
    """ESM-1b: learned positions, LayerNorm before the first block and after the last one."""

    version = "ESM-1b"

    def input_states(self, tokens, padding):
        """Return layer 0, [sequence, token, dim]; padding is zero."""
        x = super().input_states(tokens, padding)
        if self.module.emb_layer_norm_before:
            x = normalise(self.module.emb_layer_norm_before, x)
        return x.masked_fill(padding.unsqueeze(-1), 0.0)

    def output_states(self, x):
        """Return the last layer: the final LayerNorm of the last block's states."""
        return normalise(self.module.emb_layer_norm_after, x)


class Esm2(Esm1b):
    """ESM-2: rotary positions within attention, no LayerNorm before the first block."""

    version = "ESM-2"

    def input_states(self, tokens, padding):
        """Return layer 0, [sequence, token, dim]; padding is zero."""
        return self.token_states(tokens, padding).masked_fill(padding.unsqueeze(-1), 0.0)

    @property
    def token_dropout(self):
        """Tell whether the network was trained with token dropout."""
        return self.module.token_dropout
