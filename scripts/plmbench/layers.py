"""Which layers: `all`, a list such as [0, 6, -1] (from the end where negative), or {every: n}."""

from plmbench.errors import InputError


def chosen_layers(choice, layers):
    """Return the layer numbers of a choice, rising, out of `layers` (blocks + 1).

    `every: n` always has the last layer. Raises InputError for a number that no layer has.
    """
    if choice == "all":
        return list(range(layers))
    if isinstance(choice, dict):
        return sorted({*range(0, layers, choice["every"]), layers - 1})
    wrong = [number for number in choice if not -layers <= number < layers]
    if wrong:
        raise InputError(
            f"layers: {wrong[0]} is no layer of this model, which has 0 to {layers - 1} "
            f"(or -1 to -{layers}, counted from the end)"
        )
    return sorted({number % layers for number in choice})
