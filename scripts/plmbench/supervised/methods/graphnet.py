"""The seed's network, its nucleotide side adapted, trained from scratch: see `graphnet_network`."""

from typing import Any

from plmbench.core.task_types import REGRESSION
from plmbench.probe.probe_type import ProbeType, metrics_to_choose_by
from plmbench.probe.selection import Fitted
from plmbench.supervised.settings import GraphNetSettings


def fit(*arguments: Any, **keywords: Any) -> Fitted:
    """Train the network; torch is loaded for it alone."""
    from plmbench.supervised.graphnet_network import fit_graphnet

    return fit_graphnet(*arguments, **keywords)


METHOD = ProbeType(
    name="graphnet",
    label="architecture of the seed, its nucleotide side adapted",
    settings=GraphNetSettings,
    chooses_by={REGRESSION: metrics_to_choose_by(REGRESSION, probabilities=False)},
    fit=fit,
)
