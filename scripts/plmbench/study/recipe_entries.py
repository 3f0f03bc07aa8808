"""config/recipes.yaml: how small networks are trained."""

from typing import Annotated, Literal

from pydantic import Field

from plmbench.study.fields import (
    Count,
    Natural,
    NotNegative,
    Number,
    Positive,
    Settings,
    Text,
    Word,
    by_key,
    named,
)

FAMILY = Field(description="the network's class")
ARCHITECTURE = Field(
    description="its size: num_layers and hidden_size, and what the class needs beside them"
)


class Size(Settings):
    """The size of a network."""

    num_layers: Count = Field(description="number of blocks")
    hidden_size: Count = Field(description="width of a layer")


class CarpSize(Size):
    """The size of CARP."""

    embedding_size: Count = Field(description="width of a letter's embedding")
    dilation: Count = Field(description="largest dilation")
    slim: bool = Field(description="whether a block's convolution has half a layer's width")


class Esm2Size(Size):
    """The size of ESM-2."""

    num_heads: Count = Field(description="heads of attention per block")


class Esm1bSize(Esm2Size):
    """The size of ESM-1b."""

    intermediate_size: Count = Field(description="width of a block's feed-forward layer")


class AboutRecipe(Settings):
    """What describes a trained network."""

    series: str | None = Field(
        default=None, description="the networks it is compared with along the size"
    )
    network: str | None = Field(
        default=None,
        description="the recipe of which this one is another pretraining, by another seed",
    )
    licence: str | None = Field(default=None, description="the licence of the weights")


class Recipe(Settings):
    """A network to train: its class and size, what it learns from, and how."""

    family: str = FAMILY
    architecture: Size = ARCHITECTURE
    data: Text = Field(
        description="FASTA of the proteins to learn from, absolute or relative to the repository"
    )
    held_out: Text = Field(description="FASTA of the proteins on which the loss is measured")
    steps: Annotated[int, Number(whole=True, least=8)] = Field(
        description="optimiser steps; checkpoints are kept after 1/8, 1/4, 1/2 and all of them"
    )
    tokens: Annotated[int, Number(whole=True, least=64)] = Field(
        default=4096, description="padded tokens per step"
    )
    max_length: Annotated[int, Number(whole=True, least=16)] = Field(
        default=256, description="the most residues of a protein that are seen at once"
    )
    learning_rate: Positive = Field(
        description="largest step size of AdamW, after the warm-up; it falls along a cosine to 2 % "
        "of that"
    )
    warmup: Count = Field(default=200, description="steps over which the step size rises")
    weight_decay: NotNegative = Field(default=0.01, description="weight decay of AdamW")
    max_grad_norm: Positive = Field(
        default=1.0, description="the largest norm of a step's gradient"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32",
        description="of the matrix products in training; bfloat16 is faster on a GPU and on a CPU "
        "that has instructions for it. Weights, gradients and losses are float32 in both",
    )
    seed: Natural = Field(
        default=0, description="seed of the first weights, of the crops and of the masks"
    )
    about: AboutRecipe = Field(
        default=AboutRecipe(), description="what describes the network; never causes a rerun"
    )


class CarpRecipe(Recipe):
    """CARP to train."""

    family: Literal["carp"] = FAMILY
    architecture: CarpSize = ARCHITECTURE


class Esm1bRecipe(Recipe):
    """ESM-1b to train."""

    family: Literal["esm1b"] = FAMILY
    architecture: Esm1bSize = ARCHITECTURE


class Esm2Recipe(Recipe):
    """ESM-2 to train."""

    family: Literal["esm2"] = FAMILY
    architecture: Esm2Size = ARCHITECTURE


FORMS = (CarpRecipe, Esm1bRecipe, Esm2Recipe)
RECIPES = named(Word, by_key("family", FORMS))
