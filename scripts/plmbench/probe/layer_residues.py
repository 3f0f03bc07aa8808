"""The residues of one layer of an embedding file, sequence by sequence, for probes that read all of
them."""

from typing import Any

import numpy as np

from plmbench.core.poolings import RESIDUES
from plmbench.probe.places import places_of
from plmbench.store.embeddings import Embeddings

MOST_KEPT = 1 << 30  # bytes of a layer that stay in memory; a larger one is read again and again


class LayerResidues:
    """One layer's states, standardised once `standardise` was called."""

    def __init__(self, embeddings: Embeddings, layer: int, device: Any = "cpu") -> None:
        """device: of torch, on which a network computes."""
        self.embeddings, self.layer, self.device = embeddings, layer, device
        self.offsets = embeddings.file[f"{RESIDUES}/offsets"][:].astype(np.int64)
        self.lengths = np.diff(self.offsets)
        values = embeddings.file[f"{RESIDUES}/values"]  # [layer, residue, width]
        self.width = int(values.shape[2])
        size = self.offsets[-1] * self.width * values.dtype.itemsize
        self.kept: np.ndarray | None = None
        if size <= MOST_KEPT:  # in one read, which checks it
            blocks = [block for _, block in embeddings.blocks(RESIDUES, layer)]
            self.kept = np.concatenate(blocks)
        else:
            embeddings.check(RESIDUES, layer)
        self.centre, self.scale = np.zeros(self.width), np.ones(self.width)

    def raw(self, row: int) -> np.ndarray:
        """Return the residues of a sequence as they are stored, [residue, width]."""
        start, stop = self.offsets[row], self.offsets[row + 1]
        if self.kept is not None:
            return self.kept[start:stop]
        return self.embeddings.part(RESIDUES, self.layer, start, stop)

    def of(self, row: int) -> np.ndarray:
        """Return the residues of a sequence, float32 [residue, width]."""
        return ((self.raw(row) - self.centre) / self.scale).astype(np.float32)

    def standardise(self, X: np.ndarray) -> None:
        """Let the residues of the sequences at X [example, 2] have mean 0 and deviation 1."""
        total, squares = np.zeros(self.width), np.zeros(self.width)
        rows = np.unique(places_of(X))
        for row in rows:
            own = self.raw(row).astype(np.float64)
            total, squares = total + own.sum(0), squares + np.square(own).sum(0)
        count = self.lengths[rows].sum()
        self.centre = total / count
        deviation = np.sqrt(np.maximum(squares / count - self.centre**2, 0))
        self.scale = np.where(deviation > 0, deviation, 1)
