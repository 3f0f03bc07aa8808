"""What a figure or table is about: one task, its metric, and the models that ran on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from plmbench.core.facts import Models, TaskFacts
from plmbench.core.metrics import LABELS
from plmbench.core.modalities import MODALITIES, PROTEIN, Modality
from plmbench.core.roles import BASELINE, CONTROL, SHUFFLED
from plmbench.core.task_types import RESIDUE_CLASSIFICATION

Tables = Mapping[str, pd.DataFrame]  # by name


@dataclass(frozen=True)
class Subject:
    """What one figure of a task is about."""

    metric: str
    about: Models
    task: TaskFacts

    @property
    def label(self) -> str:
        """Return the name of the metric in figures."""
        return metric_label(self.metric)


def of_only_task(
    tables: Tables, tasks: Sequence[TaskFacts], about: Models
) -> tuple[Subject, dict[str, pd.DataFrame]]:
    """Return the Subject of a figure of one task, and the rows of that task in each table."""
    (task,) = tasks
    names = task["dataset"], task["split"]
    own_rows = {name: of_task(table, *names) for name, table in tables.items()}
    return Subject(task["metric"], about, task), own_rows


def metric_label(metric: str) -> str:
    """Return the name of a metric in figures and tables."""
    return LABELS.get(metric, metric)


def modality_of(task: TaskFacts) -> Modality:
    """Return what the examples of a task's data set are."""
    return MODALITIES[task.get("modality", PROTEIN)]


def examples_of(task: TaskFacts) -> str:
    """Return what `n` counts of a task: residues, or sequences, images, texts."""
    modality = modality_of(task)
    labelled = task.get("task_type") == RESIDUE_CLASSIFICATION
    return modality.measured if labelled else modality.examples


def any_of(words: Iterable[str]) -> str:
    """Return different words as one phrase: `a`, `a or b`, `a, b or c`."""
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} or {last}" if first else last


def task_key(task: TaskFacts) -> str:
    """Return the name of a task: `dataset/split`."""
    return f"{task['dataset']}/{task['split']}"


def anchor_of(number: int) -> str:
    """Return where the page shows a task, by its place among the tasks."""
    return f"task-{number}"


def title_of(model: str, about: Models) -> str:
    """Return the name of a model in figures."""
    return about.get(model, {}).get("title", model)


def role_of(model: str, about: Models) -> str:
    """Return what a model without weights is: a baseline or a control."""
    role = about.get(model, {}).get("role", BASELINE)
    return role if role in (BASELINE, CONTROL) else BASELINE


def network_of(model: str, about: Models) -> str:
    """Return the network that a model is, or is an earlier checkpoint of."""
    return about.get(model, {}).get("network", model)


def series_of(model: str, about: Models) -> str:
    """Return the series a model belongs to: networks that differ only in size."""
    return about.get(model, {}).get("series", network_of(model, about))


def share_of(model: str, about: Models) -> float:
    """Return the share of its pretraining that a model has had."""
    return about.get(model, {}).get("pretraining", 1)


def pretraining_seed_of(model: str, about: Models) -> int:
    """Return which pretraining of its network a model is."""
    return about.get(model, {}).get("pretraining_seed", 0)


def in_order(models: Iterable[str], about: Models) -> list[str]:
    """Return models by series, in order of appearance, then size, network and pretraining."""
    models = list(dict.fromkeys(models))
    series = list(dict.fromkeys(series_of(model, about) for model in models))

    def rank(model: str) -> tuple[int, int, str, float]:
        size = about.get(model, {}).get("parameters", 0)
        place = series.index(series_of(model, about))
        return place, size, network_of(model, about), share_of(model, about)

    return sorted(models, key=rank)


def of_task(table: pd.DataFrame, dataset: str, split: str) -> pd.DataFrame:
    """Return the rows of one task."""
    return table[(table["dataset"] == dataset) & (table["split"] == split)]


def with_label_controls(table: pd.DataFrame, task: TaskFacts) -> pd.DataFrame:
    """Return a table in which the rows of probes on shuffled labels are an arm of the true probe.

    task: its `label_controls` are {probe: the same probe on shuffled labels}.
    """
    true_probes = {control: probe for probe, control in task.get("label_controls", {}).items()}
    shuffled = table["probe"].isin(list(true_probes))
    return table.assign(
        probe=table["probe"].replace(true_probes),
        ablation=table["ablation"].mask(shuffled, SHUFFLED),
    )


def heading(task: TaskFacts, table: pd.DataFrame) -> str:
    """Return the title of a task's figure: what it is, its target, how many test examples."""
    target = task.get("target", "target")
    if len(table):
        target += f", {int(table['n'].max()):,} test {examples_of(task)}"
    return f"{task['title']}\n{target}"
