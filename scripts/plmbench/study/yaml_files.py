"""YAML files: read, with every key once, and nothing in them that JSON could not hold."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from plmbench.core.errors import InputError, first_line
from plmbench.core.file_formats import EXPORT, FASTA, JSON, TABLE, format_of
from plmbench.core.wording import brief, shortened
from plmbench.data.text_files import check_utf8

PLAIN = (dict, list, str, bool, int, float, type(None))
MOST = 100_000  # values of a file; YAML's aliases can make billions of a few lines
UNSAFE = re.compile("[\0\ud800-\udfff]")  # what no path and no file of text can hold
# What PyYAML raises for a value that is not what its tag or its look says, such as 2020-13-45.
MISREAD = (ValueError, LookupError, AttributeError, TypeError)


YAML_LIKE = (JSON, FASTA, TABLE)  # formats whose beginnings may be YAML, too
MERGE = "tag:yaml.org,2002:merge"
# What PyYAML says of text that is no YAML: (a pattern in its words, what would be right).
REMEDIES = (
    (r"character '\\t'", "indent by blanks, not by tabs"),
    (r"character '[@`%&*!|>]'", "put the value in quotes"),
    (r"another document", "a file is one document: take the line --- out"),
    (r"undefined alias", "write &name before the value that *name repeats"),
    (r"duplicate anchor", "give one of the anchors (&) another name"),
    (r"unknown escape", "put the value in single quotes, in which a backslash is a backslash"),
    (
        r"mapping values",
        "put values with a colon in quotes, and keys of a mapping in one column",
    ),
    (r"expected ':'", "put a colon and a blank after the key"),
    (r"while scanning a quoted scalar", "close the quote"),
    (r"while parsing a flow", "close the bracket, and put commas between what is in it"),
    (r"constructor for the tag", "take the tag (!) out"),
    (r"", "see that what belongs together begins in one column, and that quotes are closed"),
)


def place_of(mark: yaml.Mark) -> str:
    """Return file and line of a mark."""
    return f"{mark.name}, line {mark.line + 1}"


class UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not a silent replacement."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Build a value; raises InputError with the line of one that is not what it looks like."""
        try:
            return super().construct_object(node, deep)
        except InputError:
            raise
        except MISREAD as error:
            raise InputError(
                f"{place_of(node.start_mark)}: not valid YAML: a value is not what it looks like "
                f"({shortened(first_line(error))}); write it in quotes"
            ) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        """Build a mapping; raises InputError for a repeated key or one that is not text, with its
        line. `no:` and `600:` are not text."""
        if not isinstance(node, yaml.MappingNode):
            raise InputError(f"{place_of(node.start_mark)}: tagged as a mapping, and is none")
        seen: dict[str, int] = {}
        for key_node, _ in node.value:
            place = place_of(key_node.start_mark)
            if key_node.tag == MERGE:
                raise InputError(
                    f"{place}: a merge (<<) is not read here: it would hide which keys an entry "
                    "has; write the keys out"
                )
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise InputError(f"{place}: key {brief(key)} is not text; write it in quotes")
            if key in seen:
                first = f"first on line {seen[key]}; take one of them out"
                raise InputError(f"{place}: key {brief(key)} stands twice, {first}")
            seen[key] = key_node.start_mark.line + 1
        return super().construct_mapping(node, deep)


def text_of(path: Path) -> str:
    """Return the text of a file; raises InputError that names another format or encoding."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if found := format_of(content, YAML_LIKE):
        remedy = "write it as text in UTF-8" if found.remedy == EXPORT else found.remedy
        raise InputError(f"{path}: is {found.name}, not YAML; {remedy}")
    check_utf8(path, [content])
    return content.decode("utf-8-sig")


def in_words(error: yaml.YAMLError, path: Path, text: str) -> str:
    """Return a sentence for what PyYAML says of a text: where, what, and what would be right."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        what = f"holds the control character {chr(error.character)!r}"
        return f"{path}, line {line}: not valid YAML: {what}; take it out"
    said = ", ".join(filter(None, (error.context, error.problem)))
    marks = [error.problem_mark, error.context_mark]
    if (
        "stream" in error.problem and error.context_mark
    ):  # of the file: what is open began elsewhere
        marks.reverse()
    remedy = next(remedy for words, remedy in REMEDIES if re.search(words, said))
    return f"{place_of(next(filter(None, marks)))}: not valid YAML: {shortened(said)}; {remedy}"


def read_yaml(path: Path | str) -> Any:
    """Return what a YAML file holds; raises InputError that names file and line."""
    path = Path(path)
    text = text_of(path)
    try:
        loader = UniqueKeys(text)
        loader.name = str(path)
        content = loader.get_single_data()
    except RecursionError as error:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from error
    except yaml.YAMLError as error:
        raise InputError(in_words(error, path, text)) from error
    return {} if content is None else content


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
