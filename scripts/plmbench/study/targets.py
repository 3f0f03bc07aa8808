"""The files that a study makes, by task and arm, in the order of the configuration."""

from plmbench.study.catalogues import Study

SCORES = "results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
PREDICTIONS = "results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5"
EMBEDDINGS = "results/embeddings/{dataset}/{model}/{weights}.h5"


def used_datasets(study: Study) -> list[str]:
    """Return the data sets of the tasks, each once."""
    return list(dict.fromkeys(task.dataset for task in study.tasks))


def of_tasks(study: Study, template: str) -> list[str]:
    """Return the files of a template for every task."""
    return [template.format(**task._asdict()) for task in study.tasks]


def of_datasets(study: Study, template: str) -> list[str]:
    """Return the files of a template for every data set."""
    return [template.format(dataset=dataset) for dataset in used_datasets(study)]


def of_arms(study: Study, template: str, dataset: str, split: str) -> list[str]:
    """Return the files of a template for every arm of a task, in one order."""
    return [
        template.format(dataset=dataset, split=split, model=model, weights=weights, probe=probe)
        for model, weights, probe in study.arms(dataset)
    ]


def scores(study: Study) -> list[str]:
    """Return the score files of all tasks."""
    return [file for task in study.tasks for file in of_arms(study, SCORES, *task)]


def embeddings(study: Study) -> list[str]:
    """Return the embedding files of all data sets."""
    return [
        EMBEDDINGS.format(dataset=dataset, model=model, weights=weights)
        for dataset in used_datasets(study)
        for model, weights in study.runs()
    ]


def figures(study: Study, name: str) -> list[str]:
    """Return the figures of one name, one per task."""
    return of_tasks(study, f"results/figures/{{dataset}}/{{split}}.{name}.svg")
