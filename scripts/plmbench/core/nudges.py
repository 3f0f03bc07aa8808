"""Nudges of a network's states: their kinds, and what is observed, as a configuration names them.

`patch`, a state from another sequence, is for notebooks: it needs a pair of sequences.
"""

NOISE, ERASE, SUBSTITUTE, PATCH = "noise", "erase", "substitute", "patch"
KINDS = (NOISE, ERASE, SUBSTITUTE)
THROUGH, BLOCKS = "through", "blocks"
OBSERVED = {
    THROUGH: "one injection, and every layer after it",
    BLOCKS: "each block from its own input, and the layer that it makes",
}
HEAD = "attention"  # the map of a network's own contact head


def map_name(kind: str, observe: str) -> str:
    """Return what a file of responses calls the maps of a kind."""
    return f"{kind}.{observe}"


def maps_of(kinds: list[str], observe: list[str]) -> list[tuple[str, str]]:
    """Return the (kind, what is observed) pairs to compute: only noise is small enough to be put
    into each block anew."""
    return [(k, o) for k in kinds for o in (observe if k == NOISE else [THROUGH])]
