"""Families of models: the tables in config/families/, read and checked.

A file of that folder is a family: its encoder, which keys its entries in models.yaml have, and what
its parameters are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from plmbench.core.errors import InputError
from plmbench.core.families import BY_LIBRARY, OPTIONS, ParameterRow
from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.scopes import ROLES
from plmbench.models.initialisers import INITIALISERS
from plmbench.study.messages import nearest
from plmbench.study.places import workflow_folder
from plmbench.study.yaml_files import check_plain, read_yaml

FOLDER = workflow_folder() / "config" / "families"
# Keys of a model's entry, for some families alone.
KEYS = (
    *("url", "path", "sha256", "architecture", "side"),
    *("revision", "files", "part", "writing", "config", "modality"),
)
LIBRARY = Path(__file__).resolve().parents[1] / "models"


def one_of(value: str, names: Collection[str]) -> str:
    """Return a value; raises ValueError with the nearest name where it is none of `names`."""
    if value not in names:
        raise ValueError(f"{value!r} is not allowed; {nearest(value, names)}")
    return value


def checked_options(row: ParameterRow) -> ParameterRow:
    """Return a row; raises ValueError for an option that its initialiser does not read."""
    for option in row.options():
        if OPTIONS[option] and row.initialiser not in OPTIONS[option]:
            raise ValueError(f"{option} is not for initialiser {row.initialiser}")
    return row


def checked_encoder(encoder: str) -> str:
    """Return `<module>.<class>` of plmbench.models; raises ValueError where there is no module."""
    module, dot, name = encoder.partition(".")
    if not (dot and module.isidentifier() and name.isidentifier()):
        raise ValueError(f"{encoder!r} is not <module>.<class>, such as esm.Esm2")
    if not (LIBRARY / f"{module}.py").exists():
        raise ValueError(f"{encoder!r}: there is no scripts/plmbench/models/{module}.py")
    return encoder


Key = Annotated[str, AfterValidator(lambda key: one_of(key, KEYS))]
Role = Annotated[str, AfterValidator(lambda role: one_of(role, ROLES))]
Initialiser = Annotated[str, AfterValidator(lambda name: one_of(name, (*INITIALISERS, BY_LIBRARY)))]


@dataclass(frozen=True)
class Row(ParameterRow):
    """A ParameterRow whose names are checked."""

    role: Role
    initialiser: Initialiser


class Family(BaseModel):
    """A family of models, as its file in config/families/ says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    encoder: Annotated[str, AfterValidator(checked_encoder)] = Field(
        description="module and class within plmbench.models"
    )
    title: str = Field(description="name in figures and tables")
    modality: Annotated[str, AfterValidator(lambda name: one_of(name, MODALITIES))] = Field(
        PROTEIN, description="the examples that its models read, unless their entries say another"
    )
    cite: list[str] = Field([], description="keys of resources/citations.bib")
    required: list[Key] = Field([], description="keys that an entry of models.yaml needs")
    optional: list[Key] = Field([], description="keys that an entry of models.yaml may have")
    parameters: list[Annotated[Row, AfterValidator(checked_options)]] = Field(
        description="rows of the table; the first that matches decides"
    )

    @property
    def module(self) -> str:
        """Return the full name of the module that holds the encoder."""
        return f"plmbench.models.{self.encoder.partition('.')[0]}"

    @property
    def has_weights(self) -> bool:
        """Tell whether a model of this family reads a checkpoint."""
        return bool(self.parameters)


def explained(error: Any, where: str) -> str:
    """Return one sentence for an error of pydantic: where, what, and what would be right."""
    place = ": ".join([where, *map(str, error["loc"])])
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        *above, key = map(str, error["loc"])
        known = ParameterRow.__dataclass_fields__ if above else Family.model_fields
        return f"{': '.join([where, *above])}: unknown key {key!r}; {nearest(key, known)}"
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


def read_family(path: Path) -> Family:
    """Return the Family of a file; raises InputError that names all that is wrong in it."""
    where, content = f"config/families/{path.name}", read_yaml(path)
    check_plain(content, where)
    try:
        return Family.model_validate(content)
    except ValidationError as error:
        raise InputError("\n".join(explained(e, where) for e in error.errors())) from None


def read_families(folder: Path) -> dict[str, Family]:
    """Return {name: Family} of a folder's files, by name."""
    return {path.stem: read_family(path) for path in sorted(folder.glob("*.yaml"))}


@cache
def families() -> dict[str, Family]:
    """Return {name: Family} of the repository."""
    return read_families(FOLDER)


def table(family: str) -> Sequence[ParameterRow]:
    """Return the table of a family's parameters; [] for one without weights."""
    return families()[family].parameters


def encoder(family: str) -> str:
    """Return the name of a family's encoder, `<module>.<class>` within plmbench.models."""
    return families()[family].encoder


def module(family: str) -> str:
    """Return the full name of the module that holds a family's encoder."""
    return families()[family].module
