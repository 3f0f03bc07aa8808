"""Contacts read from maps of responses: residues that touch should answer to each other.

A map is symmetrised and corrected for what each residue has in common with all (APC, Dunn, Wahl &
Gloor 2008). The pairs that score highest are then looked up in the structure.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
SEPARATIONS = (6, 12, 24)  # the least |i - j|
PARTS = {"precision_L": 1, "precision_L2": 2, "precision_L5": 5}  # L / part pairs are looked up


def corrected(scores: Array) -> Array:
    """Return a map [p, q] without its diagonal, symmetrised, minus its average product."""
    x = np.array(scores, np.float64)
    np.fill_diagonal(x, 0)
    x = (x + x.T) / 2
    total = x.sum()
    x -= np.outer(x.sum(0), x.sum(1)) / total if total else 0.0
    np.fill_diagonal(x, 0)
    return x


def contact_map(pairs: NDArray[np.int64], residues: int) -> Mask:
    """Return bool [p, q], true where residues touch; pairs: int [pair, 2], counted from 1."""
    found = np.zeros((residues, residues), bool)
    found[pairs[:, 0] - 1, pairs[:, 1] - 1] = True
    return found | found.T


def upper_pairs(resolved: Mask, separation: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return p and q of all pairs of resolved residues at least so far apart, p before q."""
    p, q = np.triu_indices(len(resolved), separation)
    both = resolved[p] & resolved[q]
    return p[both], q[both]


def precisions(scores: Array, touching: Mask, resolved: Mask, separation: int) -> list[float]:
    """Return of each of PARTS the share of true contacts among the L / part pairs that score
    highest; L: resolved residues. Of equal scores the earlier pair counts. NaN without pairs."""
    p, q = upper_pairs(resolved, separation)
    if not len(p):
        return [np.nan] * len(PARTS)
    best = touching[p, q][np.argsort(-scores[p, q], kind="stable")]
    counts = [max(1, int(resolved.sum()) // part) for part in PARTS.values()]
    return [float(best[:count].mean()) for count in counts]


def base_rate(touching: Mask, resolved: Mask, separation: int) -> float:
    """Return the share of pairs that touch; NaN without pairs."""
    p, q = upper_pairs(resolved, separation)
    return float(touching[p, q].mean()) if len(p) else np.nan


def by_separation(residues: int) -> Array:
    """Return scores [p, q] that know how far apart residues stand alone: the nearest first."""
    places = np.arange(residues)
    return -np.abs(places[:, None] - places).astype(float)


def resolved_of(mask: str) -> Mask:
    """Return bool [residue] of a mask of 0 and 1."""
    return np.array(list(mask)) == "1"


def top_pairs(scores: Array, resolved: Mask, separation: int) -> list[tuple[int, int]]:
    """Return the L pairs that score highest, for a picture."""
    p, q = upper_pairs(resolved, separation)
    best = np.argsort(-scores[p, q], kind="stable")[: int(resolved.sum())]
    return list(zip(p[best].tolist(), q[best].tolist(), strict=True))
