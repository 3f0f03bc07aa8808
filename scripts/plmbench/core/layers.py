"""Which layers: `all`, a list such as [0, 6, -1] (from the end where negative), or {every: n}."""

from collections.abc import Mapping, Sequence

from plmbench.core.errors import InputError

LayerChoice = str | Sequence[int] | Mapping[str, int]


def chosen_layers(choice: LayerChoice, num_layers: int) -> list[int]:
    """Return the layer numbers of a choice, rising, out of `num_layers` (blocks + 1).

    `every: n` always has the last layer. A number of a list that this model does not have is left
    out: one-hot has layer 0 alone. Raises InputError where none is left.
    """
    if isinstance(choice, str):  # "all", the one word that configurations allow
        return list(range(num_layers))
    if isinstance(choice, Mapping):
        return sorted({*range(0, num_layers, choice["every"]), num_layers - 1})
    kept = {number % num_layers for number in choice if -num_layers <= number < num_layers}
    if not kept:
        raise InputError(
            f"layers: {choice} has no layer of this model, which has 0 to {num_layers - 1} "
            f"(or -1 to -{num_layers}, counted from the end)"
        )
    return sorted(kept)
