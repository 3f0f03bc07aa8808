"""The tables of a study: the comparisons of all tasks, corrected for their number, and what they
come to."""

from collections.abc import Mapping
from typing import TypedDict

import pandas as pd

from plmbench.compare.architectures import with_verdicts
from plmbench.compare.correlations import complete, with_trends
from plmbench.compare.decisions import with_holm
from plmbench.compare.learning_curves import with_worth
from plmbench.compare.networks import network_table
from plmbench.compare.overlap import with_overlap
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.compare.verdicts import verdict_table
from plmbench.core.facts import Models

COMPARED = ("arms", "differences", "correlations", "gains", "architectures")


class Judgement(TypedDict):
    """What a rule tells of the study."""

    about: Models
    min_effect: Mapping[str, float]  # by metric
    in_verdict: Mapping[str, bool]  # ablation or baseline -> whether it bears on the verdict
    published: Mapping[str, str]  # "dataset/split" -> verdict of the published study


def study_tables(
    compared: Mapping[str, pd.DataFrame],
    study: Judgement,
    overlap: pd.DataFrame,
    curves: pd.DataFrame | None,
) -> dict[str, pd.DataFrame]:
    """Return {name: table} of a study: those of COMPARED, and networks, verdicts, task_verdicts.

    compared: {name of COMPARED: the rows of all tasks}; overlap: test sequences seen in
    pretraining; curves: the learning curves, None without any.
    """
    margins, about = study["min_effect"], study["about"]
    differences = with_holm(compared["differences"], study["in_verdict"], margins)
    correlations = with_trends(compared["correlations"])
    verdicts = verdict_table(compared["arms"], differences, correlations, about, margins)
    verdicts = with_worth(verdicts, curves)
    lines = [model for model, facts in about.items() if complete(facts)]
    return {
        **compared,
        "differences": differences,
        "correlations": correlations,
        "architectures": with_verdicts(compared["architectures"]),
        "networks": network_table(compared["gains"], lines),
        "verdicts": with_overlap(verdicts, overlap),
        "task_verdicts": task_verdict_table(verdicts, study["published"]),
    }
