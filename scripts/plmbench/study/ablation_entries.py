"""config/ablations.yaml: what becomes of a network's parameters."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, create_model, model_validator

from plmbench.core.scopes import BLOCKS, BOTTOM, BY_ROLE, SCOPED_ROLES, SWEEPS, TOP, WINDOW
from plmbench.models.ablations import ACTIONS
from plmbench.study.fields import Count, Listed, Number, OneOf, Pattern, Settings, named, refused

AblationName = Annotated[str, Pattern("(?!none$|pretrained$)[a-z][a-z0-9_]*")]
BEARING = ("reinit", "resample")  # ablations that bear on the verdict unless they say otherwise
NO_BLOCKS = "is none of: all, every, top k, bottom k, [i, j) with blocks counted from 1"
Roles = Annotated[list[Annotated[str, OneOf(lambda: SCOPED_ROLES)]], Listed(unique=True)]
Sweeps = Annotated[list[Annotated[str, OneOf(lambda: SWEEPS)]], Listed(unique=True)]
PARTS = ("blocks", "roles", "except", "sweep", "steps", "width", "where_absent")  # keys of a scope


class AblationEntry(Settings):
    """An ablation by what it does; the parameters of a family stand in config/families."""

    action: Annotated[str, OneOf(lambda: ACTIONS)] = Field(
        description="what is done to each parameter that its family's table does not keep"
    )
    in_verdict: bool | None = Field(
        default=None,
        description="whether the ablation bears on the verdict, so that pretraining has to beat "
        "it; true for reinit and resample if absent, false for others; one of a part never does",
    )
    blocks: Annotated[str, Pattern(BLOCKS, NO_BLOCKS)] | None = Field(
        default=None,
        description="the blocks that are ablated: all (also what stands outside of them, if "
        'absent), every (but not that), top k, bottom k, or "[i, j)", counted from 1; top takes '
        "along what stands after the blocks, bottom what stands before them",
    )
    roles: Roles | None = Field(
        default=None,
        description="the roles of parameters that are ablated, all if absent; under sweep: [roles] "
        "those that are gone through",
    )
    sweep: Sweeps | None = Field(
        default=None,
        description="one setting after another: top or bottom k = 0, 1, 2, 4, ... all blocks, "
        "roles one by one, windows of blocks",
    )
    steps: Annotated[int, Number(whole=True, least=2)] | None = Field(
        default=None,
        description="least numbers of blocks in a sweep of top or bottom, 0 and all among them; 9 "
        "if absent",
    )
    width: Count | None = Field(default=None, description="blocks in a window; 1 if absent")
    where_absent: Literal["error", "skip"] | None = Field(
        default=None,
        description="what becomes of a scope that reaches no parameter of a network; error if "
        "absent",
    )

    @property
    def scoped(self) -> bool:
        """Tell whether it ablates a part of the network, or parts one after another."""
        limits = (self.roles, getattr(self, "except", None), self.sweep)
        return self.blocks not in (None, "all") or any(limits)

    def parts(self) -> dict[str, Any]:
        """Return what says which part, as jobs read it."""
        entry = self.as_dict()
        return {key: entry[key] for key in PARTS if key in entry}

    @model_validator(mode="after")
    def _together(self) -> Self:
        sweep = self.sweep or []
        for key, needed in (("steps", (TOP, BOTTOM)), ("width", (WINDOW,))):
            if getattr(self, key) is not None and not {*needed} & {*sweep}:
                raise refused(f"{key} is for sweep: [{' or '.join(needed)}]; take it out")
        if self.blocks and sweep and sweep != [BY_ROLE]:
            raise refused("says blocks, which its sweep goes through; take one of them out")
        if self.roles and len(sweep) > 1 and BY_ROLE in sweep:
            raise refused(
                "says roles, which sweep: [roles] goes through and the other sweeps are limited "
                "to; make two entries of it"
            )
        if self.where_absent and not self.scoped:
            raise refused("says where_absent, but limits neither blocks nor roles; take it out")
        if self.in_verdict and self.scoped:
            raise refused(
                "ablates a part of the network, and so never bears on the verdict; take out "
                "in_verdict"
            )
        return self


WITH_EXCEPT: Any = create_model(  # a word of Python, which a class cannot declare
    "AblationEntry",
    __base__=AblationEntry,
    __doc__=AblationEntry.__doc__,
    **{
        "except": (
            Roles | None,
            Field(default=None, description="roles of parameters that stay as they are"),
        )
    },  # type: ignore[call-overload]
)
ABLATIONS = named(AblationName, WITH_EXCEPT)


def in_verdict(name: str, entry: AblationEntry) -> bool:
    """Tell whether an ablation bears on the verdict."""
    if entry.scoped:
        return False
    return name in BEARING if entry.in_verdict is None else entry.in_verdict
