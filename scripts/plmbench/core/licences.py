"""Licences: which of them restrict what something may be used for, or leave it open."""

import re
from collections.abc import Mapping
from typing import Any

RESTRICTED = re.compile(
    r"non-?commercial|\bNC\b|not stated|none stated|read the|non-?profit|academic", re.IGNORECASE
)


def restricted(licence: str) -> bool:
    """Tell whether a stated licence forbids or leaves open how its work may be used."""
    return bool(RESTRICTED.search(licence))


def licence_sentences(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return what has to be known of the licences of networks, one sentence each."""
    found = []
    for name, about in models.items():
        if restricted(licence := about.get("licence", "")):
            title = about.get("title", name)
            found.append(f"{title}: its weights are restricted, or their terms open: {licence}.")
    return found
