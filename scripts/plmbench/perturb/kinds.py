"""The kinds of nudges: what becomes of the states that enter a block, and how the answer is read.

A kind makes `copies` of the states for each nudge, and reads one number per residue from what the
network makes of them: the size of the change of its state.
"""

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.linalg import vector_norm

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.models.families import Resumable
from plmbench.perturb.passes import Plain, plain_pass

EPS = 1e-2  # of a state's norm: where rounding and curvature are both below 4e-4


class Settings(NamedTuple):
    """What a kind is told."""

    eps: float = EPS
    seed: int = 0
    draws: int = 1  # of random directions
    other: str = ""  # of patch: another sequence


def directions(plain: Plain, seed: int, draw: int) -> Tensor:
    """Return random unit vectors [residue, hidden_size] that depend on seed, draw and sequence
    length alone."""
    shape = len(plain.places), plain.states[0].shape[1]
    drawn = np.random.default_rng((seed, draw)).standard_normal(shape)
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return torch.from_numpy(unit).to(plain.states[0])


def written(states: Tensor, where: Tensor, new: Tensor, places: Tensor) -> Tensor:
    """Return states [nudge, token, hidden_size] of [token, hidden_size], in which residues have
    new ones.

    where: bool [nudge, residue]; new: [residue, hidden_size]; places: int64 [residue].
    """
    rows = states.expand(len(where), -1, -1).clone()
    nudge, residue = where.nonzero(as_tuple=True)
    rows[nudge, places[residue]] = new[residue]
    return rows


class Kind(Protocol):
    """One kind of nudge, for one sequence."""

    copies: ClassVar[int]  # of the states, for each nudge
    draws_differ: ClassVar[bool]  # whether another draw is another nudge

    def __init__(self, network: Resumable, plain: Plain, settings: Settings) -> None: ...

    def moved(self, layer: int, where: Tensor, draw: int) -> Tensor:
        """Return the states of a layer [copy * nudge, token, hidden_size]; where: bool [nudge,
        residue]."""

    def change(self, states: Tensor, plain: Tensor) -> Tensor:
        """Return the size of the change [nudge, residue] from states [copy, nudge, residue,
        hidden_size] and those without a nudge [residue, hidden_size]."""


class Noise:
    """A small step in a random direction, by central differences: change out per relative step."""

    copies, draws_differ = 2, True

    def __init__(self, network: Resumable, plain: Plain, settings: Settings) -> None:
        self.plain, self.settings = plain, settings

    def step(self, layer: int, draw: int) -> Tensor:
        """Return the step at each residue [residue, hidden_size], as long as its state."""
        states = self.plain.at_residues(layer)
        lengths = vector_norm(states, dim=1, keepdim=True)
        return directions(self.plain, self.settings.seed, draw) * lengths

    def moved(self, layer: int, where: Tensor, draw: int) -> Tensor:
        """See `Kind`: one copy with the step, one against it."""
        states, places = self.plain.states[layer], self.plain.places
        step, own = self.settings.eps * self.step(layer, draw), self.plain.at_residues(layer)
        return torch.cat([written(states, where, own + sign * step, places) for sign in (1, -1)])

    def change(self, states: Tensor, plain: Tensor) -> Tensor:
        """See `Kind`."""
        return vector_norm(states[0] - states[1], dim=2) / (2 * self.settings.eps)


class Erase:
    """A state set to zero. Not a mask token, which rescales all states of ESM-2."""

    copies, draws_differ = 1, False

    def __init__(self, network: Resumable, plain: Plain, settings: Settings) -> None:
        self.plain = plain

    def new(self, layer: int) -> Tensor:
        """Return what takes a state's place [residue, hidden_size]."""
        return torch.zeros_like(self.plain.at_residues(layer))

    def moved(self, layer: int, where: Tensor, draw: int) -> Tensor:
        """See `Kind`."""
        return written(self.plain.states[layer], where, self.new(layer), self.plain.places)

    def change(self, states: Tensor, plain: Tensor) -> Tensor:
        """See `Kind`."""
        return vector_norm(states[0] - plain, dim=2)


class Patch(Erase):
    """The state of another sequence of the same length."""

    def __init__(self, network: Resumable, plain: Plain, settings: Settings) -> None:
        super().__init__(network, plain, settings)
        if not settings.other:
            raise InputError("perturbation: kind patch needs `other`, the sequence to take from")
        self.other = plain_pass(network, settings.other)
        if len(self.other.places) != len(plain.places):
            raise InputError(
                f"perturbation: `other` has {len(self.other.places)} residues and the sequence "
                f"{len(plain.places)}; a patch takes the state of the same residue, so give two of "
                "one length"
            )

    def new(self, layer: int) -> Tensor:
        """Return what takes a state's place [residue, hidden_size]."""
        return self.other.at_residues(layer)


class Substitute:
    """Each of the twenty letters at the input: how far their states lie apart, root mean square
    over letters of the distance from their mean."""

    copies, draws_differ = len(STANDARD), False

    def __init__(self, network: Resumable, plain: Plain, settings: Settings) -> None:
        self.network, self.plain = network, plain
        tokens = network.tokenize([STANDARD]).to(plain.tokens.device)[0]
        self.letters = tokens[network.residues(tokens[None])[0] > 0]  # int64 [letter]

    def moved(self, layer: int, where: Tensor, draw: int) -> Tensor:
        """See `Kind`: one copy per letter."""
        if layer:
            raise InputError(
                "perturbation: kind substitute changes letters, so it is for layer 0 alone; choose "
                "noise or erase for states of later layers"
            )
        rows = self.plain.tokens.expand(len(self.letters), len(where), -1).clone()
        nudge, residue = where.nonzero(as_tuple=True)
        rows[:, nudge, self.plain.places[residue]] = self.letters[:, None]
        (states,) = self.network.first_states([rows.flatten(0, 1)])
        return states

    def change(self, states: Tensor, plain: Tensor) -> Tensor:
        """See `Kind`."""
        moved = states - states[0]  # exactly 0 where no letter changes anything
        apart = moved - moved.mean(0)
        return vector_norm(vector_norm(apart, dim=3), dim=0) / len(states) ** 0.5


KINDS: dict[str, Any] = {"noise": Noise, "erase": Erase, "substitute": Substitute, "patch": Patch}
