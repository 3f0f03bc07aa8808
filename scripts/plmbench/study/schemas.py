"""YAML files and their schemas: read, check every key, fill in defaults, say what is wrong."""

import re
import sys
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened

PLAIN = (dict, list, str, bool, int, float, type(None))
MOST = 100_000  # values of a file; YAML's aliases can make billions of a few lines
UNSAFE = re.compile("[\0\ud800-\udfff]")  # what no path and no file of text can hold
# What PyYAML raises for a value that is not what its tag or its look says, such as 2020-13-45.
MISREAD = (ValueError, KeyError, AttributeError, TypeError)


def is_integer(checker, value):
    """Tell whether a value counts things: not 3.0, which a range refuses, nor beyond 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def is_number(checker, value):
    """Tell whether a value is a finite number; NaN would be above and below every bound."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) <= sys.float_info.max


def matches(validator, pattern, instance, schema):
    """Yield the error of a text that a pattern does not match: `$` is its end, not a line's."""
    if isinstance(instance, str) and not re.search(pattern.replace("$", r"\Z"), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


TYPES = {"integer": is_integer, "number": is_number}
Validator = extend(
    Draft202012Validator,
    {"pattern": matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(TYPES),
)


class UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent replacement."""

    def construct_mapping(self, node, deep=False):
        """Build a mapping; raises InputError for a repeated key or one that is not text, with its
        line. `no:` and `600:` are not text."""
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            place = f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}"
            if not isinstance(key, str):
                raise InputError(f"{place}: key {brief(key)} is not text; write it in quotes")
            if key in seen:
                raise InputError(f"{place}: key {brief(key)} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path):
    """Return what a YAML file holds; raises InputError that names file and line."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, UniqueKeys) or {}  # noqa: S506 - a SafeLoader
    except InputError:  # of UniqueKeys
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except RecursionError as error:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {shortened(str(error))}") from error
    except MISREAD as error:
        raise InputError(
            f"{path}: not valid YAML: a value is not what it looks like "
            f"({shortened(first_line(error))}); write it in quotes"
        ) from error


def nearest(name, known):
    """Return a hint: the nearest known name, or all of them."""
    close = get_close_matches(str(name)[:100], list(known), 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def explain(error, where):
    """Return one sentence for a schema error: where, what, and what would be right."""
    place = ": ".join([where, *(shortened(str(key)) for key in error.absolute_path)])
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(set(error.instance) - set(known))[0]
        return f"{place}: unknown key {brief(unknown)}; {nearest(unknown, known)}"
    if error.validator == "enum":
        hint = nearest(error.instance, [str(value) for value in error.validator_value])
        return f"{place}: {brief(error.instance)} is not allowed; {hint}"
    hint = error.schema.get("description")
    return f"{place}: {shortened(error.message)}" + (f" ({hint})" if hint else "")


def with_defaults(value, schema):
    """Return a copy of `value` in which absent keys have their schema's default, at every depth."""
    if isinstance(value, list) and "items" in schema:
        return [with_defaults(item, schema["items"]) for item in value]
    if not isinstance(value, dict):
        return value
    properties, rest = schema.get("properties", {}), schema.get("additionalProperties")
    filled = {key: s["default"] for key, s in properties.items() if "default" in s} | value
    return {
        key: with_defaults(item, properties.get(key, rest if isinstance(rest, dict) else {}))
        for key, item in filled.items()
    }


def with_numbers(value):
    """Return a copy of `value` in which text that is a number is that number, at every depth.

    Snakemake's `--config` hands numbers below the first level over as text.
    """
    if isinstance(value, dict):
        return {key: with_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item) for item in value]
    for number in (int, float) if isinstance(value, str) else ():
        with suppress(ValueError):
            return number(value)
    return value


def flaw_of(value):
    """Say what JSON could not hold about a value, whatever is in it; "" if there is nothing."""
    if not isinstance(value, PLAIN):
        return "is no text or number; write it in quotes"
    if isinstance(value, str) and UNSAFE.search(value):
        return "holds a NUL or half a letter; take it out"
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return "has a key that is not text; write it in quotes"
    return ""


def check_plain(value, where):
    """Raise InputError for what JSON could not hold, such as dates, and for values without end, as
    YAML's aliases can make them."""
    waiting, seen = [value], 0
    while waiting:
        item, seen = waiting.pop(), seen + 1
        if flaw := flaw_of(item):
            raise InputError(f"{where}: {brief(item)} {flaw}")
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        if seen + len(waiting) > MOST:
            raise InputError(
                f"{where}: holds more than {MOST:,} values; are its aliases (*) right?"
            )


def checked(value, schema_path, where):
    """Return `value` with defaults; raises InputError naming all that breaks the schema."""
    check_plain(value, where)
    schema = read_yaml(schema_path)
    errors = sorted(Validator(schema).iter_errors(value), key=lambda e: str(e.path))
    if errors:
        raise InputError("\n".join(explain(error, where) for error in errors))
    return with_defaults(value, schema)
