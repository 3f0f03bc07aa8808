"""Write docs/settings.md and config/schemas/*.schema.json from the models of the configuration.

usage: python -m docs.settings
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import yaml
from pydantic.fields import FieldInfo

from plmbench.study.entries import FILES
from plmbench.study.schemas import schema_texts
from plmbench.study.structure import is_model, models_of, phrase, plain

ROOT = Path(__file__).resolve().parents[1]
PAGE, SCHEMAS = ROOT / "docs" / "settings.md", ROOT / "config" / "schemas"
INTRODUCTION = """# Settings

Every key of the files in `config/`. A dot leads into a mapping, and `*` stands for a name of yours.
A key without a default may be left out, unless *when* says that it is needed. A key that is needed
and missing stops the run, and so does a key that is not known here; the message names it.

This page is written by `python -m docs.settings` from the models in `scripts/plmbench/study/`. So
are the JSON schemas in `config/schemas/`, by which an editor completes keys and checks values.
"""
HEADER = ("file", "key", "default", "when", "what it says")


class Setting(NamedTuple):
    """One key of a file: where it stands, its field, the tag of the entries that have it, and the
    tags of all entries beside these."""

    key: str
    field: FieldInfo
    tag: str
    every: frozenset[str]


Settings = Iterator[Setting]


def entry_of(kind: Any) -> Any:
    """Return what the entries of a mapping from names are read by."""
    return get_args(plain(kind))[1]


def is_named(kind: Any) -> bool:
    """Tell whether a type is a mapping from names to entries that have keys."""
    kind = plain(kind)
    return get_origin(kind) is dict and any(models_of(entry_of(kind)))


def nested(kind: Any) -> list[tuple[str, Any]]:
    """Return (tag, model) of what is a mapping with known keys in every form, else nothing."""
    models = list(models_of(kind))
    return [] if is_mixed(kind) else [each for each in models if "root" not in each[1].model_fields]


def is_mixed(kind: Any) -> bool:
    """Tell whether a type may also be a text, a number or a list."""
    return bool(get_args(plain(kind))) and not all(map(is_model, map(plain, get_args(plain(kind)))))


class Walk:
    """The settings of a file, one by one; what stands in several places is opened in the first."""

    def __init__(self) -> None:
        self.opened: dict[type, str] = {}  # {model: the key under which its own keys are listed}

    def settings(self, kind: Any, prefix: str, outer: tuple[str, frozenset[str]]) -> Settings:
        """Yield every Setting of a mapping, then those of the mappings from names within it."""
        models = nested(kind)
        every = frozenset(tag for tag, _ in models if tag)
        for tag, model in models:
            of = (tag, every) if tag else outer
            named = {}
            for name, field in model.model_fields.items():
                key, inner = f"{prefix}{name}", field.annotation
                if self.opens(inner, key):
                    yield from self.settings(inner, f"{key}.", of)
                else:
                    yield Setting(key, field, *of)
                if is_named(inner):
                    named[f"{key}.*."] = entry_of(inner)
            for key, entry in named.items():
                yield from self.settings(entry, key, of)

    def opens(self, kind: Any, key: str) -> bool:
        """Tell whether the keys within a setting are to be listed under this key."""
        models = [model for _, model in nested(kind)]
        return bool(models) and all(self.opened.setdefault(m, key) == key for m in models)


def default_of(field: FieldInfo) -> str:
    """Return the default of a setting as YAML, or nothing."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    default = extra.get("default") if field.default is None else field.default
    if field.is_required() or default is None:
        return ""
    default = default.as_dict() if hasattr(default, "as_dict") else default
    text = yaml.safe_dump(default, default_flow_style=True).splitlines()[0]
    return f"`{text}`"


def merged(settings: Settings) -> dict[tuple[str, str], list[Setting]]:
    """Return the settings by key and description: entries of several forms share most of them."""
    found: dict[tuple[str, str], list[Setting]] = {}
    for each in settings:
        found.setdefault((each.key, each.field.description or ""), []).append(each)
    return found


def condition(group: list[Setting]) -> str:
    """Return whether a setting is needed, and for which entries it is where not for all."""
    words = ["needed"] if all(each.field.is_required() for each in group) else []
    tags = list(dict.fromkeys(each.tag for each in group if each.tag))
    names: dict[str, list[str]] = {}
    for tag in tags:
        first, _, name = phrase(tag).partition(" ")
        names.setdefault(first, []).append(name)
    if set(tags) != group[0].every:
        words += [f"{first} {', '.join(each)}" for first, each in names.items()]
    return "; ".join(words)


def rows_of(file: str) -> list[tuple[str, ...]]:
    """Return the rows of a file's table."""
    kind = FILES[file]
    entry = kind if is_model(kind) else entry_of(kind)
    settings = Walk().settings(entry, "", ("", frozenset()))
    return [
        (f"{file}.yaml", f"`{key}`", default_of(group[0].field), condition(group), text)
        for (key, text), group in merged(settings).items()
    ]


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of Markdown."""
    lines = [HEADER, ("---",) * len(HEADER), *rows]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def page() -> str:
    """Return the text of docs/settings.md."""
    rows = [row for file in FILES for row in rows_of(file)]
    return f"{INTRODUCTION}\n{table(rows)}\n"


def generated() -> dict[Path, str]:
    """Return {path: text} of what is made from the models."""
    return {PAGE: page()} | {SCHEMAS / name: text for name, text in schema_texts().items()}


def write() -> None:
    """Write what is made from the models."""
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
