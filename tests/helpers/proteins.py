"""Made-up proteins and their relatives, and what the tests of families share."""

import random

import pytest

from plmbench.core.alphabet import STANDARD
from plmbench.data import mmseqs

needs_mmseqs = pytest.mark.skipif(mmseqs.found() is None, reason="there is no mmseqs")
SETTINGS = {"identity": 0.3, "coverage": 0.8}


def made_protein(seed, length=120):
    """Return a made-up protein."""
    return "".join(random.Random(seed).choices(STANDARD, k=length))


def relative_of(protein, share, seed):
    """Return a protein of which a share of the residues is another's."""
    draw = random.Random(seed)
    kept = set(draw.sample(range(len(protein)), round(share * len(protein))))
    return "".join(c if i in kept else draw.choice(STANDARD) for i, c in enumerate(protein))


MADE = [made_protein(seed) for seed in range(4)]
