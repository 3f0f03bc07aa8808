"""One chain as pictures show it: its responses by layer, and its contacts beside ranked pairs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from plmbench.compare.contact_tables import Known, maps_in
from plmbench.compare.contacts import SEPARATIONS, top_pairs
from plmbench.core.nudges import BLOCKS, NOISE, THROUGH, map_name
from plmbench.core.weights import PRETRAINED
from plmbench.store.responses import ResponseFile, open_responses

RESPONSES = ["dataset", "model", "id", "layer", "p", "q", "log10_response"]
CONTACTS = ["dataset", "model", "map", "id", "residues", "separation", "p", "q"]
CONTACTS += ["touching", "ranked"]
MOST_LAYERS = 6


def evenly(layers: Sequence[int]) -> list[int]:
    """Return the positions of at most MOST_LAYERS layers, from the first to the last."""
    return np.unique(np.linspace(0, len(layers) - 1, MOST_LAYERS).round().astype(int)).tolist()


def middle(ids: Sequence[str]) -> str:
    """Return the chain of middle length: a file has the longest first."""
    return ids[len(ids) // 2]


def chain_to_show(
    paths: Iterable[Path | str], wanted: str
) -> Iterator[tuple[ResponseFile, str, int]]:
    """Yield of each pretrained network's file of the first set: the file, the chain's id, and its
    number. wanted: an id; a chain of middle length where no file has it."""
    dataset, chosen = None, None
    for path in paths:
        with open_responses(path) as file:
            if file.weights != PRETRAINED or dataset not in (None, file.dataset):
                continue
            dataset = file.dataset
            chosen = chosen or (wanted if wanted in file.ids else middle(file.ids))
            if chosen in file.ids:
                yield file, chosen, file.ids.index(chosen)


def response_rows(paths: Iterable[Path | str], wanted: str) -> Iterator[pd.DataFrame]:
    """Yield the responses of the chain, network by network."""
    for file, name, number in chain_to_show(paths, wanted):
        kind = map_name(NOISE, THROUGH)
        if kind not in file.maps:
            continue
        chain = file.chain(number, [kind])
        relative = chain.maps[kind] / chain.norms[:, None]
        for i in evenly(file.layers):
            p, q = np.indices(relative[i].shape).reshape(2, -1) + 1
            logs = np.log10(np.where(relative[i] > 0, relative[i], np.nan)).ravel()
            names: dict[str, Any] = {"dataset": file.dataset, "model": file.model, "id": name}
            facts = {"layer": file.layers[i], "p": p, "q": q, "log10_response": logs.round(3)}
            yield pd.DataFrame(names | facts)


def contact_rows(
    paths: Iterable[Path | str], known: Mapping[str, Known], wanted: str
) -> Iterator[dict[str, Any]]:
    """Yield the pairs of the chain that touch, or that a map ranks among the first L."""
    apart = SEPARATIONS[0]
    for file, name, number in chain_to_show(paths, wanted):
        own = known[file.dataset]
        touching, resolved = own.touching[name], own.resolved[name]
        kinds = [kind for kind in file.maps if not kind.endswith(f".{BLOCKS}")]
        for kind, scores in maps_in(file.chain(number, kinds)):
            ranked = set(top_pairs(scores, resolved, apart))
            true = {(int(p), int(q)) for p, q in np.argwhere(np.triu(touching, apart))}
            facts: dict[str, Any] = {"dataset": file.dataset, "model": file.model}
            facts |= {"map": kind, "id": name}
            facts |= {"residues": len(resolved), "separation": apart}
            for p, q in sorted(ranked | true):
                pair = {"p": p + 1, "q": q + 1, "touching": int((p, q) in true)}
                yield {**facts, **pair, "ranked": int((p, q) in ranked)}


def response_map(paths: Iterable[Path | str], wanted: str) -> pd.DataFrame:
    """Return the table of RESPONSES; without a row where no file is of pretrained weights."""
    return pd.concat([pd.DataFrame(columns=RESPONSES), *response_rows(paths, wanted)])


def contact_table(
    paths: Iterable[Path | str], known: Mapping[str, Known], wanted: str
) -> pd.DataFrame:
    """Return the table of CONTACTS."""
    return pd.DataFrame(contact_rows(paths, known, wanted), columns=CONTACTS)
