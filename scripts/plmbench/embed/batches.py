"""Batches of sequences of like length under a token budget, and the cut to a model's max_length."""

from collections.abc import Sequence

MOST_PADDING = 0.1  # of a batch
MOST_TOKENS = {"cpu": 4096, "cuda": 1 << 16}  # of a batch, where nobody says another number


def length_order(lengths: Sequence[int]) -> list[int]:
    """Return the indices by falling length, ties in order: the longest first, so that memory
    runs out early or not at all, and the time left is not underestimated."""
    return sorted(range(len(lengths)), key=lambda i: -lengths[i])


def token_batches(lengths: Sequence[int], tokens_per_batch: int) -> list[tuple[int, int]]:
    """Return [start, stop) pairs over `lengths`, which must fall.

    The padded size of a batch, its first length times its sequences, stays within the budget, and
    padding within MOST_PADDING of it; a sequence above the budget makes a batch of its own.
    """
    batches: list[tuple[int, int]] = []
    start, tokens = 0, 0
    for stop, length in enumerate(lengths):
        padded = lengths[start] * (stop - start + 1)
        wasted = padded - tokens - length
        if stop > start and (padded > tokens_per_batch or wasted > MOST_PADDING * padded):
            batches.append((start, stop))
            start, tokens = stop, 0
        tokens += length
    return [*batches, (start, len(lengths))] if lengths else []
