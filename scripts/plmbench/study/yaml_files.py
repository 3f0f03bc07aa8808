"""YAML files: read, with every key once, and nothing in them that JSON could not hold."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from plmbench.core.errors import InputError, first_line
from plmbench.core.wording import brief, shortened

PLAIN = (dict, list, str, bool, int, float, type(None))
MOST = 100_000  # values of a file; YAML's aliases can make billions of a few lines
UNSAFE = re.compile("[\0\ud800-\udfff]")  # what no path and no file of text can hold
# What PyYAML raises for a value that is not what its tag or its look says, such as 2020-13-45.
MISREAD = (ValueError, KeyError, AttributeError, TypeError)


class UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent replacement."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        """Build a mapping; raises InputError for a repeated key or one that is not text, with its
        line. `no:` and `600:` are not text."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            place = f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}"
            if not isinstance(key, str):
                raise InputError(f"{place}: key {brief(key)} is not text; write it in quotes")
            if key in seen:
                raise InputError(f"{place}: key {brief(key)} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path | str) -> Any:
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


def with_numbers(value: Any) -> Any:
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


def flaw_of(value: object) -> str:
    """Say what JSON could not hold about a value, whatever is in it; "" if there is nothing."""
    if not isinstance(value, PLAIN):
        return "is no text or number; write it in quotes"
    if isinstance(value, str) and UNSAFE.search(value):
        return "holds a NUL or half a letter; take it out"
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return "has a key that is not text; write it in quotes"
    return ""


def check_plain(value: object, where: str) -> None:
    """Raise InputError for what JSON could not hold, such as dates, and for values without end, as
    YAML's aliases can make them."""
    waiting: list[object] = [value]
    seen = 0
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
