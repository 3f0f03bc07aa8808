"""Recipes: what decides a network that is trained here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """An entry of config/recipes.yaml, without its files and its description."""

    family: str  # a key of BUILDERS
    architecture: Mapping[str, int]  # what the builder of the family takes
    steps: int
    tokens: int  # per step, padding among them
    max_length: int  # residues of a protein that are seen at once
    learning_rate: float  # the largest, after the warm-up
    warmup: int  # steps
    weight_decay: float
    max_grad_norm: float
    precision: str  # of the matrix products: float32 or bfloat16
    seed: int
