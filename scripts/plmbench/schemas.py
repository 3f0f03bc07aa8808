"""YAML files and their schemas: read, check every key, fill in defaults, say what is wrong."""

from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from plmbench.errors import InputError


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
                raise InputError(f"{place}: key {key!r} is not text; write it in quotes")
            if key in seen:
                raise InputError(f"{place}: key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path):
    """Return what a YAML file holds; raises InputError that names file and line."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as file:
            return yaml.load(file, UniqueKeys) or {}  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid YAML: {error}") from error


def nearest(name, known):
    """Return a hint: the nearest known name, or all of them."""
    close = get_close_matches(str(name), list(known), 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def explain(error, where):
    """Return one sentence for a schema error: where, what, and what would be right."""
    place = ": ".join([where, *map(str, error.absolute_path)])
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(set(error.instance) - set(known))[0]
        return f"{place}: unknown key {unknown!r}; {nearest(unknown, known)}"
    if error.validator == "enum":
        hint = nearest(error.instance, [str(value) for value in error.validator_value])
        return f"{place}: {error.instance!r} is not allowed; {hint}"
    hint = error.schema.get("description")
    return f"{place}: {error.message}" + (f" ({hint})" if hint else "")


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


def checked(value, schema_path, where):
    """Return `value` with defaults; raises InputError naming all that breaks the schema."""
    schema = read_yaml(schema_path)
    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: str(e.path))
    if errors:
        raise InputError("\n".join(explain(error, where) for error in errors))
    return with_defaults(value, schema)
