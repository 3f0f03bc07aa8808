"""Masked language modelling: what a network is shown, and where it must answer.

Devlin et al. 2019, as ESM and CARP were trained: 15 % of the residues are chosen; of them 80 % are
masked, 10 % replaced by a random amino acid, 10 % left as they are.
"""

import numpy as np
import torch

CHOSEN, MASKED, REPLACED = 0.15, 0.8, 0.1


def generator_of(seed, step):
    """Return the generator of one step's masks, which depends on no other step."""
    return np.random.Generator(np.random.PCG64([seed, 1 + step, 0]))


def corrupt(tokens, residues, letters, mask, generator):
    """Return what the network is shown, int64 [sequence, token], and bool [sequence, token] where
    it must tell the residue.

    tokens: int64 [sequence, token]; residues: bool [sequence, token]; letters: the tokens of the
    twenty amino acids; mask: the token of a masked residue.
    """
    shape = tuple(tokens.shape)
    chosen = torch.from_numpy(generator.random(shape) < CHOSEN) & residues
    if not chosen.any():  # a short batch by bad luck: its first residue
        chosen.view(-1)[residues.flatten().nonzero()[0]] = True
    fate = torch.from_numpy(generator.random(shape))
    drawn = torch.from_numpy(generator.choice(np.asarray(letters), shape))
    shown = torch.where(chosen & (fate < MASKED), mask, tokens)
    return torch.where(chosen & (fate >= 1 - REPLACED), drawn, shown), chosen
