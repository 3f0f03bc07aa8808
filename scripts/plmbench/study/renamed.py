"""Keys and values of a configuration that have another name now: an error says which."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from plmbench.core.wording import brief


class Renamed(NamedTuple):
    """A key, or a value of a key, that has another name now."""

    file: str
    place: str  # keys with dots between them; * is any name
    old: str
    new: str


KEYS = (
    Renamed("config", "statistics", "resamples", "n_bootstrap"),
    Renamed("config", "statistics", "smallest_gain", "min_effect"),
    Renamed("config", "compute", "engine", "backend"),
    Renamed("datasets", "*", "kind", "task_type"),
    Renamed("datasets", "*", "letters", "nonstandard_residues"),
    Renamed("datasets", "*", "too_long", "long_sequences"),
    Renamed("datasets", "*", "unassigned", "missing_split"),
    Renamed("models", "*", "dim", "hidden_size"),
    Renamed("models", "*", "layers", "num_layers"),
    Renamed("models", "*", "limit", "max_length"),
    Renamed("models", "*.architecture", "d_model", "hidden_size"),
    Renamed("models", "*.architecture", "d_embed", "embedding_size"),
    Renamed("models", "*.architecture", "n_layers", "num_layers"),
    Renamed("models", "*.architecture", "r", "dilation"),
    Renamed("probes", "*", "kind", "type"),
    Renamed("probes", "*", "kinds", "task_types"),
    Renamed("probes", "*", "shuffles", "permutes_labels_of"),
    Renamed("recipes", "*", "rate", "learning_rate"),
    Renamed("recipes", "*", "clip", "max_grad_norm"),
    Renamed("recipes", "*", "crop", "max_length"),
    Renamed("recipes", "*.architecture", "layers", "num_layers"),
    Renamed("recipes", "*.architecture", "dim", "hidden_size"),
    Renamed("recipes", "*.architecture", "embed", "embedding_size"),
    Renamed("recipes", "*.architecture", "hidden", "intermediate_size"),
    Renamed("recipes", "*.architecture", "heads", "num_heads"),
)
VALUES = (
    Renamed("config", "compute.backend", "packed", "fast"),
    Renamed("config", "compute.backend", "library", "reference"),
    Renamed("datasets", "*.long_sequences", "ends", "keep_ends"),
)


def at(value: object, steps: list[str], *keys: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (keys, value) of each place that the steps lead to."""
    if not steps:
        yield keys, value
    elif isinstance(value, dict):
        first, *rest = steps
        for name in value if first == "*" else [first] if first in value else []:
            yield from at(value[name], rest, *keys, name)


def sentences(value: object, file: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (keys, sentence) of each old name in what `config/<file>.yaml` holds."""
    for row in KEYS:
        if row.file == file:
            for keys, settings in at(value, row.place.split(".")):
                if isinstance(settings, dict) and row.old in settings:
                    yield keys, f"{row.old} is now called {row.new}"
    for row in VALUES:
        if row.file == file:
            for keys, given in at(value, row.place.split(".")):
                if given == row.old:
                    yield keys, f"{brief(row.old)} is now called {brief(row.new)}"
