"""Networks of the study's sizes, with random weights, and how much work they are."""

import argparse
from typing import NamedTuple

import torch
from torch import nn

from benchmarks.hub import HUB
from plmbench.models.carp import Carp
from plmbench.models.esm import Esm1, Esm1b, Esm2
from plmbench.pretrain.layouts import ARCHITECTURES, esm_arguments


def bert(family, kind, layers, dim, heads, **more):
    """Return an encoder of fair-esm's ProteinBertModel."""
    import esm

    arguments = esm_arguments(family, layers, dim, 4 * dim, heads)
    alphabet = esm.Alphabet.from_architecture(ARCHITECTURES[family])
    return kind(esm.ProteinBertModel(argparse.Namespace(**arguments, **more), alphabet), alphabet)


def esm1(layers, dim, heads):
    """Return an ESM-1 encoder."""
    return bert("esm1", Esm1, layers, dim, heads)


def esm1b(layers, dim, heads):
    """Return an ESM-1b encoder."""
    return bert("esm1b", Esm1b, layers, dim, heads, emb_layer_norm_before=True)


def esm2(layers, dim, heads):
    """Return an ESM-2 encoder."""
    import esm

    module = esm.ESM2(num_layers=layers, embed_dim=dim, attention_heads=heads)
    return Esm2(module, module.alphabet)


class Bare(nn.Module):
    """What an encoder needs of sequence-models' CARP, whose module imports pandas and scipy."""

    def __init__(self, model, pad_idx):
        super().__init__()
        self.model, self.pad_idx = model, pad_idx


def carp(layers, dim, heads, slim=True):
    """Return an encoder of a CARP; it has no heads."""
    from sequence_models.constants import MASK, PAD, PROTEIN_ALPHABET
    from sequence_models.convolutional import ByteNetLM

    tokens, mask = len(PROTEIN_ALPHABET), PROTEIN_ALPHABET.index(MASK)
    shape = {"activation": "gelu", "padding_idx": mask, "final_ln": True, "slim": slim}
    model = ByteNetLM(tokens, 8, dim, layers, 5, 128, **shape)
    return Carp(Bare(model, PROTEIN_ALPHABET.index(PAD)))


def carp_wide(layers, dim, heads):
    """Return an encoder of a CARP that convolves at its full width."""
    return carp(layers, dim, heads, slim=False)


class Network(NamedTuple):
    """A network's class and size."""

    build: object
    num_layers: int
    hidden_size: int
    num_heads: int = 0
    timed: tuple = ("mixed", "GB1", "long")  # the data that a card is timed on

    def encoder(self):
        """Return the encoder, from seed 0, in evaluation mode."""
        torch.manual_seed(0)
        encoder = self.build(self.num_layers, self.hidden_size, self.num_heads)
        encoder.module.eval().requires_grad_(False)
        return encoder

    def work(self, lengths):
        """Return the floating-point operations of the products that embeddings need, a multiply-add
        counting two: of the blocks and of attention, without the language model's head."""
        residues, squares = sum(lengths), sum(length**2 for length in lengths)
        if self.num_heads:
            return self.num_layers * (
                24 * self.hidden_size**2 * residues + 4 * self.hidden_size * squares
            )
        width = self.hidden_size if self.build is carp_wide else self.hidden_size // 2
        return self.num_layers * 2 * (2 * self.hidden_size * width + 5 * width**2) * residues


NETWORKS = {
    "esm1_t6_43M": Network(esm1, 6, 768, 12),
    "esm1_t34_670M": Network(esm1, 34, 1280, 20),
    "esm1b_t33_650M": Network(esm1b, 33, 1280, 20),
    "esm2_t12_35M": Network(esm2, 12, 480, 20),
    "esm2_t30_150M": Network(esm2, 30, 640, 20),
    "esm2_t33_650M": Network(esm2, 33, 1280, 20),
    "carp_600k": Network(carp, 16, 128),
    "carp_38M": Network(carp, 16, 1024),
    "carp_640M": Network(carp_wide, 56, 1280),
}
# Of the library transformers, the size of BERT base.
HUB_NETWORKS = {
    "bert_base": Network(HUB["bert"], 12, 768, 12, timed=("mixed",)),
    "t5_base": Network(HUB["t5"], 12, 768, 12, timed=("mixed",)),
    "albert_base": Network(HUB["albert"], 12, 768, 12, timed=()),
    "gpt2_base": Network(HUB["gpt2"], 12, 768, 12, timed=()),
}
