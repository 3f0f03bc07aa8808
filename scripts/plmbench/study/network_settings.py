"""config/models.yaml: what an entry says of a network in a mapping of its own."""

from typing import Annotated, Literal

from pydantic import Field

from plmbench.study.fields import Count, Pattern, Settings, Text


class ProjectionSize(Settings):
    """The size of a random projection."""

    hidden_size: Count = Field(description="width of a layer")


class Convolutions(Settings):
    """The architecture of CARP."""

    embedding_size: Count | None = Field(default=None, description="width of a letter's embedding")
    hidden_size: Count | None = Field(default=None, description="width of a layer")
    num_layers: Count | None = Field(default=None, description="number of blocks")
    kernel_size: Count | None = Field(default=None, description="width of a convolution")
    activation: Literal["relu", "gelu"] | None = Field(
        default=None, description="nonlinearity of the blocks"
    )
    slim: bool | None = Field(
        default=None, description="whether a block's convolution has half a layer's width"
    )
    dilation: Count | None = Field(default=None, description="largest dilation")


class Writing(Settings):
    """How residues are written for a network of transformers, where not as its class has it."""

    separator: str | None = Field(default=None, description="between residues")
    suffix: Text | None = Field(default=None, description="after each residue")
    rare: Annotated[str, Pattern("[A-Z]?", "is no capital letter")] | None = Field(
        default=None, description="the letter that stands for B, O, U and Z; themselves if empty"
    )
    prefix: Text | None = Field(default=None, description="before the sequence")
    line_length: Count | None = Field(
        default=None, description="residues after which a line ends, as in FASTA"
    )
