"""Sequences above a model's longest input: the policies, and what each leaves of a sequence."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from plmbench.core.errors import InputError

ALL_LEFT_OUT = "{}: every sequence is above the model's max_length of {:,} {}"


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


class Measure(NamedTuple):
    """How long sequences are, and how one is cut: by residues, or as a network counts."""

    lengths: Callable[[Sequence[str]], list[int]] = lambda texts: [*map(len, texts)]
    cut: Callable[[str, int | None, str], str] = cut  # (text, max_length, policy)
    unit: str = "residues"
    policies: Sequence[str] = LENGTH_POLICIES


BY_RESIDUES = Measure()


def fit_to_max_length(
    ids: Sequence[str],
    sequences: Sequence[str],
    max_length: int | None,
    policy: str,
    measure: Measure = BY_RESIDUES,
) -> tuple[list[str], list[str], list[str]]:
    """Return ids and sequences as they are embedded, and the ids above `max_length` residues.

    max_length: None for no max_length. Raises InputError naming them where the policy is `error`.
    """
    lengths = measure.lengths(sequences) if max_length else []
    long = [i for i, length in enumerate(lengths) if max_length and length > max_length]
    if long and policy == "error":
        shown = ", ".join(f"{ids[i]} ({lengths[i]:,} {measure.unit})" for i in long[:5])
        raise InputError(
            f"{len(long):,} sequence(s) above the model's max_length of {max_length:,} "
            f"{measure.unit}: {shown}; set the data set's long_sequences to one of "
            f"{', '.join(measure.policies[1:])}, or take them out"
        )
    left_out = set(long) if policy == "drop" else set()
    kept = [i for i in range(len(ids)) if i not in left_out]
    too_long = set(long)
    fitted = [
        measure.cut(sequences[i], max_length, policy) if i in too_long else sequences[i]
        for i in kept
    ]
    return [ids[i] for i in kept], fitted, [ids[i] for i in long]
