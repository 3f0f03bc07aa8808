"""The kinds of values in a configuration: each with its check and its form in a JSON schema."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
)
from pydantic_core import PydanticCustomError, core_schema

REFUSED, UNFIT, NOT_ALLOWED, NO_MEMBER = "refused", "unfit", "not_allowed", "no_member"  # errors
WILDCARD = "holds a brace, which Snakemake reads as the start of a wildcard; rename the file"
LARGEST = 1 << 63  # counts have 64 bits


def refused(reason: str) -> PydanticCustomError:
    """Return the error of keys that do not go together, in a sentence."""
    return PydanticCustomError(REFUSED, "{reason}", {"reason": reason})


def unfit(reason: str) -> PydanticCustomError:
    """Return the error of a value that its key cannot have, as what is said of the value."""
    return PydanticCustomError(UNFIT, "{reason}", {"reason": reason})


class Settings(BaseModel):
    """A mapping with known keys; any other key is an error, and so is a key without a value."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _has_value(cls, value: object) -> object:
        if value is None:
            raise refused("has no value; give it one, or take the key out")
        return value

    def as_dict(self) -> dict[str, Any]:
        """Return the settings that are given or have a default, as rules and jobs read them."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True)
class Number:
    """A finite number that stays as it is written: 1 does not become 1.0."""

    whole: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None

    def check(self, value: Any) -> Any:
        """Return the value; raises the error that says what it should be."""
        kind, name = (int, "integer") if self.whole else ((int, float), "number")
        if isinstance(value, bool) or not isinstance(value, kind):
            raise unfit(f"is no {name}")
        if not (abs(value) < LARGEST if self.whole else abs(value) < math.inf):
            raise unfit(f"is no {name} that 64 bits hold")
        if self.least is not None and value < self.least:
            raise unfit(f"is less than the minimum of {self.least}")
        if self.above is not None and value <= self.above:
            raise unfit(f"is not above {self.above}")
        if self.most is not None and value > self.most:
            raise unfit(f"is more than the maximum of {self.most}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        bounds = {"minimum": self.least, "exclusiveMinimum": self.above, "maximum": self.most}
        given = {key: bound for key, bound in bounds.items() if bound is not None}
        return {"type": "integer" if self.whole else "number"} | given


@dataclass(frozen=True)
class Pattern:
    """A text that matches a regular expression from its first letter to its last."""

    text: str
    otherwise: str = ""  # what is said of a text that does not match

    def check(self, value: Any) -> Any:
        """Return the value; raises the error that says which pattern it misses."""
        if not isinstance(value, str):
            raise unfit("is no text")
        if not re.fullmatch(self.text, value):
            raise unfit(self.otherwise or f"does not match {self.text!r}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^({self.text})$"}


@dataclass(frozen=True)
class OneOf:
    """One of the names that a function returns."""

    names: Callable[[], Iterable[str]]

    def check(self, value: Any) -> Any:
        """Return the value; raises the error that knows the names."""
        known = list(self.names())
        if not isinstance(value, str) or value not in known:
            raise PydanticCustomError(NOT_ALLOWED, "is not allowed", {"known": known})
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names())}


@dataclass(frozen=True)
class Listed:
    """A list, or a mapping, of so many elements, each once where `unique`."""

    least: int = 1
    most: int | None = None
    unique: bool = False

    def check(self, values: Any) -> Any:
        """Return the list; raises the error that says what it should be."""
        if not values and self.least:
            raise unfit("should be non-empty")
        if len(values) < self.least or (self.most and len(values) > self.most):
            raise unfit(f"should have {self.least} elements")
        if self.unique and len({(type(v), v) for v in values}) < len(values):
            twice = next(v for i, v in enumerate(values) if v in values[:i])
            raise unfit(f"has {twice!r} more than once")
        return values

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        shape = handler(schema)
        noun = "Items" if shape.get("type") == "array" else "Properties"
        limits = {f"min{noun}": self.least or None, f"max{noun}": self.most}
        limits |= {"uniqueItems": self.unique or None}
        return shape | {key: limit for key, limit in limits.items() if limit is not None}


def key_tag(key: str, default: str | None = None) -> Callable[[Any], str]:
    """Return the function that tells by which member of a union a mapping is to be read: the one
    that its `key` names, or the default one."""

    def tag_of(value: Any) -> str:
        given = value.get(key) if isinstance(value, dict) else getattr(value, key, None)
        name = default if given is None else given
        return f"<{key} {name}>" if isinstance(name, str) else ""

    return tag_of


def values_of(form: type[Settings], key: str) -> tuple[str, ...]:
    """Return the values that a key can have in one form of an entry."""
    field = form.model_fields[key]
    names = [each.names() for each in field.metadata if isinstance(each, OneOf)]
    return tuple(names[0]) if names else get_args(field.annotation)


def by_key(key: str, forms: Iterable[type[Settings]], default: str | None = None) -> Any:
    """Return the type of an entry that has one of several forms: the one whose `key` has its value.

    default: the value where the key is absent.
    """
    tagged = tuple(
        Annotated[form, Tag(f"<{key} {value}>")] for form in forms for value in values_of(form, key)
    )
    return Annotated[Union[tagged], choosing(key_tag(key, default))]  # noqa: UP007


def named(names: Any, entry: Any) -> Any:
    """Return the type of a mapping from names to entries."""
    return GenericAlias(dict, (names, entry))


def choosing(tag_of: Callable[[Any], str]) -> Discriminator:
    """Return the choice of a union's member by its tag."""
    return Discriminator(
        tag_of,
        custom_error_type=NO_MEMBER,
        custom_error_message="is none of those allowed",
    )


def form_of(value: object) -> str:
    """Return the tag of a value's form, for what may be a text, a number, a list or a mapping."""
    forms = {str: "<text>", int: "<number>", list: "<list>", dict: "<mapping>"}
    return forms.get(type(value), "<mapping>" if isinstance(value, BaseModel) else "")


def plain(value: object) -> object:
    """Return a value that stands alone; raises the error of a list, a mapping, or no value."""
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise unfit("is no text, no number, and neither true nor false")


def no_wildcard(value: str) -> str:
    """Return the path of a user's file; raises the error of one in which Snakemake sees a
    wildcard."""
    if "{" in value:
        raise unfit(WILDCARD)
    return value


Index = Annotated[int, Number(whole=True)]
Natural = Annotated[int, Number(whole=True, least=0)]
Count = Annotated[int, Number(whole=True, least=1)]
Real = Annotated[float, Number()]
Positive = Annotated[float, Number(above=0)]
Share = Annotated[float, Number(above=0, most=1)]
NotNegative = Annotated[float, Number(least=0)]
Text = Annotated[str, Pattern("(?s:.+)", "should be non-empty")]
OwnFile = Annotated[Text, AfterValidator(no_wildcard)]
Url = Annotated[
    str, Pattern("(?s:https?://.*)", "is no address that starts with https:// or http://")
]
Sha256 = Annotated[str, Pattern("[0-9a-f]{64}")]
Word = Annotated[str, Pattern("[A-Za-z0-9_]+")]  # a name that becomes a part of paths
# A number, which `--config` may hand over as text.
CountOrText = Annotated[
    Annotated[Count, Tag("<number>")]
    | Annotated[str, Pattern(r"[1-9]\d*", "is no number of 1 or more"), Tag("<text>")],
    choosing(form_of),
]


class Every(Settings):
    """Layers at equal distances."""

    every: Count = Field(description="each n-th layer and the last")


LayerChoice = Annotated[
    Annotated[Literal["all"], Tag("<text>")]
    | Annotated[list[Index], Listed(), Tag("<list>")]
    | Annotated[Every, Tag("<mapping>")],
    choosing(form_of),
]
