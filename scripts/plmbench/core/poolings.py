"""Poolings: a layer's states [sequence, token, dim] and a residue mask [sequence, token] to one
vector a sequence [sequence, width]. The mask is the one definition of what counts: never BOS,
EOS or padding."""

import math

from plmbench.core.errors import InputError

RESIDUES = "residues"  # no pooling: every residue's state, for tasks that label residues
# Poolings that put one position beside another: sequences must be variants of one protein.
ALIGNED = ("flat", "mutated", "sites")
AT_SITES = ("mutated", "sites")


def mean(states, residues, sites):
    """Return the mean over residues [sequence, dim], summed in float32 or better."""
    weights = residues.to(states.dtype)
    total = (weights.unsqueeze(1) @ states).squeeze(1)
    return total / weights.sum(1, keepdim=True)


def maximum(states, residues, sites):
    """Return the largest value over residues [sequence, dim]."""
    return states.masked_fill(~residues.unsqueeze(-1), -math.inf).amax(1)


def aligned(states, residues):
    """Return the states of residues alone [sequence, residue, dim]; lengths must be equal."""
    return states[residues].reshape(len(states), -1, states.shape[2])


def flat(states, residues, sites):
    """Return the residues side by side [sequence, residue * dim]."""
    return aligned(states, residues).flatten(1)


def mutated(states, residues, sites):
    """Return the mean over the sites of mutation [sequence, dim] (FLIP's "mut mean")."""
    return aligned(states, residues)[:, sites].mean(1)


def side_by_side(states, residues, sites):
    """Return the sites of mutation side by side [sequence, site * dim]."""
    return aligned(states, residues)[:, sites].flatten(1)


def every_residue(states, residues, sites):
    """Return the states of residues, one sequence's after the other [residue, dim], on the host:
    those of all layers might fill a GPU."""
    return states[residues].cpu()


POOLS = {
    "mean": mean,
    "max": maximum,
    "flat": flat,
    "mutated": mutated,
    "sites": side_by_side,
    RESIDUES: every_residue,
}


def check_poolings(poolings, lengths, sites):
    """Raise InputError where a pooling cannot take sequences of these lengths, or has no sites."""
    aligned_ones = [pooling for pooling in poolings if pooling in ALIGNED]
    if aligned_ones and len(set(lengths)) > 1:
        raise InputError(
            f"pooling {aligned_ones[0]!r} needs sequences of one length, these have "
            f"{min(lengths):,} to {max(lengths):,} residues; cut them with the data set's slice, "
            "or set its pooling to [mean]"
        )
    if set(poolings) & set(AT_SITES) and not sites:
        raise InputError(
            "poolings 'mutated' and 'sites' need positions at which the sequences differ from the "
            "wild type, and there are none; check the data set's wild_type and slice"
        )
