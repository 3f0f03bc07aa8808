"""Light attention trained from scratch on one-hot sequences: see `light_attention_network`."""

from typing import Any

from plmbench.core.task_types import CLASSIFICATION, REGRESSION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted
from plmbench.probe.training_settings import LightAttentionSettings


def fit(*arguments: Any, **keywords: Any) -> Fitted:
    """Train the network; torch is loaded for it alone."""
    from plmbench.probe.light_attention_network import fit_light_attention

    return fit_light_attention(*arguments, **keywords)


METHOD = ProbeType(
    name="light_attention",
    label="light attention on one-hot",
    settings=LightAttentionSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=True)
        for task_type in (REGRESSION, CLASSIFICATION)
    },
    fit=fit,
)
