"""The key `perturb` of config/config.yaml: what is nudged, and how."""

from typing import Annotated

from pydantic import Field

from plmbench.core.nudges import KINDS, OBSERVED
from plmbench.study.fields import (
    Count,
    LayerChoice,
    Listed,
    Natural,
    OneOf,
    Pattern,
    Positive,
    Settings,
    Text,
    Word,
)

Letters = Annotated[
    str, Pattern("[A-IK-Z]+", "is no sequence of one-letter codes in capitals (J is none)")
]


class Nudged(Settings):
    """Which chains of one set are nudged, and in which ways."""

    sequences: Annotated[dict[Text, Letters], Listed()] | None = Field(
        default=None,
        description="sequences of your own, {name: letters}; absent: those of the data set, or of "
        "the entry of contacts.yaml, of this name",
    )
    chains: Count | None = Field(
        default=None, description="the first so many chains; all if absent"
    )
    longest: Count | None = Field(default=None, description="chains of at most so many residues")
    kinds: Annotated[list[Annotated[str, OneOf(lambda: KINDS)]], Listed(unique=True)] = Field(
        default=["noise"],
        description="noise: a small random step; erase: the state set to zero; substitute: each "
        "of the twenty letters, at twenty times the cost of erase",
    )
    observe: Annotated[list[Annotated[str, OneOf(lambda: OBSERVED)]], Listed(unique=True)] = Field(
        default=["through"],
        description="of noise: through, every layer after a nudge of the input; blocks, each "
        "block after a nudge of its own input",
    )


class Perturb(Settings):
    """What is nudged: sets of chains, by models, by weights."""

    sets: Annotated[dict[Word, Nudged], Listed()] = Field(
        description="chains by the name of their data set or their entry of contacts.yaml, or of "
        "your own with `sequences`"
    )
    models: Annotated[list[str], Listed(unique=True)] | None = Field(
        default=None, description="which of the networks that run; all of `models` if absent"
    )
    weights: Annotated[list[str], Listed(unique=True)] | None = Field(
        default=None, description="which weights; those of the configuration if absent"
    )
    layers: LayerChoice = Field(
        default="all", description="whose answers are stored: all, a list, or {every: n}"
    )
    eps: Positive = Field(
        default=0.01, description="the step of noise, as a share of the state that it moves"
    )
    draws: Count = Field(default=1, description="random directions per residue")
    seed: Natural = Field(default=0, description="seed of the random directions")
    shown: str | None = Field(
        default=None,
        description="id of the chain whose maps are drawn; one of middle length if absent",
    )
