"""Sequences above a model's longest input: the policies, and what each leaves of a sequence."""

from plmbench.core.errors import InputError

ALL_LEFT_OUT = "{}: every sequence is above the model's limit of {:,} residues"


def whole(text, limit):
    """Return `text`: the policies that do not cut."""
    return text


def first_residues(text, limit):
    """Return the first `limit` residues."""
    return text[:limit]


def both_ends(text, limit):
    """Return the first and last half of `limit` residues, the odd one at the start."""
    head = (limit + 1) // 2
    return text[:head] + text[len(text) - (limit - head) :]


CUTS = {
    "error": whole,
    "drop": whole,
    "truncate": first_residues,
    "ends": both_ends,
    "windows": whole,
}


LENGTH_POLICIES = tuple(CUTS)


def cut(text, limit, policy):
    """Return what a policy leaves of a sequence, or of its labels or mask, above the limit (None:
    no limit)."""
    return CUTS[policy](text, limit) if limit and len(text) > limit else text


def fit_to_limit(ids, sequences, limit, policy):
    """Return ids and sequences as they are embedded, and the ids above `limit` residues.

    limit: None for no limit. Raises InputError naming them where the policy is `error`.
    """
    long = [i for i, sequence in enumerate(sequences) if limit and len(sequence) > limit]
    if long and policy == "error":
        shown = ", ".join(f"{ids[i]} ({len(sequences[i]):,} residues)" for i in long[:5])
        raise InputError(
            f"{len(long):,} sequence(s) above the model's limit of {limit:,} residues: {shown}; "
            f"set the data set's too_long to one of {', '.join(LENGTH_POLICIES[1:])}, "
            "or take them out"
        )
    left_out = set(long) if policy == "drop" else set()
    kept = [i for i in range(len(ids)) if i not in left_out]
    fitted = [cut(sequences[i], limit, policy) for i in kept]
    return [ids[i] for i in kept], fitted, [ids[i] for i in long]
