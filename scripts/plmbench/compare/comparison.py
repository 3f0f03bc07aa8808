"""All tables of one task's comparison, from its scores and predictions."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypedDict

import pandas as pd

from plmbench.compare.architectures import architecture_table
from plmbench.compare.arms import TaskPredictions
from plmbench.compare.correlations import correlation_table
from plmbench.compare.differences import comparison_tables
from plmbench.compare.gains import gain_table, left_out_of
from plmbench.compare.refits import Refits
from plmbench.core.facts import ModelFacts
from plmbench.core.test_sets import Place


class Comparison(TypedDict):
    """What a rule tells of a comparison."""

    arms: Sequence[tuple[str, str, str]]  # model, weights, probe of each file
    about: Mapping[str, ModelFacts]
    metric: str  # by which layers are compared
    label_controls: Mapping[str, str]  # probe -> the same probe on shuffled labels
    in_verdict: Mapping[str, bool]  # ablation -> whether it bears on the verdict
    n_bootstrap: int
    seed: int


def task_of(
    scores: pd.DataFrame,
    predictions: Sequence[Place],
    comparison: Comparison,
    families: Mapping[str, str] = MappingProxyType({}),
    refits: Sequence[Place] = (),
) -> TaskPredictions:
    """Return the TaskPredictions of a comparison.

    scores: the task's score table; predictions: the file of each of the comparison's arms;
    families: {name of a test sequence: its family}, which are the units; refits: the files of those
    arms that were fit again.
    """
    files = {
        (model, weights, probe): path
        for (model, weights, probe), path in zip(comparison["arms"], predictions, strict=True)
    }
    settings = comparison["metric"], comparison["n_bootstrap"], comparison["seed"]
    refit = Refits(refits, comparison["metric"])
    return TaskPredictions(scores, files, *settings, families, refit)


def compare_arms(
    scores: pd.DataFrame,
    predictions: Sequence[Place],
    comparison: Comparison,
    families: Mapping[str, str] = MappingProxyType({}),
    refits: Sequence[Place] = (),
) -> dict[str, pd.DataFrame]:
    """Return the tables `arms`, `differences`, `gains`, `correlations` and `architectures` of one
    task; see `task_of`."""
    about, label_controls = comparison["about"], comparison["label_controls"]
    task = task_of(scores, predictions, comparison, families, refits)
    roles = {model: facts["role"] for model, facts in about.items()}
    probes = [probe for probe in scores["probe"].unique() if probe not in label_controls.values()]
    arms, differences = comparison_tables(task, roles, label_controls)
    facts = task, about, probes, left_out_of(comparison["in_verdict"])
    return {
        "arms": arms,
        "differences": differences,
        "gains": gain_table(*facts),
        "correlations": correlation_table(*facts),
        "architectures": architecture_table(*facts),
    }
