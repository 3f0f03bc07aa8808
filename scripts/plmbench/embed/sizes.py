"""How many bytes the embeddings of a data set will take, before any is made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.layers import chosen_layers
from plmbench.core.lengths import fit_to_max_length
from plmbench.core.poolings import POOLINGS, RESIDUES
from plmbench.embed.inputs import rows_of
from plmbench.embed.settings import Storage
from plmbench.store.embeddings import Layout, size_of

SIZE_COLUMNS = (
    *("dataset", "model", "poolings", "layers", "width", "sequences", "residues", "dtype"),
    *("bytes_per_file", "files", "bytes"),
)

Row = dict[str, str | int | None]


class Texts(NamedTuple):
    """The distinct sequences of a data set, and how many positions of mutation it has."""

    ids: Sequence[str]
    sequences: Sequence[str]
    sites: int

    @classmethod
    def read(cls, sequences: Path | str, sites: Path | str) -> "Texts":
        """Read the tables of a data set."""
        rows = rows_of(sequences)
        return cls([r["id"] for r in rows], [r["sequence"] for r in rows], len(rows_of(sites)))


def size_rows(
    dataset: str,
    tables: tuple[Path | str, Path | str],
    stored: Mapping[str, Mapping[str, Any]],
    shapes: Mapping[str, tuple[int, int] | None],
) -> list[Row]:
    """Return a row per model for a data set, but for models whose shape is not known.

    tables: its sequences, and its positions of mutation; stored: {model: its `storage`,
    `max_length`, and `files`, how many sets of weights are embedded}; shapes: {model: its layers,
    layer 0 among them, and their width}.
    """
    texts, known = Texts.read(*tables), {m: shape for m, shape in shapes.items() if shape}
    return [size_row(dataset, model, texts, known[model], stored[model]) for model in known]


def size_row(
    dataset: str, model: str, texts: Texts, shape: tuple[int, int], entry: Mapping[str, Any]
) -> Row:
    """Return the row of one model."""
    storage, (layers, width) = Storage(**entry["storage"]), shape
    names = texts.ids, texts.sequences
    ids, kept, _ = fit_to_max_length(*names, entry["max_length"], storage.long_sequences)
    lengths = [len(text) for text in kept]
    longest = max(lengths, default=0)
    widths = {
        name: width * POOLINGS[name].states_kept(longest, texts.sites) for name in storage.poolings
    }
    chosen = chosen_layers(storage.layers, layers) if RESIDUES in widths else []
    size = size_of(Layout(lengths, layers, widths, chosen, storage.dtype))
    return {
        "dataset": dataset,
        "model": model,
        "poolings": " ".join(widths),
        "layers": len(chosen) or layers,
        "width": width,
        "sequences": len(ids),
        "residues": sum(lengths),
        "dtype": storage.dtype,
        "bytes_per_file": size,
        "files": entry["files"],
        "bytes": size * entry["files"],
    }
