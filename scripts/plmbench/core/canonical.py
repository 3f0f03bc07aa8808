"""Values as text that is equal for equal content, and parts of a mapping."""

import json


def selected(entry, keys):
    """Return these keys of an entry, without those it leaves open.

    A rule is handed the keys that decide its result and no others, so that a reworded title
    computes nothing anew.
    """
    return {key: entry[key] for key in keys if entry.get(key) is not None}


def canonical(value):
    """Return a value as text that is equal for equal content: Snakemake compares text."""
    return json.dumps(value, sort_keys=True)
