"""How many bytes the embeddings of a data set will take, before any is made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.core.layers import chosen_layers
from plmbench.core.lengths import fit_to_max_length
from plmbench.core.modalities import PROTEIN
from plmbench.core.poolings import AVERAGED, POOLINGS, RESIDUES
from plmbench.embed.inputs import rows_of
from plmbench.embed.settings import Storage
from plmbench.store.embeddings import Layout, size_of

SIZE_COLUMNS = (
    *("dataset", "model", "poolings", "layers", "width", "sequences", "residues", "dtype"),
    *("bytes_per_file", "files", "bytes"),
)

# Layers, layer 0 among them, their width, and tokens of an example where all have as many.
Shape = tuple[int, int, int | None]
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
    shapes: Mapping[str, Shape | None],
) -> list[Row]:
    """Return a row per model for a data set, but for models whose shape is not known.

    tables: its sequences, and its positions of mutation; stored: {model that reads it: its
    `storage`, `modality`, `max_length`, and `files`, how many sets of weights are embedded}.
    """
    texts, known = Texts.read(*tables), {m: shape for m in stored if (shape := shapes[m])}
    return [size_row(dataset, model, texts, known[model], stored[model]) for model in known]


def lengths_of(texts: Texts, tokens: int | None, entry: Mapping[str, Any]) -> list[int | None]:
    """Return how many tokens each example has that is embedded; None where its model's files alone
    tell, as of texts."""
    if entry["modality"] != PROTEIN:
        return [tokens] * len(texts.ids)
    policy = entry["storage"]["long_sequences"]
    kept = fit_to_max_length(texts.ids, texts.sequences, entry["max_length"], policy)[1]
    return [len(text) for text in kept]


def size_row(dataset: str, model: str, texts: Texts, shape: Shape, entry: Mapping[str, Any]) -> Row:
    """Return the row of one model; without bytes where these hang on lengths that are not known."""
    storage, (layers, width, tokens) = Storage(**entry["storage"]), shape
    lengths = lengths_of(texts, tokens, entry)
    told = [length for length in lengths if length is not None]
    known = len(told) == len(lengths)
    longest = max(told, default=0)
    widths = {
        name: width * POOLINGS[name].states_kept(longest, texts.sites) for name in storage.poolings
    }
    chosen = chosen_layers(storage.layers, layers) if RESIDUES in widths else []
    size = None
    if known or set(widths) <= set(AVERAGED):
        counted = told if known else [1] * len(lengths)
        size = size_of(Layout(counted, layers, widths, chosen, storage.dtype))
    return {
        "dataset": dataset,
        "model": model,
        "poolings": " ".join(widths),
        "layers": len(chosen) or layers,
        "width": width,
        "sequences": len(lengths),
        "residues": sum(told) if known else None,
        "dtype": storage.dtype,
        "bytes_per_file": size,
        "files": entry["files"],
        "bytes": None if size is None else size * entry["files"],
    }
