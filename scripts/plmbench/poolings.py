"""Poolings: a layer's states [sequence, token, dim] and a residue mask [sequence, token] to one
vector a sequence [sequence, width]. The mask is the one definition of what counts: never BOS,
EOS or padding."""

import torch

from plmbench.errors import InputError


def mean(states, residues):
    """Return the mean over residues [sequence, dim], summed in float32 or better."""
    weights = residues.to(states.dtype)
    total = torch.bmm(weights.unsqueeze(1), states).squeeze(1)
    return total / weights.sum(1, keepdim=True)


def maximum(states, residues):
    """Return the largest value over residues [sequence, dim]."""
    return states.masked_fill(~residues.unsqueeze(-1), -torch.inf).amax(1)


def flat(states, residues):
    """Return the residues side by side [sequence, residue * dim]; lengths must be equal."""
    return states[residues].reshape(len(states), -1)


POOLS = {"mean": mean, "max": maximum, "flat": flat}


def check_lengths(poolings, lengths):
    """Raise InputError where a pooling cannot take sequences of these lengths."""
    if "flat" in poolings and len(set(lengths)) > 1:
        raise InputError(
            f"pooling 'flat' puts residues side by side and needs sequences of one length, these "
            f"have {min(lengths):,} to {max(lengths):,} residues; cut them with the data set's "
            "slice, or set the model's pooling to [mean]"
        )
