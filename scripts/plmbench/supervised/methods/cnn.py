"""FLIP's CNN trained from scratch on one-hot sequences: see `cnn_network`."""

from typing import Any

from plmbench.core.task_types import TASK_TYPES
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted
from plmbench.supervised.settings import CnnSettings


def fit(*arguments: Any, **keywords: Any) -> Fitted:
    """Train the network; torch is loaded for it alone."""
    from plmbench.supervised.cnn_network import fit_cnn

    return fit_cnn(*arguments, **keywords)


METHOD = ProbeType(
    name="cnn",
    label="CNN on one-hot",
    settings=CnnSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=True) for task_type in TASK_TYPES
    },
    fit=fit,
)
