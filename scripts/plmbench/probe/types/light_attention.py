"""The light-attention probe: convolutions and attention over the residues of a layer (Stärk et al.
2021), for tasks that label sequences. See `light_attention_network`."""

from typing import Any

from plmbench.core.task_types import CLASSIFICATION, REGRESSION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted, Folds
from plmbench.probe.training_settings import LightAttentionSettings


def fit(folds: Folds, *arguments: Any, source: Any, **keywords: Any) -> Fitted:
    """Train the network on residues standardised by those of the training sequences: the scale of
    embeddings differs between networks, and the step size does not. torch is loaded here alone."""
    from plmbench.probe.light_attention_network import fit_light_attention

    source.standardise(folds.train.X)
    return fit_light_attention(folds, *arguments, source=source, **keywords)


PROBE = ProbeType(
    name="light_attention",
    label="light attention",
    settings=LightAttentionSettings,
    chooses_by={
        task_type: metrics_to_choose_by(task_type, probabilities=True)
        for task_type in (REGRESSION, CLASSIFICATION)
    },
    fit=fit,
    per_residue=True,
)
