"""How the models of a configuration are built: for messages and documentation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Tag

KEY = "[key]"  # how pydantic marks a name in a mapping of names


def plain(kind: Any) -> Any:
    """Return a type without what Annotated adds, and without the choice of None."""
    while get_origin(kind) is Annotated or NoneType in get_args(kind):
        kind = next(each for each in get_args(kind) if each is not NoneType)
    return kind


def members(kind: Any) -> dict[str, Any]:
    """Return {tag: member} of a union whose members have tags; {} for any other type."""
    found = {}
    for member in get_args(plain(kind)):
        for extra in getattr(member, "__metadata__", ()):
            if isinstance(extra, Tag):
                found[extra.tag] = member
    return found


def is_model(kind: Any) -> bool:
    """Tell whether a type is a mapping with known keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def phrase(tag: str) -> str:
    """Return what a tag says: `family carp` of `<family carp>`."""
    return tag.strip("<>")


def inside(kind: Any, step: str | int) -> Any:
    """Return what may stand at a key, a name or an index of a place; None if nothing is known."""
    kind = plain(kind)
    if is_model(kind):
        fields = kind.model_fields
        if "root" in fields:
            return inside(fields["root"].annotation, step)
        return fields[step].annotation if step in fields else None
    return get_args(kind)[-1] if get_args(kind) else None


@dataclass
class Place:
    """A place in a configuration: the keys that lead there, and what may stand there."""

    kind: Any
    keys: list[str] = field(default_factory=list)
    hint: str = ""  # the description of the innermost setting
    tag: str = ""  # of the innermost union's member
    others: list[Any] = field(default_factory=list)  # the same place in every member of that union

    def enter(self, step: str | int) -> None:
        """Go one step of an error's location further."""
        tagged = members(self.kind)
        if step in tagged:
            self.kind, self.tag = tagged[str(step)], str(step)
            self.others = [each for each in tagged.values() if is_model(plain(each))]
        elif step != KEY:
            self.keys.append(str(step))
            known = getattr(plain(self.kind), "model_fields", {}).get(step)
            self.hint = (known.description if known else "") or ""
            self.kind = inside(self.kind, step)
            self.others = [each for each in (inside(o, step) for o in self.others) if each]


def place_of(kind: Any, location: Sequence[str | int]) -> Place:
    """Return the Place of an error's location in what is read as `kind`."""
    place = Place(kind)
    for step in location:
        place.enter(step)
    return place


def models_of(kind: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield (tag, model) of each mapping with known keys that may stand in a place."""
    kind = plain(kind)
    if tagged := members(kind):
        for tag, member in tagged.items():
            yield from ((tag, model) for _, model in models_of(member))
    elif is_model(kind):
        yield "", kind
