"""Values as text that is equal for equal content, and parts of a mapping."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def selected(entry: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Return these keys of an entry, without those it leaves open.

    A rule is handed the keys that decide its result and no others, so that a reworded title
    computes nothing anew.
    """
    return {key: entry[key] for key in keys if entry.get(key) is not None}


def canonical(value: object) -> str:
    """Return a value as text that is equal for equal content: Snakemake compares text."""
    return json.dumps(value, sort_keys=True)
