"""What the library has registered, by name: the one place where `study` asks for it.

Snakemake reads this at every start, so nothing here may load torch, scikit-learn, scipy or pandas.
"""

from collections.abc import Mapping
from functools import cache

from plmbench.core.alphabet import RESIDUE_POLICIES
from plmbench.core.lengths import LENGTH_POLICIES
from plmbench.core.metrics import metrics_of
from plmbench.core.modalities import MODALITIES
from plmbench.core.poolings import ALIGNED, PER_SEQUENCE
from plmbench.core.roles import BASELINE, CONTROL, NETWORK
from plmbench.core.task_types import TASK_TYPES
from plmbench.core.verdicts import PUBLISHED_VERDICTS
from plmbench.probe import types
from plmbench.probe.probe_type import CommonSettings, ProbeType
from plmbench.study.families import families as family_tables
from plmbench.supervised import methods as supervised

OWN_KEYS = {
    "architecture",
    "writing",
    "side",
}  # each tells one form of a model's entry from the others


def task_types() -> tuple[str, ...]:
    """Return the types of task: what a data set labels, and with what."""
    return tuple(TASK_TYPES)


def metric_names(task_type: str | None = None) -> tuple[str, ...]:
    """Return the metrics of a task type, the primary one first; without a type those of all."""
    wanted = [task_type] if task_type else TASK_TYPES
    return tuple(dict.fromkeys(name for each in wanted for name in metrics_of(each)))


def primary_metric(task_type: str) -> str:
    """Return the metric by which layers are compared where a data set names none."""
    return metric_names(task_type)[0]


def pooling_names() -> tuple[str, ...]:
    """Return the poolings that a configuration may name: one vector per sequence."""
    return tuple(PER_SEQUENCE)


def aligned_poolings() -> tuple[str, ...]:
    """Return the poolings that are made for variants of one protein alone."""
    return tuple(ALIGNED)


@cache  # asked for each arm of a study, and found by listing a folder
def probe_types() -> Mapping[str, ProbeType]:
    """Return {name: declaration} of the probe types."""
    return {name: types.probe_type(name) for name in types.probe_types()}


def common_probe_settings() -> type:
    """Return the dataclass of what a probe of any type may be given."""
    return CommonSettings


@cache
def methods() -> Mapping[str, ProbeType]:
    """Return {name: declaration} of the methods that predict from sequences by themselves."""
    return {name: supervised.method(name) for name in supervised.methods()}


def families(*, weights: bool, key: str | None = None) -> tuple[str, ...]:
    """Return the families with or without a checkpoint, whose entries have a key of their own;
    None: those whose entries have none of these."""
    return tuple(
        name
        for name, family in family_tables().items()
        if family.has_weights == weights
        and OWN_KEYS & {*family.required, *family.optional} == ({key} if key else set())
    )


def has_weights(family: str) -> bool:
    """Tell whether networks of a family read a checkpoint."""
    return family in family_tables() and family_tables()[family].has_weights


def roles() -> tuple[str, ...]:
    """Return the roles of a model in the comparison."""
    return (NETWORK, BASELINE, CONTROL)


def residue_policies() -> tuple[str, ...]:
    """Return what can be done with residues that not every network knows."""
    return RESIDUE_POLICIES


def modalities() -> tuple[str, ...]:
    """Return what examples can be."""
    return tuple(MODALITIES)


def length_policies() -> tuple[str, ...]:
    """Return what can be done with sequences above a network's longest input."""
    return LENGTH_POLICIES


def published_verdicts() -> tuple[str, ...]:
    """Return the verdicts that a published study can have come to."""
    return PUBLISHED_VERDICTS
