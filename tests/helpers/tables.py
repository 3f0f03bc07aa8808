"""Plausible tables of a study that never ran: for figures, the page, and eyes."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.trend_tables import (
    SIZES,
    architectures_of,
    correlations_of,
    gains_of,
    rng_of,
)
from plmbench.compare.correlations import complete
from plmbench.compare.decisions import with_holm
from plmbench.compare.differences import ARM_COLUMNS, DIFFERENCE_COLUMNS
from plmbench.compare.networks import network_table
from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.compare.summary import selected_layers
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.compare.verdicts import verdict_table
from plmbench.core.columns import ARM, TASK
from plmbench.core.facts import ModelFacts, Models, TaskFacts
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.probe.scores import JOB, NUMBER

POOLINGS = {"mean": 0.0, "max": -0.03}
WITHOUT_WEIGHTS = {"onehot": "baseline", "composition": "control", "length": "control"}
SERIES = {"ESM-1": (43, 85, 670), "ESM-2": (8, 35, 150, 650, 3000), "CARP": (0.6, 38, 76, 640)}
DEPTHS = {0.6: 16, 38: 16, 640: 56, 8: 6, 35: 12, 150: 30, 650: 33, 3000: 36, 43: 6, 670: 34}
TASK_TYPES = ("regression", "classification", "residue_classification")
TITLES = ("GB1 landscape", "Localisation", "Secondary structure")
METRICS = dict(zip(TASK_TYPES, ("spearman", "accuracy", "accuracy"), strict=True))
Row = dict[str, object]
KNOWN = {"units": 3644, "training_data": "given", "defined": 1.0, "reason": ""}  # of an interval
ABLATIONS = {"pretrained": 1, "reinit": 3, "resample": 3}


def models_of(count: int) -> dict[str, ModelFacts]:
    """Return `about` of `count` networks of three series, an early checkpoint, and the rest."""
    networks = [(s, size) for s, sizes in SERIES.items() for size in sizes]
    about: dict[str, ModelFacts] = {
        name: {"title": name, "role": role} for name, role in WITHOUT_WEIGHTS.items()
    }
    about["onehot"]["title"] = "one-hot"
    for series, size in networks[:count]:
        name = f"{series.lower().replace('-', '')}_{size}M"
        about[name] = {"series": series, "parameters": int(size * 1e6), "role": "network"}
    if count > 1:
        first = list(about)[len(WITHOUT_WEIGHTS)]
        for share in (0.25, 0.5):
            early: ModelFacts = {"network": first, "pretraining": share}
            about[f"{first}_{share}"] = about[first] | early
    return about


def tasks_of(count: int) -> list[TaskFacts]:
    """Return `count` tasks, of all types in turn."""
    return [
        {
            "dataset": f"set_{i}",
            "split": "sampled" if i % 2 else "low_vs_high",
            "title": f"{TITLES[i % 3]} {i}, first",
            "task_type": TASK_TYPES[i % 3],
            "metric": METRICS[TASK_TYPES[i % 3]],
            "target": ["fitness", "compartment", "state of the residue"][i % 3],
        }
        for i in range(count)
    ]


def layers_of(model: str, about: Models) -> int:
    """Return how many blocks a network has; models without weights have none."""
    size = about[model].get("parameters")
    return DEPTHS.get(size / 1e6, 12) if size else 0


def value_of(task: TaskFacts, model: str, ablation: str, about: Models) -> float:
    """Return the value an arm reaches at its best layer."""
    draw = rng_of("level", task["dataset"], model, ablation).normal(0, 0.015)
    if ablation == "none":
        ahead = 0.3 * (model == "composition" and task["dataset"] == "set_1")  # of most networks
        return {"onehot": 0.42, "composition": 0.2, "length": 0.08}[model] + ahead + draw
    size = np.log10(about[model]["parameters"])
    gain = rng_of("gain", task["dataset"]).uniform(-0.12, 0.3)
    share = about[model].get("pretraining", 1)
    return 0.35 + 0.02 * size + share * gain * size / 8 * (ablation == "pretrained") + draw


def arms_of_task(task: TaskFacts, about: Models) -> Iterator[tuple[str, str, str]]:
    """Yield model, ablation and pooling of what runs on a task."""
    for model, entry in about.items():
        if entry["role"] != "network":
            yield model, "none", "flat" if model == "onehot" else "mean"
            continue
        poolings = ["residues"] if task["task_type"].startswith("residue") else list(POOLINGS)
        for pooling in poolings:
            for ablation in ABLATIONS if entry.get("pretraining", 1) == 1 else ["pretrained"]:
                yield model, ablation, pooling


def weights_of(ablation: str) -> list[str]:
    """Return the weights of an ablation, one per seed."""
    if ablation in (NONE, PRETRAINED):
        return [ablation]
    return [f"{ablation}-{seed}" for seed in range(ABLATIONS[ablation])]


def scores_of_arm(
    task: TaskFacts, model: str, ablation: str, pooling: str, about: Models
) -> list[Row]:
    """Return score rows of one arm: every seed and layer, validation and test; without a probe."""
    layers, rows = layers_of(model, about), []
    top = value_of(task, model, ablation, about) + POOLINGS.get(pooling, 0)
    shape = np.linspace(-0.15 * (layers > 0), 0.06, layers + 1)
    names = {"dataset": task["dataset"], "split": task["split"], "model": model}
    for seed, weights in enumerate(weights_of(ablation)):
        rng = rng_of(task["dataset"], model, ablation, pooling, seed)
        values = top - np.abs(shape) + rng.normal(0, 0.01, (2, layers + 1))  # [subset, layer]
        for (subset, n), line in zip(SIZES.items(), values, strict=True):
            where = {"weights": weights, "pooling": pooling, "subset": subset, "n": n, "seed": 0}
            what = {"metric": task["metric"], "reason": ""}
            rows += [names | where | what | {"layer": i, "value": v} for i, v in enumerate(line)]
    return rows


def scores_of(
    tasks: Sequence[TaskFacts], about: Models, probes: Sequence[str] = ("ridge",)
) -> pd.DataFrame:
    """Return a score table: every layer, validation and test."""
    rows = [
        row | {"probe": probe}
        for task in tasks
        for probe in probes
        for arm in arms_of_task(task, about)
        for row in scores_of_arm(task, *arm, about)
    ]
    return pd.DataFrame(rows, columns=[*JOB, *NUMBER])


def arms_of(scores: pd.DataFrame) -> pd.DataFrame:
    """Return an arms table of a score table, with made-up intervals."""
    table = over_seeds(with_ablation(scores))
    rows = []
    for _, arm in table.groupby(ARM, sort=False):
        test = arm[arm["subset"] == "test"]
        for layer_selection, layer in selected_layers(arm, arm["metric"].iloc[0]).items():
            rows.append(test[test["layer"] == layer].assign(layer_selection=layer_selection))
    arms = pd.concat(rows, ignore_index=True).rename(columns={"mean": "value"})
    half = 0.02 + 0.01 * (arms["seeds"] > 1)
    arms = arms.assign(low=arms["value"] - half, high=arms["value"] + half, **KNOWN)
    return arms[[*TASK, *ARM_COLUMNS]]


MARGINS = dict.fromkeys(METRICS.values(), 0.02)


def differences_of(arms: pd.DataFrame, about: Models) -> pd.DataFrame:
    """Return a differences table of an arms table, with made-up intervals, as `compare` does."""
    rows = []
    key = ["dataset", "split", "probe", "metric", "layer_selection"]
    for names, part in arms.groupby(key, sort=False):
        for _, network in part[part["ablation"] == "pretrained"].iterrows():
            own = (part["model"] == network["model"]) & (part["pooling"] == network["pooling"])
            own &= part["ablation"] != "pretrained"
            for _, other in part[own | (part["ablation"] == "none")].iterrows():
                without = other["ablation"] == "none"
                gain = network["value"] - other["value"]
                rows.append(
                    dict(zip(key, names, strict=True))
                    | {"pooling": network["pooling"], "model": network["model"]}
                    | {"reference": other["model"] if without else other["ablation"]}
                    | {"role": about[other["model"]]["role"] if without else "ablation"}
                    | {"reference_pooling": other["pooling"], "difference": gain}
                    | {"low": gain - 0.03, "high": gain + 0.03}
                    | {"p": float(2 * norm.sf(abs(gain) / 0.015))}
                    | {"error": 0.015, "freedom": 300.0, "most_noise": "test units"}
                    | {"test_error": 0.012, "seed_error": 0.009}
                    | {"layer": network["layer"]}
                    | {"seeds": other["seeds"], "seed_sd": 0.01, "n": network["n"], **KNOWN}
                    | {"share_of_gain": 0.4, "share_low": 0.2, "share_high": 0.6}
                    | {"share_reason": ""}
                )
    return with_holm(pd.DataFrame(rows, columns=[*TASK, *DIFFERENCE_COLUMNS]), {}, MARGINS)


def datasets_of(tasks: Sequence[TaskFacts]) -> pd.DataFrame:
    """Return a table of data sets, one of them with leakage."""
    facts = {"rows": 8733, "dropped": 0, "unique_sequences": 8733, "duplicates": 0}
    sizes = {"train": 4580, "validation": 509, "test": 3644, "test_units": 3644}
    sizes |= {"median_length": 56.0}
    return pd.DataFrame(
        [
            {"dataset": t["dataset"], "split": t["split"], "task_type": t["task_type"], **facts}
            | {"leakage": 12 * (i == 1), **sizes, "balance": "-5.8 to 2.2, median -1.2"}
            for i, t in enumerate(tasks)
        ]
    )


def runs_of(tasks: Sequence[TaskFacts], about: Models) -> pd.DataFrame:
    """Return a table of embedding files, all of it text."""
    versions = "python 3.11.15, torch 2.13.0, fair-esm 2.0.0, numpy 2.4.6"
    rows = []
    for task in tasks:
        for model, ablation, _ in dict.fromkeys(
            (m, a, "") for m, a, _ in arms_of_task(task, about)
        ):
            for seed in range(ABLATIONS.get(ablation, 1)):
                drawn = ablation in ("reinit", "resample")
                digest = hashlib.sha256(repr((task["dataset"], model)).encode()).hexdigest()
                rows.append(
                    {"dataset": task["dataset"], "model": model, "ablation": ablation}
                    | {"seed": seed if drawn else -1, "sequences": 8733, "dtype": "float32"}
                    | {"sequences_sha256": digest, "checkpoint_sha256": digest[::-1]}
                    | {"device": "cuda", "precision": "float32", "versions": versions}
                )
    return pd.DataFrame(rows).astype(str)


class Plausible:
    """Every table of a made-up study of `networks` networks and `tasks` tasks."""

    def __init__(self, networks: int, tasks: int, probes: Sequence[str] = ("ridge",)) -> None:
        self.about, self.tasks = models_of(networks), tasks_of(tasks)
        self.scores = scores_of(self.tasks, self.about, probes)
        self.arms = arms_of(self.scores)
        self.differences = differences_of(self.arms, self.about)
        self.correlations = correlations_of(self.arms, self.about)
        self.gains = gains_of(self.scores, self.arms, self.about)
        self.architectures = architectures_of(self.arms)
        own_lines = [model for model, facts in self.about.items() if complete(facts)]
        self.networks = network_table(self.gains, own_lines)
        tables = (self.arms, self.differences, self.correlations)
        self.verdicts = verdict_table(*tables, self.about, MARGINS)
        published = {"set_0/low_vs_high": "benefits", "set_1/sampled": "scales"}
        self.task_verdicts = task_verdict_table(self.verdicts, published)
        self.datasets = datasets_of(self.tasks)
        self.runs = runs_of(self.tasks, self.about)
