"""Sequences above a model's longest input: the policies, and what each leaves of a sequence."""

from collections.abc import Callable, Sequence

from plmbench.core.errors import InputError

ALL_LEFT_OUT = "{}: every sequence is above the model's max_length of {:,} residues"


def whole(text: str, max_length: int) -> str:
    """Return `text`: the policies that do not cut."""
    return text


def first_residues(text: str, max_length: int) -> str:
    """Return the first `max_length` residues."""
    return text[:max_length]


def both_ends(text: str, max_length: int) -> str:
    """Return the first and last half of `max_length` residues, the odd one at the start."""
    head = (max_length + 1) // 2
    return text[:head] + text[len(text) - (max_length - head) :]


CUTS: dict[str, Callable[[str, int], str]] = {
    "error": whole,
    "drop": whole,
    "truncate": first_residues,
    "keep_ends": both_ends,
    "windows": whole,
}
LENGTH_POLICIES = tuple(CUTS)


def cut(text: str, max_length: int | None, policy: str) -> str:
    """Return what a policy leaves of a sequence, or of its labels or mask, above max_length (None:
    no max_length)."""
    return CUTS[policy](text, max_length) if max_length and len(text) > max_length else text


def fit_to_max_length(
    ids: Sequence[str], sequences: Sequence[str], max_length: int | None, policy: str
) -> tuple[list[str], list[str], list[str]]:
    """Return ids and sequences as they are embedded, and the ids above `max_length` residues.

    max_length: None for no max_length. Raises InputError naming them where the policy is `error`.
    """
    long = [i for i, sequence in enumerate(sequences) if max_length and len(sequence) > max_length]
    if long and policy == "error":
        shown = ", ".join(f"{ids[i]} ({len(sequences[i]):,} residues)" for i in long[:5])
        raise InputError(
            f"{len(long):,} sequence(s) above the model's max_length of {max_length:,} residues: "
            f"{shown}; set the data set's long_sequences to one of "
            f"{', '.join(LENGTH_POLICIES[1:])}, or take them out"
        )
    left_out = set(long) if policy == "drop" else set()
    kept = [i for i in range(len(ids)) if i not in left_out]
    fitted = [cut(sequences[i], max_length, policy) for i in kept]
    return [ids[i] for i in kept], fitted, [ids[i] for i in long]
