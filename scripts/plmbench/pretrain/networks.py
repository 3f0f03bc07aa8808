"""Networks to train: the libraries' own modules as their constructors draw them.

A new class to train is one function and a line in BUILDERS, and its checkpoint in LAYOUTS.
"""

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from plmbench.core.alphabet import STANDARD
from plmbench.models.carp import Carp
from plmbench.models.esm import Esm1b, Esm2
from plmbench.models.families import Encoder
from plmbench.pretrain.hub_classes import HubTrainee, build_hub
from plmbench.pretrain.layouts import ARCHITECTURES, esm_arguments, layout
from plmbench.pretrain.objectives import Words


class Trainee(NamedTuple):
    """A network in training: its encoder, its language-model head, and the tokens that it knows."""

    encoder: Encoder
    head: nn.Module  # last layer's states [..., dim] to logits [..., vocabulary]
    amino_acids: list[int]  # the tokens of the twenty
    mask: int  # the token of a masked residue
    longest: int | None = None  # the most residues it takes, None for any number

    @property
    def words(self) -> Words:
        """Return the tokens that an objective needs."""
        return Words(self.amino_acids, self.mask)

    def logits(self, tokens: Tensor) -> Tensor:
        """Return float [sequence, token, vocabulary], by the forward pass that also embeds."""
        last = tokens

        def keep_last(layer: int, states: list[Tensor]) -> None:
            nonlocal last
            last = states[0]  # [sequence, token, dim]

        self.encoder.embed([tokens], keep_last)
        return self.head(last)


def build_carp(
    num_layers: int, hidden_size: int, embedding_size: int, dilation: int, slim: bool
) -> Trainee:
    """Return a CARP Trainee: ByteNet, kernel 5, GELU, as published (Yang, Fusi & Lu 2024)."""
    from sequence_models.constants import MASK, PROTEIN_ALPHABET
    from sequence_models.convolutional import ByteNetLM
    from sequence_models.pretrained import CARP

    amino_acids = [PROTEIN_ALPHABET.index(residue) for residue in STANDARD]
    mask = PROTEIN_ALPHABET.index(MASK)
    model = ByteNetLM(
        *(len(PROTEIN_ALPHABET), embedding_size, hidden_size, num_layers, 5, dilation),
        padding_idx=mask,  # as the library builds it to load a checkpoint
        causal=False,
        dropout=0.0,
        final_ln=True,
        slim=slim,
        activation="gelu",
    )
    encoder = Carp(CARP(model))
    return Trainee(encoder, nn.Sequential(model.last_norm, model.decoder), amino_acids, mask)


def esm_trainee(encoder: type[Esm1b], module: Any, alphabet: Any) -> Trainee:
    """Return an ESM Trainee of a module and an alphabet of fair-esm. The contact head, which no
    language model trains, stays as it is."""
    module.contact_head.requires_grad_(False)
    amino_acids = [alphabet.get_idx(residue) for residue in STANDARD]
    return Trainee(encoder(module, alphabet), module.lm_head, amino_acids, alphabet.mask_idx)


def build_esm1b(
    num_layers: int, hidden_size: int, intermediate_size: int, num_heads: int
) -> Trainee:
    """Return an ESM-1b Trainee (Rives et al. 2021)."""
    from esm import Alphabet, ProteinBertModel

    alphabet = Alphabet.from_architecture(ARCHITECTURES["esm1b"])
    arguments = esm_arguments("esm1b", num_layers, hidden_size, intermediate_size, num_heads)
    module = ProteinBertModel(Namespace(**arguments, emb_layer_norm_before=True), alphabet)
    return esm_trainee(Esm1b, module, alphabet)


def build_esm2(num_layers: int, hidden_size: int, num_heads: int) -> Trainee:
    """Return an ESM-2 Trainee (Lin et al. 2023)."""
    from esm import Alphabet
    from esm.model.esm2 import ESM2

    alphabet = Alphabet.from_architecture("ESM-1b")
    module = ESM2(num_layers, hidden_size, num_heads, alphabet, token_dropout=True)
    return esm_trainee(Esm2, module, alphabet)


BUILDERS: dict[str, Callable[..., Trainee | HubTrainee]] = {
    "carp": build_carp,
    "esm1b": build_esm1b,
    "esm2": build_esm2,
    "transformers": build_hub,
}


def build(family: str, architecture: Mapping[str, Any], seed: int) -> Trainee | HubTrainee:
    """Return the Trainee of a recipe, its weights drawn from `seed`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return BUILDERS[family](**architecture)


def checkpoint_of(
    family: str, architecture: Mapping[str, Any], trainee: Trainee | HubTrainee
) -> dict[str, Any]:
    """Return the checkpoint in its library's layout, weights float16 on the CPU; in use they are
    float32. Rotary frequencies are not weights, and stay as they are."""
    data = layout(family, trainee.encoder.module, **architecture)
    for key in ("model", "model_state_dict"):
        if isinstance(data.get(key), dict):
            data[key] = {
                name: (tensor if name.endswith("inv_freq") else tensor.half()).cpu()
                for name, tensor in data[key].items()
            }
    return data
