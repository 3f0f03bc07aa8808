"""Recipes: what decides a network that is trained here, and what its training gives."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.canonical import canonical
from plmbench.core.digests import sha256_of_file, sha256_of_texts

MARKS = {"12": 1 / 8, "25": 1 / 4, "50": 1 / 2, "100": 1.0}  # where a checkpoint is kept


@dataclass(frozen=True)
class Recipe:
    """An entry of config/recipes.yaml, without its files and its description."""

    family: str  # a key of BUILDERS
    architecture: Mapping[str, Any]  # what the builder of the family takes
    steps: int
    tokens: int  # per step, padding among them
    max_length: int  # residues of a protein that are seen at once
    learning_rate: float  # the largest, after the warm-up
    warmup: int  # steps
    weight_decay: float
    max_grad_norm: float
    precision: str  # of the matrix products: float32 or bfloat16
    seed: int
    objective: str = "masked"  # a key of OBJECTIVES


class Outcome(NamedTuple):
    """How a training went."""

    losses: dict[str, float]  # {mark: held-out loss in nats}
    versions: str
    device: str


def identity_of(recipe: Recipe, files: Iterable[Path | str], code: str) -> str:
    """Return a text that is equal for the same recipe, the same data and the same code."""
    return sha256_of_texts([canonical(asdict(recipe)), *map(sha256_of_file, files), code])
