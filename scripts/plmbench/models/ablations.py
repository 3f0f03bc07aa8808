"""Weight ablations: rewrite the parameters of a network by its family's table, and say what was
done.

The first row that matches a parameter's name decides. A parameter without a row and a row without a
parameter are errors, so that nothing is left out silently. Only parameters are touched, never
buffers, and a tied tensor once, under its first name.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.random import Generator

from plmbench.core.errors import InputError
from plmbench.core.families import AFTER, KEEP, NO_BLOCK, Ablation, ParameterRow
from plmbench.core.scopes import Scope
from plmbench.models.initialisers import CHUNK, INITIALISERS, Array, Values, chunks, generator_for

if TYPE_CHECKING:  # torch takes a second, and a configuration is checked without it
    from torch import nn

LedgerRow = dict[str, str | int | float]


def reinit(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> str:
    """Draw the values anew, as the library's constructor does."""
    INITIALISERS[row.initialiser](values, generator, weight, row)
    return row.initialiser + row.stated()


@contextmanager
def without_padding(values: Values, row: ParameterRow) -> Iterator[Values]:
    """Yield the values that an action may move: all, or all but the row of the padding token."""
    if row.padding_row is None:
        yield values
        return
    rest = np.delete(values, row.padding_row, axis=0)
    yield rest
    values[np.arange(len(values)) != row.padding_row] = rest


def shuffle(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> str:
    """Permute all entries among themselves: values and so mean, variance and histogram stay."""
    with without_padding(values, row) as moved:
        generator.shuffle(moved.reshape(-1))
    return "shuffle"


def gaussian(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> str:
    """Draw from a normal distribution with the tensor's own mean and standard deviation."""
    with without_padding(values, row) as moved:
        mean, sd, _ = described(moved)
        generator.standard_normal(dtype=np.float32, out=moved)
        moved *= np.float32(sd)
        moved += np.float32(mean)
    return "gaussian"


def permute_rows(values: Values, generator: Generator, weight: Array, row: ParameterRow) -> str:
    """Permute the rows among themselves, each whole; the entries of a vector."""
    with without_padding(values, row) as moved:
        generator.shuffle(moved, axis=0)
    return "permute_rows"


def permute_blocks(values: Values, generator: Generator, other: Array, row: ParameterRow) -> str:
    """Take the values that the same parameter has in another block: see `other_blocks`."""
    values[...] = other
    return "permute_blocks"


# Each fills float32 `values` in place as an initialiser does, and returns what the ledger says of
# it. A parameter whose initialiser is `keep` stays as it is under every action. Those of
# BETWEEN_BLOCKS are given the same parameter of another block in the place of the layer's weight.
Action = Callable[[Values, Generator, Array, ParameterRow], str]
ACTIONS: dict[str, Action] = {
    "reinit": reinit,
    "shuffle": shuffle,
    "gaussian": gaussian,
    "permute_rows": permute_rows,
    "permute_blocks": permute_blocks,
}
BETWEEN_BLOCKS = ("permute_blocks",)


class Decision(NamedTuple):
    """What a family's table says of one parameter."""

    row: ParameterRow
    block: int  # from 0; NO_BLOCK outside of the blocks
    after: bool = False  # stands after the blocks, if not within them

    def position(self, num_layers: int) -> int:
        """Return where it stands: block 1 to num_layers, 0 before, num_layers + 1 after them."""
        if self.block != NO_BLOCK:
            return self.block + 1
        return num_layers + 1 if self.after else 0

    def within(self, scope: Scope, num_layers: int) -> bool:
        """Tell whether a scope reaches it, and an ablation may touch it."""
        reached = self.position(num_layers) in scope.positions(num_layers)
        return reached and scope.takes(self.row.role) and self.row.initialiser != KEEP


def first_matches(names: Iterable[str], table: Sequence[ParameterRow]) -> dict[str, Decision]:
    """Return {name: Decision} for every parameter; raises InputError for one without a row."""
    patterns = [(row, row.pattern) for row in table]
    decisions: dict[str, Decision] = {}
    for name in names:
        matches = ((row, pattern.match(name)) for row, pattern in patterns)
        row, match = next(((row, match) for row, match in matches if match), (None, None))
        if row is None or match is None:
            raise InputError(
                f"table of the family: no row matches parameter {name!r}; add one to "
                "config/families/<family>.yaml, if only with initialiser: keep"
            )
        after = row.role in AFTER and not row.before
        decisions[name] = Decision(row, int(match.groupdict().get("block", NO_BLOCK)), after)
    return decisions


def decide(names: Iterable[str], table: Sequence[ParameterRow]) -> dict[str, Decision]:
    """Return {name: Decision} for every parameter; raises InputError for a gap on either side."""
    decisions = first_matches(names, table)
    used = {id(decision.row) for decision in decisions.values()}
    if idle := [row.match for row in table if id(row) not in used]:
        raise InputError(
            f"table of the family: no parameter is decided by row(s) {', '.join(map(repr, idle))}; "
            "take them out of config/families/<family>.yaml, or put them before the row that "
            "shadows them"
        )
    return decisions


Decide = Callable[[Iterable[str], Sequence[ParameterRow]], dict[str, Decision]]


def rewrite(
    name: str, values: Values, weight: Array, row: ParameterRow, action: str, seed: int
) -> str:
    """Rewrite float32 `values` in place; return what was done. `weight`: that of the same layer."""
    if row.initialiser == KEEP:
        return KEEP
    return ACTIONS[action](values, generator_for(name, seed), weight, row)


def num_blocks(decisions: Mapping[str, Decision]) -> int:
    """Return how many blocks the parameters of a network stand in."""
    return 1 + max((decision.block for decision in decisions.values()), default=NO_BLOCK)


def new_order(num_layers: int, seed: int) -> list[int]:
    """Return for each block, from 0, the one whose parameters it takes: no block its own. Raises
    InputError for a network of one block."""
    if num_layers < 2:
        raise InputError(
            f"action permute_blocks: the network has {num_layers} block(s), and an order needs 2"
        )
    generator, order = generator_for("the order of blocks", seed), np.arange(num_layers)
    while (order == np.arange(num_layers)).any():
        order = generator.permutation(num_layers)
    return order.tolist()


def other_blocks(
    parameters: Mapping[str, "nn.Parameter"], decisions: Mapping[str, Decision], seed: int
) -> dict[str, Array]:
    """Return {name: a copy of the values that the same parameter has in another block}, of those
    that other blocks have, too, in the same shape.

    The order is one for the whole network, whatever the scope.
    """
    order = new_order(num_blocks(decisions), seed)
    found = {}
    for name, (_, block, _) in decisions.items():
        before, number, after = name.partition(f".{block}.")
        other = f"{before}.{order[block]}.{after}" if number else ""
        if other in parameters and parameters[other].shape == parameters[name].shape:
            found[name] = parameters[other].detach().numpy().copy()
    return found


class Description(NamedTuple):
    """What the ledger says of a tensor's values."""

    mean: float
    sd: float  # with n, not n - 1
    digest: str  # the first 16 digits of the sha256


def described(values: Array) -> Description:
    """Return the Description of a float32 array, from one pass over it.

    Sums are of the distances from its first value, so that equal values have a deviation of 0.
    """
    values = np.ascontiguousarray(values)
    digest, total, squares, first = hashlib.sha256(), 0.0, 0.0, np.float64(values.flat[0])
    buffer = np.empty(min(CHUNK, values.size))  # made once: the kernel clears what is new
    for chunk in chunks(values):
        digest.update(chunk.data)
        distances = np.subtract(chunk, first, out=buffer[: len(chunk)])
        total += float(distances.sum())
        squares += float(np.einsum("i,i->", distances, distances))  # np.dot starts threads
    shift = total / values.size
    variance = max(squares / values.size - shift**2, 0.0)
    return Description(float(first) + shift, math.sqrt(variance), digest.hexdigest()[:16])


def read_by(
    action: str,
    parameters: Mapping[str, "nn.Parameter"],
    decisions: Mapping[str, Decision],
    seed: int,
) -> dict[str, Array]:
    """Return {name: what the action reads beside a parameter}: the weight of its own layer, or the
    same parameter of another block, where there is one."""
    if action in BETWEEN_BLOCKS:
        return other_blocks(parameters, decisions, seed)
    weights = {name: f"{name.rpartition('.')[0]}.weight" for name in parameters}
    return {
        name: parameters.get(weight, parameters[name]).detach().numpy()
        for name, weight in weights.items()
    }


def ties(module: "nn.Module") -> list[list[str]]:
    """Return the groups of parameter names that are one tensor."""
    groups: dict[int, list[str]] = {}
    for name, parameter in module.named_parameters(remove_duplicate=False):
        groups.setdefault(parameter.data_ptr(), []).append(name)
    return sorted(group for group in groups.values() if len(group) > 1)


def ablate(
    module: "nn.Module", ablation: Ablation, seed: int, decide: Decide = decide
) -> list[LedgerRow]:
    """Rewrite the parameters of `module` (float32, on the CPU) in place, those within the scope, as
    many tensors at a time as torch has threads: each has a generator of its own, so that neither
    the order nor the scope matters. `decide` is the encoder's own, where it has one.

    Returns the ledger, one row per parameter: name, role, block, shape, action, and mean, standard
    deviation and digest before and after. Raises InputError where the table does not decide every
    parameter.
    """
    import torch

    parameters = dict(module.named_parameters())  # a tied tensor is listed once
    decisions, tied = decide(parameters, ablation.parameters), ties(module)
    read = read_by(ablation.action, parameters, decisions, seed)
    num_layers = num_blocks(decisions)

    def rewritten(name: str) -> LedgerRow:
        values: Any = parameters[name].detach().numpy()  # a view of the tensor's own memory
        decision, before, done = decisions[name], described(values), KEEP
        if name in read and decision.within(ablation.scope, num_layers):
            done = rewrite(name, values, read[name], decision.row, ablation.action, seed)
        facts: LedgerRow = {
            "parameter": name,
            "role": decision.row.role,
            "block": decision.block,
            "shape": "x".join(map(str, values.shape)),
            "action": done,
        }
        return facts | changes(before, described(values))

    # numpy and hashlib let go of the interpreter's lock
    with ThreadPoolExecutor(torch.get_num_threads()) as threads:
        ledger = list(threads.map(rewritten, parameters))
    if ties(module) != tied:
        raise RuntimeError(f"tied parameters came apart: {tied} became {ties(module)}")
    return ledger


def changes(before: Description, after: Description) -> LedgerRow:
    """Return the columns of the ledger that say what a tensor's values were and are."""
    return {
        "mean_before": before.mean,
        "mean_after": after.mean,
        "sd_before": before.sd,
        "sd_after": after.sd,
        "digest_before": before.digest,
        "digest_after": after.digest,
    }
