"""config/ablations.yaml: what becomes of a network's parameters."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field, RootModel, Tag

from plmbench.study import registries
from plmbench.study.fields import (
    Index,
    Listed,
    OneOf,
    Pattern,
    Real,
    Settings,
    Text,
    choosing,
    named,
)

AblationName = Annotated[str, Pattern("(?!none$|pretrained$)[a-z][a-z0-9_]*")]
BEARING = ("reinit", "resample")  # ablations that bear on the verdict unless they say otherwise
WEIGHTED = partial(registries.families, weights=True)


class Row(Settings):
    """What becomes of the parameters of some names."""

    match: str = Field(description="a glob over parameter names, as named_parameters() lists them")
    init: Annotated[str, OneOf(registries.initialisers)] = Field(
        description="what becomes of the parameter"
    )
    gain: Real | None = Field(default=None, description="factor of xavier_uniform")
    padding_row: Index | None = Field(
        default=None,
        description="the row of an embedding that belongs to padding, for normal and shuffle",
    )


class Tables(
    RootModel[
        Annotated[dict[Annotated[str, OneOf(WEIGHTED)], Annotated[list[Row], Listed()]], Listed()]
    ]
):
    """For each family, rows for its parameters; every parameter must be matched."""

    def as_dict(self) -> dict[str, Any]:
        """Return {family: rows}."""
        return self.model_dump(exclude_none=True)


class Action(Settings):
    """An ablation by what it does; the parameters of a family stand in config/families."""

    action: Text = Field(description="what is done to each parameter, such as reinit or shuffle")
    in_verdict: bool | None = Field(
        default=None,
        description="whether the ablation bears on the verdict, so that pretraining has to beat "
        "it; true for reinit and resample if absent, false for others",
    )


def tag_of(entry: object) -> str:
    """Return the tag of an ablation's form."""
    if isinstance(entry, dict):
        return "<action>" if {"action", "in_verdict"} & set(entry) else "<tables>"
    return "<action>" if isinstance(entry, Action) else "<tables>"


AblationEntry = Action | Tables
ABLATIONS = named(
    AblationName,
    Annotated[
        Annotated[Action, Tag("<action>")] | Annotated[Tables, Tag("<tables>")], choosing(tag_of)
    ],
)


def in_verdict(name: str, entry: AblationEntry) -> bool:
    """Tell whether an ablation bears on the verdict."""
    given = getattr(entry, "in_verdict", None)
    return name in BEARING if given is None else given
