"""The files that a study makes, by task and arm, in the order of the configuration."""

from collections.abc import Callable, Iterable
from typing import Any

from plmbench.core.roles import BASELINE, NETWORK
from plmbench.core.test_sets import learned, with_set
from plmbench.study import perturbations
from plmbench.study.catalogues import Study
from plmbench.study.parts import part_arms, part_runs
from plmbench.study.tasks import served_sets

SCORES = "results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
PREDICTIONS = "results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5"
CURVES = "results/learning_curves/{dataset}/{split}/{model}/{weights}/{probe}"
SELECTIVITY = "results/tables/selectivity.tsv"
EMBEDDINGS = "results/embeddings/{dataset}/{model}/{weights}.h5"
SIZE_TABLES = [f"results/tables/{name}.tsv" for name in ("parameters", "embedding_sizes")]
PART_TABLES = [f"results/tables/{name}.tsv" for name in ("critical_depth", "parts")]
PAGE_TABLES = (
    *("verdicts", "task_verdicts", "differences", "networks", "architectures"),
    *("datasets", "identity_bins", "pretraining_overlap"),
)
LATE = ("embed", "join")  # rules whose jobs are known once the sequences are read


def check_until(until: Iterable[str]) -> None:
    """End a run that is to stop at rules at which Snakemake would stop without their jobs.

    It looks for these before it has read the sequences, or sees no need of a file after which
    nothing comes. Of all exceptions this one alone ends it without a traceback.
    """
    for rule in sorted(set(until) & set(LATE)):
        raise SystemExit(
            f"--until {rule}: Snakemake would end before anything is embedded, because what there "
            "is to embed is known once the sequences are read; say: snakemake embeddings"
        )


def used_datasets(study: Study) -> list[str]:
    """Return the data sets of the tasks, each once."""
    return list(dict.fromkeys(task.dataset for task in study.tasks))


def of_tasks(study: Study, template: str) -> list[str]:
    """Return the files of a template for every task."""
    return [template.format(**task._asdict()) for task in study.tasks]


def of_datasets(study: Study, template: str) -> list[str]:
    """Return the files of a template for every data set."""
    return [template.format(dataset=dataset) for dataset in used_datasets(study)]


def of_fit(template: str, dataset: str, split: str, arm: tuple[str, str, str]) -> str:
    """Return the file of a template that holds an arm of a task: that of its split, which all test
    sets of that share."""
    model, weights, probe = arm
    names = {"model": model, "weights": weights, "probe": probe}
    return template.format(dataset=dataset, split=learned(split), **names)


def of_arms(study: Study, template: str, dataset: str, split: str) -> list[str]:
    """Return the files of a template for every arm of a task, in one order."""
    return [of_fit(template, dataset, split, arm) for arm in study.arms(dataset)]


def curve_arms(study: Study, dataset: str) -> list[tuple[str, str, str]]:
    """Return the triples (model, weights, probe) of a data set that have a learning curve: networks
    and baselines of `models`; neither controls nor checkpoints."""
    probes = study.probes_of(study.run.learning_curve, dataset)
    return [
        (model, weights, probe)
        for model, weights, probe in study.arms(dataset)
        if model in study.run.models
        and probe in probes
        and not study.reads_residues(probe)
        and study.models[model]["about"]["role"] in (NETWORK, BASELINE)
    ]


def of_curves(study: Study, suffix: str, dataset: str, split: str) -> list[str]:
    """Return the files of a task's learning curves, one per arm, in the order of `curve_arms`."""
    return [of_fit(CURVES + suffix, dataset, split, arm) for arm in curve_arms(study, dataset)]


def of_curve_tasks(study: Study, template: str) -> list[str]:
    """Return the files of a template for every task that has a learning curve."""
    return [template.format(**task._asdict()) for task in study.curve_tasks]


def curve_tasks(study: Study) -> list[str]:
    """Return the tasks that have a learning curve, as `dataset/split`."""
    return of_curve_tasks(study, "{dataset}/{split}")


def learning_curves(study: Study) -> list[str]:
    """Return the table of learning curves, if any are asked for."""
    return ["results/tables/learning_curves.tsv"] if study.curve_tasks else []


def labels_of(study: Study) -> Callable[[Any], list[str]]:
    """Return the function of a job's wildcards to the labels that it learns, one file for each test
    set of its split: the task's, or where it fits a probe on a control task those of that."""

    def labels(wildcards: Any) -> list[str]:
        probe = getattr(wildcards, "probe", None)
        kind = "control_task." if probe and study.selectivity_of(probe) else ""
        split = wildcards.split
        return [
            f"results/labels/{wildcards.dataset}/{with_set(split, name)}.{kind}tsv"
            for name in served_sets(study, wildcards.dataset, split)
        ]

    return labels


def control_task_scores(study: Study) -> list[str]:
    """Return the score files of all control tasks."""
    files = [
        of_fit(SCORES, *task, arm)
        for task in study.tasks
        for arm in study.control_tasks(task.dataset)
    ]
    return list(dict.fromkeys(files))


def selectivity(study: Study) -> list[str]:
    """Return the table of selectivity; [] where no probe runs on a control task."""
    return [SELECTIVITY] if control_task_scores(study) else []


def with_control_tasks(study: Study) -> list[str]:
    """Return the tasks with a control task, each as `dataset/split`."""
    return [f"{t.dataset}/{t.split}" for t in study.tasks if study.control_tasks(t.dataset)]


def scores(study: Study) -> list[str]:
    """Return the score files of all tasks, each once."""
    files = [file for task in study.tasks for file in of_arms(study, SCORES, *task)]
    return list(dict.fromkeys(files))


def embeddings(study: Study) -> list[str]:
    """Return the embedding files of all data sets."""
    return [
        EMBEDDINGS.format(dataset=dataset, model=model, weights=weights)
        for dataset in used_datasets(study)
        for model, weights in study.runs(dataset)
    ]


def of_part_arms(study: Study, template: str, dataset: str, split: str) -> list[str]:
    """Return the files of a template for every arm of a task that is ablated in part."""
    return [of_fit(template, dataset, split, arm) for arm in part_arms(study, dataset)]


def part_embeddings(study: Study) -> list[str]:
    """Return the embedding files of networks that are ablated in part."""
    return [
        EMBEDDINGS.format(dataset=dataset, model=model, weights=weights)
        for dataset in used_datasets(study)
        for model, weights in part_runs(study)
        if study.reads(model, dataset)
    ]


def part_tables(study: Study) -> list[str]:
    """Return the tables of networks that are ablated in part; [] where none is."""
    return PART_TABLES if part_runs(study) else []


def size_tables(study: Study) -> list[str]:
    """Return the tables of parameters, and of bytes of embeddings; [] where nothing is embedded."""
    return SIZE_TABLES if study.runs() else []


def page_tables(study: Study) -> list[str]:
    """Return the tables that the page shows, but for that of the runs."""
    own = [f"results/tables/{name}.tsv" for name in PAGE_TABLES]
    asked_for = [*learning_curves(study), *selectivity(study), *part_tables(study)]
    asked_for += size_tables(study)
    return [*own, *asked_for, *perturbations.tables(study)]
