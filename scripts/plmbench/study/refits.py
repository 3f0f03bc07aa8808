"""Which arms of a study are refit, and how often."""

from plmbench.core.roles import CONTROL
from plmbench.core.test_sets import learned, with_set
from plmbench.study.catalogues import Study
from plmbench.study.tasks import served_sets

REFITS = "results/refits/{dataset}/{split}/{model}/{weights}/{probe}.tsv"


def count_of(study: Study, dataset: str, split: str) -> int:
    """Return how often the arms of a task are refit, 0 where they are not."""
    refits = study.refits
    named = [dataset] if refits is None or refits.tasks is None else refits.tasks
    names = {dataset, f"{dataset}/{learned(split)}", f"{dataset}/{split}"}
    if split == learned(split):  # the jobs of a split serve all its test sets
        served = served_sets(study, dataset, split)
        names |= {f"{dataset}/{with_set(split, name)}" for name in served}
    if refits is None or not names & set(named):
        return 0
    return refits.count


def arms_of(study: Study, dataset: str, split: str) -> list[tuple[str, str, str]]:
    """Return the triples (model, weights, probe) that are refit on a task, each once: neither
    checkpoints nor negative controls."""
    if study.refits is None or not count_of(study, dataset, split):
        return []
    probes = study.probes_of(study.refits, dataset)
    roles = {model: study.models[model]["about"]["role"] for model in study.run.models}
    return [
        (model, weights, probe)
        for model, weights, probe in study.arms(dataset)
        if probe in probes and roles.get(model, CONTROL) != CONTROL
    ]


def files_of(study: Study, dataset: str, split: str) -> list[str]:
    """Return the files of refits of a task."""
    names = {"dataset": dataset, "split": learned(split)}
    return [
        REFITS.format(model=model, weights=weights, probe=probe, **names)
        for model, weights, probe in arms_of(study, dataset, split)
    ]
