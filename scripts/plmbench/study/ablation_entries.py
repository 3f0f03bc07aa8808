"""config/ablations.yaml: what becomes of a network's parameters."""

from typing import Annotated

from pydantic import Field

from plmbench.models.ablations import ACTIONS
from plmbench.study.fields import OneOf, Pattern, Settings, named

AblationName = Annotated[str, Pattern("(?!none$|pretrained$)[a-z][a-z0-9_]*")]
BEARING = ("reinit", "resample")  # ablations that bear on the verdict unless they say otherwise


class AblationEntry(Settings):
    """An ablation by what it does; the parameters of a family stand in config/families."""

    action: Annotated[str, OneOf(lambda: ACTIONS)] = Field(
        description="what is done to each parameter that its family's table does not keep"
    )
    in_verdict: bool | None = Field(
        default=None,
        description="whether the ablation bears on the verdict, so that pretraining has to beat "
        "it; true for reinit and resample if absent, false for others",
    )


ABLATIONS = named(AblationName, AblationEntry)


def in_verdict(name: str, entry: AblationEntry) -> bool:
    """Tell whether an ablation bears on the verdict."""
    return name in BEARING if entry.in_verdict is None else entry.in_verdict
