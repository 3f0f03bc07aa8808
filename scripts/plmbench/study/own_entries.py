"""Catalogue entries of a user's own, in the file that says what to run, beside the shipped ones.

Relative paths of such an entry count from the folder of the file that it stands in. An entry has a
name of its own, unless it says `override: true`.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.errors import InputError
from plmbench.study.messages import joined
from plmbench.study.yaml_files import read_yaml

KEY, OVERRIDE = "entries", "override"
# The keys that hold files, where a source is not downloaded: with a download they name its members.
MEMBERS = ("path", "sequences", "mask")
FILES = {
    "models": ("path", "pretraining_fasta"),
    "datasets": ("wild_type",),
    "recipes": ("data", "held_out"),
    "contacts": ("chains", "contacts"),
}


class OwnEntry(NamedTuple):
    """An entry of a user's own, as it is written: the catalogue that it extends, the file that it
    stands in, the folder that its paths count from, and whether it takes a shipped one's place."""

    catalogue: str
    name: str
    content: Any
    file: str
    folder: Path
    override: bool


def standing_in(config: Mapping[str, Any], catalogue: str, name: str) -> bool:
    """Tell whether a configuration holds an entry of this name."""
    entries = config.get(KEY) if isinstance(config, Mapping) else None
    found = entries.get(catalogue) if isinstance(entries, Mapping) else None
    return isinstance(found, Mapping) and name in found


def own_entries(config: Mapping[str, Any], files: Iterable[Path | str]) -> list[OwnEntry]:
    """Return the entries of a configuration, which was read from `files`; the last file that has an
    entry is where it stands.

    What stands in none of them was said on the command line, or by a workflow of which this is a
    module; its paths count from the folder of the study.
    """
    read = [(str(file), read_yaml(file)) for file in files]
    found = []
    for catalogue, entries in config.get(KEY, {}).items():
        for name, content in entries.items():
            holding = [file for file, held in read if standing_in(held, catalogue, name)]
            file = holding[-1] if holding else ""
            folder = Path(file).absolute().parent if file else Path.cwd()
            own = dict(content) if isinstance(content, Mapping) else content
            override = own.pop(OVERRIDE, False) if isinstance(own, dict) else False
            if not isinstance(override, bool):
                keys = [catalogue, name, OVERRIDE]
                raise InputError(joined(file or "config", keys, "write true, or take the key out"))
            entry = OwnEntry(catalogue, name, own, file or "config", folder, override)
            found.append(entry)
    return found


def moved(path: Any, entry: OwnEntry, root: Path) -> Any:
    """Return a path as the catalogues' paths are written: absolute, or relative to the workflow."""
    if not isinstance(path, str) or not path or Path(path).is_absolute():
        return path
    return os.path.relpath(entry.folder / path, root)


def with_moved(values: Any, keys: Iterable[str], entry: OwnEntry, root: Path) -> Any:
    """Return a mapping with the paths at these keys moved; what is no mapping stays as it is, for
    the check of its catalogue to refuse."""
    if not isinstance(values, Mapping):
        return values
    return {k: moved(v, entry, root) if k in keys else v for k, v in values.items()}


def source_moved(source: Any, downloaded: bool, entry: OwnEntry, root: Path) -> Any:
    """Return a split, or its test subset, with its files moved."""
    if not isinstance(source, Mapping):
        return source
    downloaded = downloaded or bool(source.get("download"))
    source = with_moved(source, () if downloaded else MEMBERS, entry, root)
    if "test" in source:
        source["test"] = source_moved(source["test"], False, entry, root)
    if isinstance(tests := source.get("tests"), Mapping):
        source["tests"] = {k: source_moved(v, False, entry, root) for k, v in tests.items()}
    if "download" in source:
        source["download"] = with_moved(source["download"], ["path"], entry, root)
    return source


def content_moved(entry: OwnEntry, root: Path) -> Any:
    """Return the content of an entry with all its relative paths counted from the workflow."""
    content = with_moved(entry.content, FILES.get(entry.catalogue, ()), entry, root)
    if entry.catalogue != "datasets" or not isinstance(content, Mapping):
        return content
    content, downloaded = dict(content), bool(content.get("download"))
    if downloaded:
        content["download"] = with_moved(content["download"], ["path"], entry, root)
    if isinstance(splits := content.get("splits"), Mapping):
        content["splits"] = {
            name: source_moved(split, downloaded, entry, root) for name, split in splits.items()
        }
    return content


def check_name(entry: OwnEntry, shipped: Mapping[str, Any]) -> None:
    """Raise InputError for a name that a shipped entry has, and for an override of nothing."""
    keys = [KEY, entry.catalogue, entry.name]
    if entry.name in shipped and not entry.override:
        reason = f"config/{entry.catalogue}.yaml has an entry of this name; choose another name, "
        raise InputError(joined(entry.file, keys, reason + "or add `override: true`"))
    if entry.override and entry.name not in shipped:
        reason = f"overrides nothing: config/{entry.catalogue}.yaml has no entry of this name"
        raise InputError(joined(entry.file, keys, reason))
