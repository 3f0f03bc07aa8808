"""Which layers: `all`, a list such as [0, 6, -1] (from the end where negative), or {every: n}."""

from plmbench.core.errors import InputError


def chosen_layers(choice, layers):
    """Return the layer numbers of a choice, rising, out of `layers` (blocks + 1).

    `every: n` always has the last layer. A number of a list that this model does not have is left
    out: one-hot has layer 0 alone. Raises InputError where none is left.
    """
    if choice == "all":
        return list(range(layers))
    if isinstance(choice, dict):
        return sorted({*range(0, layers, choice["every"]), layers - 1})
    kept = {number % layers for number in choice if -layers <= number < layers}
    if not kept:
        raise InputError(
            f"layers: {choice} has no layer of this model, which has 0 to {layers - 1} "
            f"(or -1 to -{layers}, counted from the end)"
        )
    return sorted(kept)
