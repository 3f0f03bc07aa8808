"""How the library transformers draws the first weights of a network: read from it, not copied.

Its `initialize_weights` runs over a network without memory, with every function that draws replaced
by one that notes what it was asked for. What is drawn then, our own generators draw.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from plmbench.core.errors import InputError
from plmbench.core.families import BY_LIBRARY, KEEP, NO_BLOCK
from plmbench.models.ablations import Decision

Row = dict[str, Any]  # the keys of a ParameterRow that say how a parameter starts


class Call(NamedTuple):
    """A draw that the library asked for."""

    kind: str  # of torch.nn.init, or `copy_`
    tensor: Tensor
    arguments: dict[str, Any]


def truncated(arguments: dict[str, Any]) -> Row:
    """Return the row of a normal distribution that is cut; torch's cuts are at absolute values."""
    bound = arguments.get("b", 2.0)
    if arguments.get("a", -bound) != -bound:
        raise KeyError("an uneven cut")
    return {"initialiser": "truncated_normal", "std": arguments.get("std", 1.0), "bound": bound}


# How our rows say what the library asks for.
KINDS: dict[str, Callable[[dict[str, Any]], Row]] = {
    "normal_": lambda given: {"initialiser": "normal", "std": given.get("std", 1.0)},
    "trunc_normal_": truncated,
    "zeros_": lambda given: {"initialiser": "zeros"},
    "ones_": lambda given: {"initialiser": "ones"},
    "constant_": lambda given: {"initialiser": "constant", "value": given["val"]},
    "xavier_uniform_": lambda given: {
        "initialiser": "xavier_uniform",
        "gain": given.get("gain", 1.0),
    },
    "copy_": lambda given: {"initialiser": KEEP},  # a table, such as sinusoids: not drawn
}
POSITIONAL = {"constant_": ("val",), "normal_": ("mean", "std"), "copy_": ("other",)}


@contextmanager
def noting(calls: list[Call]) -> Iterator[None]:
    """Have the library's initialisers note what they are asked for, and draw nothing."""
    from transformers import initialization

    functions, copy = dict(initialization.TORCH_INIT_FUNCTIONS), initialization.copy_

    def note(kind: str) -> Callable[..., Tensor]:
        def noted(tensor: Tensor, *args: Any, **kwargs: Any) -> Tensor:
            given = dict(zip(POSITIONAL.get(kind, ()), args, strict=False)) | kwargs
            calls.append(Call(kind, tensor, {k: v for k, v in given.items() if v is not None}))
            return tensor

        return noted

    initialization.TORCH_INIT_FUNCTIONS.update({kind: note(kind) for kind in functions})
    initialization.copy_ = note("copy_")
    try:
        yield
    finally:
        initialization.TORCH_INIT_FUNCTIONS.update(functions)
        initialization.copy_ = copy


def calls_of(network: Any) -> list[Call]:
    """Return the draws that the library makes for a network, in order."""
    for part in (*network.modules(), *network.parameters()):
        part.__dict__.pop("_is_hf_initialized", None)  # with it, the library would draw nothing
    calls: list[Call] = []
    with noting(calls):
        network.initialize_weights()
    return calls


def row_of(call: Call) -> Row:
    """Return how our rows say a draw; raises InputError for one that they cannot say."""
    try:
        if call.arguments.get("mean", 0.0) != 0.0:
            raise KeyError("a mean")
        return KINDS[call.kind](call.arguments)
    except KeyError as error:
        raise InputError(
            f"reinit: the library starts a parameter by {call.kind} {call.arguments}, for which "
            f"there is no initialiser here ({error}); add one to models/initialisers.py and "
            "models/recorded.py"
        ) from error


def zeroed(row: Row, views: Sequence[Tensor]) -> Row:
    """Return a row whose padding is the row of the tensor that views of it set to zero."""
    rows = {view.storage_offset() // view._base.stride(0) for view in views}  # type: ignore[union-attr]
    if len(rows) > 1:
        raise InputError(f"reinit: the library sets rows {sorted(rows)} to zero, and not one")
    return row | {"padding_row": rows.pop()} if rows else row


def with_draws(
    decisions: Mapping[str, Decision],
    rows: Mapping[str, Row],
    blocks: Mapping[str, int],
    before: Collection[str],
) -> dict[str, Decision]:
    """Return decisions of which those by the library have the row that was read from it, and all
    have the number of the block that their parameter stands in, or on which side of them it is.

    decisions, rows: by parameter; blocks: {a block's name: its number}; before: the names of
    modules that states pass through before the first block.
    """
    found = {}
    for name, (row, *_) in decisions.items():
        parents = (block for block in blocks if name.startswith(f"{block}."))
        number = blocks.get(next(parents, ""), NO_BLOCK)
        if row.initialiser == BY_LIBRARY:
            if name not in rows:
                raise InputError(
                    f"reinit: the library draws nothing for parameter {name!r}; give it a row with "
                    "initialiser: keep in config/families/transformers.yaml, before "
                    f"{row.match!r}"
                )
            row = replace(row, **rows[name])
        found[name] = Decision(row, number, name.rpartition(".")[0] not in before)
    return found


def recorded_rows(kind: Any, config: Any) -> dict[str, Row]:
    """Return {name: row} of how the library starts each parameter of a network of this class; the
    names of a tied one all have it. One that a constructor sets is missing."""
    with torch.device("meta"):
        network = kind(config)
    whole: dict[int, Call] = {}
    views: dict[int, list[Tensor]] = {}
    for call in calls_of(network):
        base = call.tensor._base
        if base is None:  # the last draw of a whole tensor counts
            whole[id(call.tensor)] = call
            views.pop(id(call.tensor), None)
        else:
            views.setdefault(id(base), []).append(call.tensor)
    return {
        name: zeroed(row_of(whole[id(parameter)]), views.get(id(parameter), ()))
        for name, parameter in network.named_parameters(remove_duplicate=False)
        if id(parameter) in whole
    }
