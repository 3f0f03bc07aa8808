"""Batches of sequences of like length under a token budget, and the cut to a model's limit."""

from plmbench.errors import InputError

MOST_PADDING = 0.1  # of a batch
LENGTH_POLICIES = ("error", "truncate", "ends")


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


def cut(sequence, limit, policy):
    """Return `sequence` cut to `limit` residues: its first ones, or its first and last half."""
    if policy == "truncate":
        return sequence[:limit]
    head = (limit + 1) // 2
    return sequence[:head] + sequence[len(sequence) - (limit - head) :]


def fit_to_limit(ids, sequences, limit, policy):
    """Return the sequences, none above `limit` residues (None: no limit), and how many were cut.

    Raises InputError naming the sequences above the limit where the policy is `error`.
    """
    long = [i for i, sequence in enumerate(sequences) if limit and len(sequence) > limit]
    if long and policy == "error":
        shown = ", ".join(f"{ids[i]} ({len(sequences[i]):,} residues)" for i in long[:5])
        raise InputError(
            f"{len(long):,} sequence(s) above the model's limit of {limit:,} residues: {shown}; "
            f"set the data set's too_long to one of {', '.join(LENGTH_POLICIES[1:])}, "
            "or take them out"
        )
    fitted = list(sequences)
    for i in long:
        fitted[i] = cut(sequences[i], limit, policy)
    return fitted, len(long)
