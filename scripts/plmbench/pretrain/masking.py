"""Masked language modelling: what a network is shown, and where it must predict.

Devlin et al. 2019, as ESM and CARP were trained: 15 % of the residues are chosen; of them 80 % are
masked, 10 % replaced by a random amino acid, 10 % left as they are.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

CHOSEN, MASKED, REPLACED = 0.15, 0.8, 0.1


def generator_of(seed: int, step: int) -> np.random.Generator:
    """Return the generator of one step's masks, which depends on no other step."""
    return np.random.Generator(np.random.PCG64([seed, 1 + step, 0]))


def corrupt(
    tokens: Tensor,
    residues: Tensor,
    amino_acids: Sequence[int],
    mask: int,
    generator: np.random.Generator,
) -> tuple[Tensor, Tensor]:
    """Return what the network is shown, int64 [sequence, token], and where it must predict the
    residue, bool [sequence, token].

    tokens: int64 [sequence, token]; residues: bool [sequence, token]; amino_acids: the tokens of
    the twenty; mask: the token of a masked residue.
    """
    shape = tuple(tokens.shape)
    chosen = torch.from_numpy(generator.random(shape) < CHOSEN) & residues
    if not chosen.any():  # a short batch by bad luck: its first residue
        chosen.view(-1)[residues.flatten().nonzero()[0]] = True
    fate = torch.from_numpy(generator.random(shape))
    drawn = torch.from_numpy(generator.choice(np.asarray(amino_acids), shape))
    shown = torch.where(chosen & (fate < MASKED), mask, tokens)
    return torch.where(chosen & (fate >= 1 - REPLACED), drawn, shown), chosen
