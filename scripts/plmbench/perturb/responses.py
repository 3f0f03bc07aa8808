"""The response of every residue to a nudge at each: [layer, p, q], of residues alone."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.embed.budgets import tokens_on_cpu
from plmbench.hardware.memory import out_of_memory, release_freed_memory
from plmbench.models.families import Resumable
from plmbench.perturb.kinds import EPS, KINDS, Kind, Settings
from plmbench.perturb.passes import Plain, plain_pass

THROUGH, BLOCKS = "through", "blocks"
OBSERVED = {
    THROUGH: "one injection, and every layer after it",
    BLOCKS: "each block from its own input, and the layer that it makes",
}
Place = int | Sequence[int]  # a residue, or several that are nudged together
Values = NDArray[np.float32]


class Responses(NamedTuple):
    """What nudges at p do to q."""

    layers: Sequence[int]
    change: Values  # [layer, p, q], of the state's size
    norms: Values  # [layer, q], the sizes of the states as they are

    @property
    def relative(self) -> Values:
        """Return [layer, p, q], the change as a share of the state."""
        return self.change / self.norms[:, None]


def where_of(positions: Sequence[Place] | None, residues: int) -> Tensor:
    """Return bool [nudge, residue], which residues each nudge is at; all of them in turn for None.

    Raises InputError for a residue that is not there.
    """
    places = range(residues) if positions is None else positions
    where = torch.zeros(len(places), residues, dtype=torch.bool)
    for row, place in zip(where, places, strict=True):
        numbers = [place] if isinstance(place, (int, np.integer)) else list(place)
        if wrong := [p for p in numbers if not 0 <= p < residues]:
            raise InputError(
                f"perturbation: positions: {wrong[0]} is no residue of a sequence of {residues}; "
                f"count from 0 to {residues - 1}"
            )
        row[numbers] = True
    return where


def parts_of(where: Tensor, rows: int, work: Callable[[Tensor], Tensor]) -> Iterator[Tensor]:
    """Yield work(part) for parts of so many rows; half as many where memory runs out."""
    start = 0
    while start < len(where):
        part, made = where[start : start + rows], None
        try:
            made = work(part)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error) or rows == 1:
                raise
        if made is None:  # outside the handler, whose traceback keeps tensors alive
            release_freed_memory(where.device)
            rows = (min(rows, len(where)) + 1) // 2
            log.info("out of memory, nudging %d residues at once", rows)
            continue
        yield made
        start += rows


def answers(
    network: Resumable, plain: Plain, kind: Kind, span: tuple[int, int], where: Tensor, draw: int
) -> Tensor:
    """Return the changes [layer, nudge, residue] of layers span[0] to span[1] after nudges at the
    first of them."""
    start, stop = span
    states = kind.moved(start, where, draw)  # [copy * nudge, token, hidden_size]
    tokens = plain.tokens.expand(len(states), -1)
    found: list[Tensor] = []

    def read(layer: int, groups: list[Tensor]) -> None:
        rows = groups[0][:, plain.places].unflatten(0, (kind.copies, -1))
        found.append(kind.change(rows, plain.at_residues(layer)))

    network.embed_from(start, [states], [tokens], read, stop)
    return torch.stack(found)


def spans_of(observe: str, layer: int, last: int) -> list[tuple[int, int]]:
    """Return [(layer of the nudge, last layer observed)] of a way to observe."""
    if observe not in OBSERVED:
        raise InputError(f"perturbation: observe: {observe!r} is none of {', '.join(OBSERVED)}")
    if not 0 <= layer < last:
        raise InputError(
            f"perturbation: layer {layer} enters no block; the network's blocks are entered by "
            f"layers 0 to {last - 1}"
        )
    if observe == THROUGH:
        return [(layer, last)]
    return [(block, block + 1) for block in range(layer, last)]


class Nudges(NamedTuple):
    """Which nudges, and what is observed: see `response`."""

    layer: int = 0
    positions: Sequence[Place] | None = None
    kind: str = "noise"
    observe: str = THROUGH


@torch.no_grad()
def responses(
    network: Resumable,
    sequence: str,
    nudges: Nudges,
    settings: Settings,
    tokens_per_batch: int | None = None,
    advance: Callable[[int], Any] = lambda count: None,
) -> Responses:
    """Return the Responses of one sequence; advance: is told of each batch how many nudges it has.

    Raises InputError for what the network or the sequence does not have.
    """
    if nudges.kind not in KINDS:
        raise InputError(f"perturbation: kind: {nudges.kind!r} is none of {', '.join(KINDS)}")
    plain = plain_pass(network, sequence)
    kind: Kind = KINDS[nudges.kind](network, plain, settings)
    where = where_of(nudges.positions, len(plain.places)).to(plain.tokens.device)
    budget = tokens_per_batch or tokens_on_cpu(network.hidden_size)
    rows = max(1, budget // (kind.copies * len(plain.tokens)))
    draws = range(settings.draws if kind.draws_differ else 1)

    def change(span: tuple[int, int]) -> Tensor:
        """Return float [layer, nudge, residue], the root mean square over draws."""

        def work(part: Tensor, draw: int) -> Tensor:
            advance(len(part))
            return answers(network, plain, kind, span, part, draw)

        drawn = [torch.cat([*parts_of(where, rows, partial(work, draw=d))], 1) for d in draws]
        return torch.stack(drawn).square().mean(0).sqrt() if len(drawn) > 1 else drawn[0]

    # A block's own input is not observed: each residue answers to itself alone.
    own = slice(int(nudges.observe == BLOCKS), None)
    spans = spans_of(nudges.observe, nudges.layer, network.num_layers)
    layers = [layer for start, stop in spans for layer in range(start, stop + 1)[own]]
    changes = torch.cat([change(span)[own].cpu() for span in spans])
    norms = torch.stack([plain.at_residues(layer).norm(dim=1).cpu() for layer in layers])
    return Responses(layers, changes.numpy(), norms.numpy())


def response(
    network: Resumable,
    sequence: str,
    layer: int = 0,
    positions: Sequence[Place] | None = None,
    kind: str = "noise",
    observe: str = THROUGH,
    *,
    eps: float = EPS,
    draws: int = 1,
    seed: int = 0,
    other: str = "",
    tokens_per_batch: int | None = None,
) -> Values:
    """Return the response to nudges, float32 [layer, p, q]: the change of the state at residue q as
    a share of that state, after a nudge of `kind` at residue p of layer `layer`.

    noise: per relative change of the state at p, root mean square over `draws` random directions,
    by central differences with steps of `eps`; erase: the state at p set to zero; substitute: root
    mean square over the twenty letters at p, for layer 0; patch: the state at p of the sequence
    `other`. observe: `through`, layers `layer` to the last; or `blocks`, each block from its own
    input, layers `layer` + 1 to the last. positions: residues from 0, each a number or a list of
    several that are nudged together; all if None. Tokens beside residues have no row or column.
    The memory is that of a batch of `tokens_per_batch` tokens, beside the result.

    Raises InputError for what a network or a sequence does not have.
    """
    nudges = Nudges(layer, positions, kind, observe)
    settings = Settings(eps, seed, draws, other)
    return responses(network, sequence, nudges, settings, tokens_per_batch).relative
