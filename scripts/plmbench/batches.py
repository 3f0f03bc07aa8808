"""Batches of sequences of like length under a token budget, and the cut to a model's limit."""

from plmbench.errors import InputError

MOST_PADDING = 0.1  # of a batch
MOST_TOKENS = {"cpu": 4096, "cuda": 1 << 16}  # of a batch, where nobody says another number
ALL_LEFT_OUT = "{}: every sequence is above the model's limit of {:,} residues"


def length_order(lengths):
    """Return the indices by falling length, ties in order: the longest first, so that memory
    runs out early or not at all, and the time left is not underrated."""
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])


def token_batches(lengths, tokens_per_batch):
    """Return [start, stop) pairs over `lengths`, which must fall.

    The padded size of a batch, its first length times its sequences, stays within the budget, and
    padding within MOST_PADDING of it; a sequence above the budget makes a batch of its own.
    """
    batches, start, tokens = [], 0, 0
    for stop, length in enumerate(lengths):
        padded = lengths[start] * (stop - start + 1)
        wasted = padded - tokens - length
        if stop > start and (padded > tokens_per_batch or wasted > MOST_PADDING * padded):
            batches.append((start, stop))
            start, tokens = stop, 0
        tokens += length
    return [*batches, (start, len(lengths))] if lengths else []


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
