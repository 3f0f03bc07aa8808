"""What of a test subset a network has met in its pretraining: the sequences themselves, and how
near the others are to the nearest sequence of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from plmbench.core.columns import SEEN
from plmbench.data.clustering import Settings
from plmbench.data.mmseqs import found
from plmbench.data.nearest import nearest_in_fasta, shares_within
from plmbench.data.overlap import seen_in_fasta


class Near(NamedTuple):
    """Counts and shares of distinct test sequences; NaN where nothing was searched."""

    test_sequences: int
    seen: int  # that stand in the pretraining sequences
    within_30: float = float("nan")  # share with at least 30 % identity to one of them
    within_50: float = float("nan")
    within_90: float = float("nan")


OVERLAP = [SEEN if name == "seen" else name for name in Near._fields]  # columns


def near_to(test: Sequence[str], path: Path | str, settings: Settings | None) -> Near:
    """Return how near distinct test sequences are to the proteins of a FASTA file; a sequence that
    stands in it is at 100 %. settings: of the search, None for none."""
    seen = seen_in_fasta(test, path)
    counts = Near(len(test), len(seen))
    if settings is None or found() is None:
        return counts
    others = [sequence for sequence in test if sequence not in seen]
    identities = nearest_in_fasta(others, path, settings["coverage"])
    shares = shares_within([*identities, *[1.0] * len(seen)], "of")
    return Near(*counts[:2], *shares.values())
