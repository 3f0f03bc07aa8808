"""Files of responses and known contacts to tables: how many of the pairs that answer most to each
other touch; pretrained networks against their ablations and what needs none, paired by chain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.chain_means import (
    Array,
    Chains,
    arm_of,
    by_ablation,
    difference_over_chains,
    drawn_chains,
    mean_over_chains,
)
from plmbench.compare.contacts import (
    PARTS,
    SEPARATIONS,
    Mask,
    base_rate,
    by_separation,
    contact_map,
    corrected,
    precisions,
    resolved_of,
)
from plmbench.core.errors import InputError
from plmbench.core.nudges import BLOCKS, HEAD
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.store.responses import Chain, open_responses

BASE, NEAREST = "base rate", "separation alone"  # models of a row that no network has
ENDS = {"": "value", "_low": "low", "_high": "high"}
CONTACTS = ["dataset", "model", "weights", "map", "separation"]
CONTACTS += [f"{part}{end}" for part in PARTS for end in ENDS] + ["chains", "units", "reason"]
DIFFERENCES = ["dataset", "model", "map", "separation", "reference", "difference", "low", "high"]
DIFFERENCES += ["p", "seeds", "units", "reason"]
TABLES = {"contacts": CONTACTS, "contact_differences": DIFFERENCES}

Precisions = Array  # [separation, part]
Rows = dict[tuple[str, str, str], dict[str, Precisions]]  # {(model, weights, map): {chain: ...}}


class Known(NamedTuple):
    """What is known of the chains of one set."""

    cluster_of: Mapping[str, str]
    touching: Mapping[str, Mask]  # {chain: [p, q]}
    resolved: Mapping[str, Mask]  # {chain: [residue]}


def read_known(chains: Path | str, contacts: Path | str) -> Known:
    """Return what the tables of a set's chains and contacts say."""
    table = pd.read_csv(chains, sep="\t", dtype=str, keep_default_na=False).set_index("id")
    pairs = pd.read_csv(contacts, sep="\t", dtype={"id": str}, keep_default_na=False)
    own = {name: part[["i", "j"]].to_numpy(int) for name, part in pairs.groupby("id")}
    none = np.empty((0, 2), int)
    touching = {
        name: contact_map(own.get(name, none), len(text))
        for name, text in table["sequence"].items()
    }
    resolved = {name: resolved_of(mask) for name, mask in table["mask"].items()}
    return Known(table["cluster"].to_dict(), touching, resolved)


def scored(scores: Array, name: str, known: Known) -> Precisions:
    """Return the precisions [separation, part] of a chain's scores."""
    facts = known.touching[name], known.resolved[name]
    return np.array([precisions(scores, *facts, apart) for apart in SEPARATIONS])


def maps_in(chain: Chain) -> Iterator[tuple[str, Array]]:
    """Yield the maps of a chain that may show contacts: the last layer's, corrected, and what the
    network's own head says, as it is."""
    for name, values in chain.maps.items():
        yield name.partition(".")[0], corrected(values[-1])
    if chain.head is not None:
        yield HEAD, chain.head


def network_rows(paths: Iterable[Path | str], known: Known) -> Rows:
    """Return the precisions of every file's maps."""
    found: Rows = {}
    for path in paths:
        with open_responses(path) as file:
            names = [name for name in file.maps if not name.endswith(f".{BLOCKS}")]
            for number, name in enumerate(file.ids):
                for kind, scores in maps_in(file.chain(number, names)):
                    key = file.model, file.weights, kind
                    found.setdefault(key, {})[name] = scored(scores, name, known)
    return found


def plain_rows(ids: Sequence[str], known: Known) -> Rows:
    """Return the precisions of what needs no network."""
    nearest = {name: scored(by_separation(len(known.resolved[name])), name, known) for name in ids}
    rates = {
        name: np.array(
            [[base_rate(known.touching[name], known.resolved[name], s)] * 3 for s in SEPARATIONS]
        )
        for name in ids
    }
    return {(BASE, NONE, NONE): rates, (NEAREST, NONE, NONE): nearest}


def values_of(rows: Rows, key: tuple[str, str, str], ids: Sequence[str]) -> Array:
    """Return [chain, separation, part] of a key."""
    return np.array([rows[key][name] for name in ids])


def contact_rows(dataset: str, rows: Rows, chains: Chains) -> Iterator[dict[str, Any]]:
    """Yield a row of CONTACTS per key and separation."""
    for key in rows:
        values = values_of(rows, key, chains.ids)
        names = dict(zip(("model", "weights", "map"), key, strict=True)) | {"dataset": dataset}
        for i, separation in enumerate(SEPARATIONS):
            row = {**names, "separation": separation, "chains": len(chains.ids)}
            row |= {"units": chains.units}
            for j, part in enumerate(PARTS):
                arm = arm_of(values[:, i, j], chains, drawn_by=names["weights"])
                estimate = mean_over_chains(arm, chains)
                row |= {f"{part}{end}": getattr(estimate, name) for end, name in ENDS.items()}
                row["reason"] = estimate.reason
            yield row


def references_of(rows: Rows, model: str, kind: str) -> dict[str, list[tuple[str, str, str]]]:
    """Return {reference: its keys, one per seed} of what a pretrained network's map has to beat."""
    weights = [each for name, each, own in rows if (name, own) == (model, kind)]
    found = {
        ablation: [(model, name, kind) for name in seeds]
        for ablation, seeds in by_ablation(weights).items()
    }
    return found | {name: [(name, NONE, NONE)] for name in (NEAREST, BASE)}


def difference_rows(dataset: str, rows: Rows, chains: Chains) -> Iterator[dict[str, Any]]:
    """Yield a row of DIFFERENCES per network, map, separation and reference: of L pairs."""
    for key in rows:
        model, weights, kind = key
        if weights != PRETRAINED:
            continue
        for reference, keys in references_of(rows, model, kind).items():
            own, others = (
                [values_of(rows, each, chains.ids)[:, :, 0] for each in side]
                for side in ([key], keys)
            )
            for i, separation in enumerate(SEPARATIONS):
                first = arm_of([v[:, i] for v in own], chains)
                second = arm_of([v[:, i] for v in others], chains, drawn_by=keys[0][1])
                estimate = difference_over_chains(first, second, chains)
                row = {"dataset": dataset, "model": model, "map": kind, "separation": separation}
                row |= {"reference": reference, "difference": estimate.value}
                yield row | {"units": chains.units} | estimate._asdict()


def contact_tables(
    paths: Mapping[str, Sequence[Path | str]],
    known: Mapping[str, Known],
    n_bootstrap: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return {name: table} of contacts and differences; paths: {set: files of responses}; known:
    {set: Known}. Chains are those that all files of a set have."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for dataset, files in paths.items():
        found = network_rows(files, known[dataset])
        lists = list(found.values())
        ids = [name for name in lists[0] if all(name in each for each in lists)] if lists else []
        if not ids:
            raise InputError(f"contacts: {dataset}: no chain is common to all networks")
        found |= plain_rows(ids, known[dataset])
        chains = drawn_chains(ids, known[dataset].cluster_of, n_bootstrap, seed)
        rows["contacts"] += contact_rows(dataset, found, chains)
        rows["contact_differences"] += difference_rows(dataset, found, chains)
    return {name: pd.DataFrame(rows[name], columns=columns) for name, columns in TABLES.items()}
