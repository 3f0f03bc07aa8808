"""Poolings: one declaration per pooling, with its function, in POOLINGS.

A function takes a layer's states [sequence, token, hidden], how many residues each token holds
[sequence, token] (a mask, where no token holds several), and the sites of mutation. It returns one
vector per sequence [sequence, width]. These counts are the one definition of what counts: never
BOS, EOS or padding. Every residue of a token has its token's state.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from plmbench.core.errors import InputError

if TYPE_CHECKING:  # listing the poolings does not load torch
    from torch import Tensor


def mean(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the mean over residues [sequence, hidden], summed in float32 or better."""
    weights = residues.to(states.dtype)
    total = (weights.unsqueeze(1) @ states).squeeze(1)  # [sequence, hidden]
    return total / weights.sum(1, keepdim=True)


def maximum(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the largest value over residues [sequence, hidden]."""
    return states.masked_fill(residues.unsqueeze(-1) == 0, -math.inf).amax(1)


def repeated(states: Tensor, residues: Tensor) -> Tensor:
    """Return the states of residues, one sequence's after the other [residue, hidden]."""
    return states.flatten(0, 1).repeat_interleave(residues.flatten().long(), 0)


def aligned(states: Tensor, residues: Tensor) -> Tensor:
    """Return the states of residues alone [sequence, residue, hidden]; lengths must be equal."""
    return repeated(states, residues).reshape(len(states), -1, states.shape[2])


def flat(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the residues side by side [sequence, residue * hidden]."""
    return aligned(states, residues).flatten(1)


def mutated(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the mean over the sites of mutation [sequence, hidden] (FLIP's "mut mean")."""
    return aligned(states, residues)[:, sites].mean(1)


def side_by_side(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the sites of mutation side by side [sequence, site * hidden]."""
    return aligned(states, residues)[:, sites].flatten(1)


def every_residue(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the states of residues, one sequence's after the other [residue, hidden], on the
    host: those of all layers might fill a GPU."""
    return repeated(states, residues).cpu()


def token_before(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the state of the token before the residues [sequence, hidden], such as [CLS]."""
    return states[:, 0]


def last_residue(states: Tensor, residues: Tensor, sites: Sequence[int]) -> Tensor:
    """Return the last residue's state [sequence, hidden]: all that a causal network has read."""
    # As many residues as up to its end: of the last one, and of what stands behind it.
    places = residues.cumsum(1).argmax(1)  # [sequence], the first of these
    return states.take_along_dim(places[:, None, None], 1).squeeze(1)


def one_state(length: int, sites: int) -> int:
    """Return 1: one state of the network's width is kept per sequence, or per residue."""
    return 1


def one_per_residue(length: int, sites: int) -> int:
    """Return how many states of a sequence are kept side by side: one per residue."""
    return length


def one_per_site(length: int, sites: int) -> int:
    """Return how many states of a sequence are kept side by side: one per site of mutation."""
    return sites


class PoolingMethod(NamedTuple):
    """One pooling. Schemas, docs and checks take all they say of it from here."""

    name: str
    label: str
    function: Callable[[Tensor, Tensor, Sequence[int]], Tensor]
    # (residues of a sequence, sites) -> states side by side in a vector, which give its width.
    states_kept: Callable[[int, int], int] = one_state
    per_residue: bool = False  # keeps every residue's state, for tasks that label residues
    # It puts one position beside another: sequences must be variants of one protein.
    needs_alignment: bool = False
    needs_sites: bool = False
    needs_token_before: bool = False  # which some networks put before the residues


RESIDUES = "residues"
POOLINGS: dict[str, PoolingMethod] = {
    pooling.name: pooling
    for pooling in (
        PoolingMethod("mean", "mean over residues", mean),
        PoolingMethod("max", "maximum over residues", maximum),
        PoolingMethod("last", "last residue", last_residue),
        PoolingMethod("cls", "token before residues", token_before, needs_token_before=True),
        PoolingMethod("flat", "residues side by side", flat, one_per_residue, needs_alignment=True),
        PoolingMethod(
            "mutated",
            "mean over the sites of mutation",
            mutated,
            needs_alignment=True,
            needs_sites=True,
        ),
        PoolingMethod(
            "sites",
            "sites of mutation side by side",
            side_by_side,
            one_per_site,
            needs_alignment=True,
            needs_sites=True,
        ),
        PoolingMethod(RESIDUES, "every residue", every_residue, per_residue=True),
    )
}
POOLS = {name: pooling.function for name, pooling in POOLINGS.items()}
ALIGNED = tuple(name for name, pooling in POOLINGS.items() if pooling.needs_alignment)
AT_SITES = tuple(name for name, pooling in POOLINGS.items() if pooling.needs_sites)
BEFORE = tuple(name for name, pooling in POOLINGS.items() if pooling.needs_token_before)
AVERAGED = tuple(  # one state per sequence, however long it is
    name
    for name, pooling in POOLINGS.items()
    if pooling.states_kept is one_state and not pooling.per_residue
)
PER_SEQUENCE = tuple(name for name, pooling in POOLINGS.items() if not pooling.per_residue)


def check_poolings(poolings: Sequence[str], lengths: Sequence[int], sites: Sequence[int]) -> None:
    """Raise InputError where a pooling cannot take sequences of these lengths, or has no sites."""
    aligned_ones = [pooling for pooling in poolings if pooling in ALIGNED]
    if aligned_ones and len(set(lengths)) > 1:
        raise InputError(
            f"pooling {aligned_ones[0]!r} needs sequences of one length, these have "
            f"{min(lengths):,} to {max(lengths):,} residues; cut them with the data set's slice, "
            "or set its pooling to [mean]"
        )
    if set(poolings) & set(AT_SITES) and not sites:
        names = " and ".join(map(repr, AT_SITES))
        raise InputError(
            f"poolings {names} need positions at which the sequences differ from the wild type, "
            "and there are none; check the data set's wild_type and slice"
        )
