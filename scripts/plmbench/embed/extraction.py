"""What is embedded, and what is kept of it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from plmbench.core.poolings import RESIDUES


class Pooling(NamedTuple):
    """What to keep of each layer's states."""

    names: Sequence[str]  # of POOLS
    residue_layers: Sequence[int] = ()  # the layers whose residues are kept under RESIDUES
    sites: Sequence[int] = ()  # positions of mutation
    window: int | None = None  # longer sequences are embedded in windows of so many residues

    def wants(self, name: str, layer: int) -> bool:
        """Tell whether a layer is kept under a pooling."""
        return name != RESIDUES or layer in self.residue_layers


class Extraction(NamedTuple):
    """The sequences of a table, as its policies leave them."""

    ids: Sequence[str]
    sequences: Sequence[str]  # the longest first
    pooling: Pooling
    dropped: Sequence[str] = ()  # ids of sequences that the policy leaves out
    counts: Mapping[str, str | int] = {}  # for the record
    measured: Sequence[int] | None = None  # the length of each, where it is not that of its text

    @property
    def lengths(self) -> list[int]:
        """Return the residues of each sequence, or what else of it counts."""
        own = self.measured
        return [len(sequence) for sequence in self.sequences] if own is None else list(own)

    def part(self, rows: slice) -> "Extraction":
        """Return the same of some sequences alone."""
        measured = self.measured if self.measured is None else self.measured[rows]
        return self._replace(ids=self.ids[rows], sequences=self.sequences[rows], measured=measured)
