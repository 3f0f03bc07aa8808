"""One sequence through a network: where its residues stand, and the states of every layer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.models.families import Resumable


class Plain(NamedTuple):
    """What a network makes of a sequence as it is."""

    tokens: Tensor  # int64 [token]
    places: Tensor  # int64 [residue], the token of each residue
    states: Sequence[Tensor]  # of each layer [token, hidden_size]

    def at_residues(self, layer: int) -> Tensor:
        """Return the states of a layer [residue, hidden_size]."""
        return self.states[layer][self.places]


def places_of(network: Resumable, tokens: Tensor) -> Tensor:
    """Return int64 [residue], which tokens [token] are residues.

    Raises InputError where a token holds several residues.
    """
    held = network.residues(tokens[None])[0].long()  # [token]
    if (held > 1).any():
        raise InputError(
            "perturbation: a token of this network holds several residues, so that no single one "
            "can be nudged; choose a network whose tokens are residues"
        )
    return held.nonzero().flatten()


def device_of(network: Resumable) -> torch.device:
    """Return where a network's weights are: embeddings stay a module's own when it is packed."""
    return next(network.module.parameters()).device


def check_resumable(network: Any) -> None:
    """Raise InputError for a representation that has no blocks to run from."""
    if not hasattr(network, "embed_from") or not network.num_layers:
        raise InputError(
            f"perturbation: {type(network).__name__} has no blocks that states pass through; "
            "choose a network"
        )


def plain_pass(network: Resumable, sequence: str) -> Plain:
    """Return what a network makes of a sequence; raises InputError for one that it cannot take."""
    check_resumable(network)
    if not sequence:
        raise InputError("perturbation: the sequence is empty; give one residue or more")
    tokens, kept = network.tokenize([sequence]).to(device_of(network)), []
    network.embed([tokens], lambda layer, states: kept.append(states[0][0]))
    # a network may embed in inference mode, whose tensors no derivative passes
    states = [state.clone() for state in kept]
    return Plain(tokens[0], places_of(network, tokens[0]), states)
