"""All tables of one task's comparison, from its scores and predictions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import pandas as pd

from plmbench.compare.arms import TaskPredictions
from plmbench.compare.correlations import correlation_table
from plmbench.compare.differences import comparison_tables
from plmbench.compare.refits import Refits
from plmbench.core.facts import ModelFacts


class Comparison(TypedDict):
    """What a rule tells of a comparison."""

    arms: Sequence[tuple[str, str, str]]  # model, weights, probe of each file
    about: Mapping[str, ModelFacts]
    metric: str  # by which layers are compared
    label_controls: Mapping[str, str]  # probe -> the same probe on shuffled labels
    n_bootstrap: int
    seed: int


def compare_arms(
    scores: pd.DataFrame,
    predictions: Sequence[Path | str],
    comparison: Comparison,
    refits: Sequence[Path | str] = (),
) -> dict[str, pd.DataFrame]:
    """Return the tables `arms`, `differences` and `correlations` of one task.

    scores: the task's score table; predictions: the file of each of the comparison's arms; refits:
    of those that were fit again.
    """
    about, label_controls = comparison["about"], comparison["label_controls"]
    files = {
        (model, weights, probe): path
        for (model, weights, probe), path in zip(comparison["arms"], predictions, strict=True)
    }
    settings = comparison["metric"], comparison["n_bootstrap"], comparison["seed"]
    task = TaskPredictions(scores, files, *settings, Refits(refits, comparison["metric"]))
    roles = {model: facts["role"] for model, facts in about.items()}
    probes = [probe for probe in scores["probe"].unique() if probe not in label_controls.values()]
    arms, differences = comparison_tables(task, roles, label_controls)
    correlations = correlation_table(task, about, probes)
    return {"arms": arms, "differences": differences, "correlations": correlations}
