"""config/recipes.yaml: how small networks are trained."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from plmbench.core.architectures import NEEDS, OBJECTIVE_OF
from plmbench.study.fields import (
    Count,
    Natural,
    NotNegative,
    Number,
    OneOf,
    Positive,
    Settings,
    Text,
    Word,
    by_key,
    named,
    refused,
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

    @model_validator(mode="after")
    def _whole_heads(self) -> Self:
        if self.hidden_size % self.num_heads:
            raise refused(
                f"hidden_size {self.hidden_size} is no multiple of num_heads {self.num_heads}"
            )
        return self


class Esm1bSize(Esm2Size):
    """The size of ESM-1b."""

    intermediate_size: Count = Field(description="width of a block's feed-forward layer")


MODEL_TYPE = Field(description="its class in transformers")
POSITIONS = Field(description="the most residues it takes: each place has an embedding of its own")
DECODER = Field(description="number of blocks of its decoder")


class HubSize(Esm1bSize):
    """The size of a network of transformers."""

    model_type: str = MODEL_TYPE


class BertSize(HubSize):
    """The size of BERT, or of GPT-2."""

    model_type: Literal["bert", "gpt2"] = MODEL_TYPE
    positions: Count = POSITIONS


class AlbertSize(HubSize):
    """The size of ALBERT."""

    model_type: Literal["albert"] = MODEL_TYPE
    embedding_size: Count = Field(description="width of a letter's embedding")
    positions: Count = POSITIONS


class BartSize(HubSize):
    """The size of BART."""

    model_type: Literal["bart"] = MODEL_TYPE
    decoder_layers: Count = DECODER
    positions: Count = POSITIONS


class T5Size(HubSize):
    """The size of T5, which takes any number of residues."""

    model_type: Literal["t5"] = MODEL_TYPE
    decoder_layers: Count = DECODER


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

    @model_validator(mode="after")
    def _pairs_to_turn(self) -> Self:
        size = self.architecture
        if size.hidden_size // size.num_heads % 2:
            raise refused(
                f"architecture: hidden_size {size.hidden_size} gives each of {size.num_heads} "
                "head(s) an odd width, and ESM-2 turns pairs of numbers; make it even"
            )
        return self


class HubRecipe(Recipe):
    """A network of transformers to train."""

    family: Literal["transformers"] = FAMILY
    architecture: by_key(  # type: ignore[valid-type]
        "model_type", (AlbertSize, BartSize, BertSize, T5Size)
    ) = Field(description="its class and size")
    objective: Annotated[str, OneOf(lambda: NEEDS)] | None = Field(
        default=None,
        description="what it learns by: masked residues, the next residue, or spans that are cut "
        "out; that of its class if absent",
    )

    @model_validator(mode="before")
    @classmethod
    def _own_objective(cls, value: Any) -> Any:
        """Fill in the objective of the class."""
        if not isinstance(value, dict) or "objective" in value:
            return value
        size = value.get("architecture")
        kind = size.get("model_type") if isinstance(size, dict) else None
        objective = OBJECTIVE_OF.get(kind) if isinstance(kind, str) else None
        return value | ({"objective": objective} if objective else {})

    @model_validator(mode="after")
    def _fits(self) -> Self:
        kind, longest = self.architecture.model_type, getattr(self.architecture, "positions", None)
        if self.objective and self.objective != OBJECTIVE_OF[kind]:
            raise refused(
                f"objective {self.objective!r} is for a network that {NEEDS[self.objective]}; "
                f"{kind} learns by {OBJECTIVE_OF[kind]!r}"
            )
        if longest and self.max_length > longest:
            raise refused(
                f"max_length {self.max_length} is more than the {longest} positions of its "
                "architecture"
            )
        return self


FORMS = (CarpRecipe, Esm1bRecipe, Esm2Recipe, HubRecipe)
RECIPES = named(Word, by_key("family", FORMS))
