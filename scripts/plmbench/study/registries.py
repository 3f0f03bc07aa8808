"""What the library has registered, by name: the one place where `study` asks for it.

Snakemake reads this at every start, so nothing here may load torch, scikit-learn, scipy or pandas.
Where a registry stands in a module that does, its names stand here once more, and a test holds
them equal.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from plmbench.core.lengths import LENGTH_POLICIES
from plmbench.core.poolings import ALIGNED, POOLS, RESIDUES
from plmbench.core.roles import BASELINE, CONTROL, NETWORK
from plmbench.study.probe_settings import (
    CLASSES,
    NUMBERS,
    PROBE_TYPES,
    CommonSettings,
    ProbeType,
)


class Family(NamedTuple):
    """What the entries of a family of networks have."""

    has_weights: bool = False
    architecture: bool = False


METRICS = {"regression": NUMBERS, "classification": CLASSES, "residue_classification": CLASSES}
FAMILIES = {
    "onehot": Family(),
    "composition": Family(),
    "length": Family(),
    "random_projection": Family(architecture=True),
    "esm1": Family(has_weights=True),
    "esm1b": Family(has_weights=True),
    "esm2": Family(has_weights=True),
    "carp": Family(has_weights=True, architecture=True),
}
RESIDUE_POLICIES = ("error", "mask", "drop")
PUBLISHED_VERDICTS = ("scales", "benefits", "no benefit")
INITIALISERS = (
    "keep",
    "zeros",
    "ones",
    "shuffle",
    "normal",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "uniform_fan_in",
)


def task_types() -> tuple[str, ...]:
    """Return the types of task: what a data set labels, and with what."""
    return tuple(METRICS)


def metric_names(task_type: str | None = None) -> tuple[str, ...]:
    """Return the metrics of a task type, the primary one first; without a type those of all."""
    types = [task_type] if task_type else list(METRICS)
    return tuple(dict.fromkeys(name for each in types for name in METRICS[each]))


def primary_metric(task_type: str) -> str:
    """Return the metric by which layers are compared where a data set names none."""
    return metric_names(task_type)[0]


def pooling_names() -> tuple[str, ...]:
    """Return the poolings that a configuration may name: one vector per sequence."""
    return tuple(name for name in POOLS if name != RESIDUES)


def aligned_poolings() -> tuple[str, ...]:
    """Return the poolings that are made for variants of one protein alone."""
    return tuple(ALIGNED)


def probe_types() -> Mapping[str, ProbeType]:
    """Return {name: declaration} of the probe types."""
    return PROBE_TYPES


def common_probe_settings() -> type:
    """Return the dataclass of what a probe of any type may be given."""
    return CommonSettings


def families(*, weights: bool | None = None, architecture: bool | None = None) -> tuple[str, ...]:
    """Return the families whose entries have, or have not, a checkpoint and an architecture."""
    return tuple(
        name
        for name, family in FAMILIES.items()
        if weights in (None, family.has_weights) and architecture in (None, family.architecture)
    )


def has_weights(family: str) -> bool:
    """Tell whether networks of a family read a checkpoint."""
    return FAMILIES[family].has_weights


def roles() -> tuple[str, ...]:
    """Return the roles of a model in the comparison."""
    return (NETWORK, BASELINE, CONTROL)


def residue_policies() -> tuple[str, ...]:
    """Return what can be done with letters that not every network knows."""
    return RESIDUE_POLICIES


def length_policies() -> tuple[str, ...]:
    """Return what can be done with sequences above a network's longest input."""
    return LENGTH_POLICIES


def published_verdicts() -> tuple[str, ...]:
    """Return the verdicts that a published study can have come to."""
    return PUBLISHED_VERDICTS


def initialisers() -> Sequence[str]:
    """Return what an ablation's table can do to a parameter."""
    return INITIALISERS
