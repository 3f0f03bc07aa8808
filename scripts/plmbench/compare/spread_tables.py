"""Files of responses to tables: how a nudge spreads, by layer, and what its letter has to do with
it; pretrained networks against their ablations, paired by chain."""

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
from plmbench.compare.spread import (
    LETTERS,
    METRICS,
    PROFILE,
    decay_lengths,
    influence,
    letter_share,
    profile,
    spread,
)
from plmbench.core.logs import log
from plmbench.core.nudges import NOISE
from plmbench.core.weights import PRETRAINED
from plmbench.store.responses import open_responses

SET = ["dataset", "model", "observe"]
ENDS = {"": "value", "_low": "low", "_high": "high"}
SPREAD = ["dataset", "model", "weights", "observe", "layer", "chains", "units"]
SPREAD += [f"{metric}{end}" for metric in METRICS for end in ENDS]
SPREAD += [f"decay_length{end}" for end in ENDS] + ["reason"]
DIFFERENCES = ["dataset", "model", "observe", "layer", "metric", "reference", "difference"]
DIFFERENCES += ["low", "high", "p", "seeds", "units", "reason"]
INFLUENCE = ["dataset", "model", "weights", "observe", "layer", "letter", "residues"]
INFLUENCE += ["influence", "low", "high", "share", "reason"]
PROFILES = ["dataset", "model", "weights", "observe", "layer", "distance", "log_response"]


class Spread(NamedTuple):
    """What is kept of the maps of one file under one way to observe."""

    layers: Sequence[int]
    ids: Sequence[str]
    metrics: Mapping[str, Array]  # {metric: [chain, layer]}
    profile: Array  # [chain, layer, distance]
    influence: Sequence[Array]  # of each chain [layer, p]
    letters: Sequence[Array]  # of each chain [p]


Key = tuple[str, str, str, str]  # dataset, model, observe, weights


def spreads_of(path: Path | str) -> Iterator[tuple[Key, Spread]]:
    """Yield what is kept of a file of responses, one way to observe after another."""
    with open_responses(path) as file:
        names = [name for name in file.maps if name.startswith(f"{NOISE}.")]
        for name in names:
            metrics, profiles, sent, letters = [], [], [], []
            for number in range(len(file.ids)):
                chain = file.chain(number, [name])
                relative = chain.maps[name] / chain.norms[:, None]
                metrics.append(spread(relative))
                profiles.append(profile(relative))
                sent.append(influence(relative))
                letters.append(np.array(list(chain.sequence)))
            joined = {metric: np.array([each[metric] for each in metrics]) for metric in METRICS}
            key = file.dataset, file.model, name.rpartition(".")[2], file.weights
            yield key, Spread(file.layers, file.ids, joined, np.array(profiles), sent, letters)


def spread_rows(key: Key, found: Spread, chains: Chains) -> Iterator[dict[str, Any]]:
    """Yield a row of SPREAD per layer."""
    dataset, model, observe, weights = key
    names = {"dataset": dataset, "model": model, "weights": weights, "observe": observe}
    for i, layer in enumerate(found.layers):
        row: dict[str, Any] = {**names, "layer": layer, "chains": len(found.ids)}
        row["units"] = chains.units
        for metric, values in found.metrics.items():
            estimate = mean_over_chains(arm_of(values[:, i], chains), chains)
            row |= {f"{metric}{end}": getattr(estimate, name) for end, name in ENDS.items()}
            if metric == "reach":
                row["reason"] = estimate.reason
        slopes = {f"decay_length{end}": row[f"slope{end}"] for end in ENDS}
        yield row | dict(decay_lengths(slopes))


def difference_rows(
    key: Sequence[str], found: Mapping[str, Spread], chains: Chains
) -> Iterator[dict[str, Any]]:
    """Yield a row of DIFFERENCES per layer, metric and ablation; found: {weights: Spread}."""
    if PRETRAINED not in found:
        return
    own = found[PRETRAINED]
    for ablation, seeds in by_ablation(list(found)).items():
        for metric in METRICS:
            for i, layer in enumerate(own.layers):
                sides = [[PRETRAINED], seeds]
                first, second = (
                    arm_of([found[name].metrics[metric][:, i] for name in side], chains)
                    for side in sides
                )
                estimate = difference_over_chains(first, second, chains)
                row = dict(zip(SET, key, strict=True)) | {"layer": layer, "metric": metric}
                row |= {"reference": ablation, "difference": estimate.value, "units": chains.units}
                yield row | estimate._asdict()


def influence_rows(key: Key, found: Spread, chains: Chains) -> Iterator[dict[str, Any]]:
    """Yield a row of INFLUENCE per layer and letter."""
    dataset, model, observe, weights = key
    names = {"dataset": dataset, "model": model, "weights": weights, "observe": observe}
    letters = np.concatenate(list(found.letters))
    for i, layer in enumerate(found.layers):
        share = letter_share(np.concatenate([each[i] for each in found.influence]), letters)
        for letter in LETTERS:
            where = [each == letter for each in found.letters]
            sizes = np.array([each.sum() for each in where])
            pairs = zip(found.influence, where, strict=True)
            values = [each[i][own].mean() if own.any() else np.nan for each, own in pairs]
            estimate = mean_over_chains(arm_of(values, chains, sizes), chains)
            row = {**names, "layer": layer, "letter": letter, "residues": int(sizes.sum())}
            row |= {"influence": estimate.value, "share": share}
            yield row | estimate._asdict()


def profile_rows(key: Key, found: Spread) -> Iterator[dict[str, Any]]:
    """Yield a row of PROFILES per layer and distance: the mean over chains that are as long."""
    dataset, model, observe, weights = key
    names = {"dataset": dataset, "model": model, "weights": weights, "observe": observe}
    for i, layer in enumerate(found.layers):
        for d in range(PROFILE):
            values = found.profile[:, i, d]
            mean = values[np.isfinite(values)].mean() if np.isfinite(values).any() else np.nan
            yield {**names, "layer": layer, "distance": d + 1, "log_response": mean}


def common_ids(found: Iterable[Spread]) -> list[str]:
    """Return the ids of the chains that all files have, in the order of the first."""
    lists = [each.ids for each in found]
    common = [name for name in lists[0] if all(name in ids for ids in lists)]
    if len(common) < max(map(len, lists)):
        log.info("comparing %d chains: those that every network takes", len(common))
    return common


def of_chains(found: Spread, ids: Sequence[str]) -> Spread:
    """Return a Spread of these chains alone, in this order."""
    rows = [found.ids.index(name) for name in ids]
    return found._replace(
        ids=ids,
        metrics={metric: values[rows] for metric, values in found.metrics.items()},
        profile=found.profile[rows],
        influence=[found.influence[row] for row in rows],
        letters=[found.letters[row] for row in rows],
    )


def clusters_of(paths: Iterable[Path | str]) -> dict[str, str]:
    """Return {chain: its cluster} of tables of chains."""
    texts = [pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False) for path in paths]
    table = pd.concat(texts)
    return dict(zip(table["id"], table["cluster"], strict=True))


def spread_tables(
    paths: Iterable[Path | str], cluster_of: Mapping[str, str], n_bootstrap: int, seed: int
) -> dict[str, pd.DataFrame]:
    """Return {name: table} of files of responses: spread, spread_differences, influence, profile.
    Chains are those that all files of a set have."""
    found = dict(pair for path in paths for pair in spreads_of(path))
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for dataset in dict.fromkeys(key[0] for key in found):
        own = {key: each for key, each in found.items() if key[0] == dataset}
        ids = common_ids(own.values())
        chains = drawn_chains(ids, cluster_of, n_bootstrap, seed)
        own = {key: of_chains(each, ids) for key, each in own.items()}
        for key, each in own.items():
            rows["spread"] += spread_rows(key, each, chains)
            rows["influence"] += influence_rows(key, each, chains)
            rows["profile"] += profile_rows(key, each)
        for names in dict.fromkeys(key[:3] for key in own):
            of_weights = {key[3]: each for key, each in own.items() if key[:3] == names}
            rows["spread_differences"] += difference_rows(names, of_weights, chains)
    return {name: pd.DataFrame(rows[name], columns=columns) for name, columns in TABLES.items()}


TABLES = {
    "spread": SPREAD,
    "spread_differences": DIFFERENCES,
    "influence": INFLUENCE,
    "profile": PROFILES,
}
