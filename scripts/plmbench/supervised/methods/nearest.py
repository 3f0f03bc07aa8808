"""The label of the most similar training sequence: see `nearest_labels`."""

from typing import Any

from plmbench.core.task_types import CLASSIFICATION, REGRESSION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted
from plmbench.supervised.settings import NearestSettings


def fit(*arguments: Any, **keywords: Any) -> Fitted:
    """Keep the training sequences with their labels; the libraries are loaded for it alone."""
    from plmbench.supervised.nearest_labels import fit_nearest

    return fit_nearest(*arguments, **keywords)


METHOD = ProbeType(
    name="nearest",
    label="label of the nearest training sequence",
    settings=NearestSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=False)
        for task_type in (REGRESSION, CLASSIFICATION)
    },
    fit=fit,
    for_variants=False,
)
