"""What is wrong in a configuration, in sentences: file, key, value, and what would be right."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from plmbench.core.wording import brief, shortened
from plmbench.study.fields import NO_MEMBER, NOT_ALLOWED, REFUSED, UNFIT
from plmbench.study.structure import KEY, Place, is_model, members, phrase, place_of, plain

SHOWN = 10  # sentences about one file
NOUNS = {
    "string_type": "text",
    "bool_type": "boolean: write true or false",
    "list_type": "list",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "model_type": "mapping",
}


def nearest(name: object, known: Iterable[str]) -> str:
    """Return a hint: the nearest known name, or all of them."""
    known = list(known)
    close = get_close_matches(str(name)[:100], known, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def joined(where: str, keys: Iterable[str], sentence: str) -> str:
    """Return a sentence after the file and the keys that it is about."""
    return ": ".join([where, *map(shortened, keys), sentence])


def known_keys(kind: Any) -> list[str]:
    """Return the keys that a mapping may have."""
    return list(plain(kind).model_fields) if is_model(plain(kind)) else []


def needs(kind: Any, key: str) -> bool:
    """Tell whether a mapping must have a key."""
    return key in known_keys(kind) and plain(kind).model_fields[key].is_required()


def missing_key(key: str, place: Place) -> str:
    """Return what is said of a key that a mapping must have; where not all forms of it need the
    key, which one does."""
    everywhere = all(needs(kind, key) for kind in place.others)
    return f"lacks {key}" if everywhere else f"lacks {key}, which {phrase(place.tag)} needs"


def unknown_key(key: str, place: Place) -> str:
    """Return what is said of a key that has no use in a mapping."""
    elsewhere = {other for kind in place.others for other in known_keys(kind)}
    if place.tag and key in elsewhere:
        return f"{key} is not for {phrase(place.tag)}"
    return f"unknown key {brief(key)}; {nearest(key, known_keys(place.kind))}"


def no_member(place: Place, value: object) -> str:
    """Return what is said of a value that is none of the members of a union."""
    tags = [phrase(tag).partition(" ") for tag in members(place.kind)]
    key = tags[0][0]
    known = [name for first, _, name in tags if first == key and name]
    if not known:
        return with_hint(f"{brief(value)} is none of those allowed", place)
    if not isinstance(value, dict):
        return f"{brief(value)} is no mapping"
    if key not in value:
        return f"lacks {key}; known: {', '.join(known)}"
    return f"{key}: {brief(value[key])} is not allowed; {nearest(value[key], known)}"


def with_hint(sentence: str, place: Place) -> str:
    """Return a sentence with the description of the setting that it is about."""
    return sentence + (f" ({place.hint})" if place.hint else "")


def explain(error: Any, kind: Any, where: str) -> str:
    """Return one sentence for an error of pydantic: where, what, and what would be right."""
    location: Sequence[str | int] = error["loc"]
    value, context, what = error["input"], error.get("ctx", {}), error["type"]
    if what in ("extra_forbidden", "missing"):
        *location, key = location
        place = place_of(kind, location)
        sentence = (missing_key if what == "missing" else unknown_key)(str(key), place)
        return joined(where, place.keys, sentence)
    place = place_of(kind, location)
    if location and location[-1] == KEY:
        place.keys.pop()
    if what == NO_MEMBER:
        sentence = no_member(place, value)
    elif what == NOT_ALLOWED:
        sentence = f"{brief(value)} is not allowed; {nearest(value, context['known'])}"
    elif what == "literal_error":
        known = plain(place.kind).__args__
        sentence = f"{brief(value)} is not allowed; {nearest(value, known)}"
    elif what == REFUSED:
        sentence = context["reason"]
    elif what == UNFIT:
        sentence = with_hint(f"{brief(value)} {context['reason']}", place)
    else:
        noun = NOUNS.get(what)
        reason = f"is no {noun}" if noun else shortened(error["msg"])
        sentence = with_hint(f"{brief(value)} {reason}", place)
    return joined(where, place.keys, sentence)


def in_words(error: ValidationError, kind: Any, where: str) -> str:
    """Return a sentence per line for all that is wrong in what is read as `kind`."""
    errors = error.errors(include_url=False)
    sentences = list(dict.fromkeys(explain(each, kind, where) for each in errors))
    more = len(sentences) - SHOWN
    return "\n".join(sentences[:SHOWN] + ([f"{where}: and {more:,} more"] if more > 0 else []))
