"""What rules tell of models and tasks: the facts that comparisons use and figures show."""

from collections.abc import Mapping
from typing import TypedDict


class ModelFacts(TypedDict, total=False):
    """The `about` of a model in models.yaml."""

    title: str
    role: str  # one of core.roles
    series: str  # networks that differ only in size
    network: str  # the network of which this one is a checkpoint, or another pretraining
    pretraining_seed: int  # which pretraining of its network it is; 0 if absent
    parameters: int
    pretraining: float  # share of the pretraining done
    loss: float  # of the pretraining
    licence: str  # what its weights may be used for


class TaskFacts(TypedDict, total=False):
    """What describes one task in figures and on the page."""

    dataset: str
    split: str
    title: str
    target: str
    task_type: str
    modality: str  # what its examples are: proteins if absent
    metric: str
    label_controls: Mapping[str, str]  # probe -> the same probe on shuffled labels


Models = Mapping[str, ModelFacts]  # by name
