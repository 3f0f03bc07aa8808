"""The jobs of a study, rule by rule: what `rule all` will run, without a plan of Snakemake."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from plmbench.core.direct import DIRECT
from plmbench.core.test_sets import learned
from plmbench.study import perturbations, refits, targets
from plmbench.study.catalogues import Study
from plmbench.study.cost_sizes import Sizes
from plmbench.study.files import download_name, part_and_role
from plmbench.study.parts import part_arms, part_runs
from plmbench.study.tasks import Task

BENCHMARKS = "results/benchmarks"


class Job(NamedTuple):
    """A job: its rule, and its wildcards, "" where it has none."""

    rule: str
    dataset: str = ""
    split: str = ""
    model: str = ""
    weights: str = ""
    probe: str = ""
    jobs: int = 1  # of jobs with these wildcards: an embedding file has one per shard

    @property
    def task(self) -> Task:
        """Return the task of a job that has one."""
        return Task(self.dataset, self.split)

    @property
    def benchmark(self) -> str:
        """Return the path of its benchmark file without suffix: a folder of those of its shards."""
        direct = self.probe == DIRECT
        names = [self.dataset, self.split, self.model, *([] if direct else self[4:6])]
        return "/".join([BENCHMARKS, self.rule, *filter(None, names)])


Names = tuple[str, ...]  # dataset, split, model, weights, probe, as far as there are any


def of_tasks(study: Study) -> list[Names]:
    """Return the tasks."""
    return [tuple(task) for task in study.tasks]


def of_datasets(study: Study) -> list[Names]:
    """Return the data sets of the tasks."""
    return [(dataset,) for dataset in targets.used_datasets(study)]


def of_curve_tasks(study: Study) -> list[Names]:
    """Return the tasks with learning curves."""
    return [tuple(task) for task in study.curve_tasks]


def of_control_tasks(study: Study) -> list[Names]:
    """Return the tasks with a control task."""
    return [tuple(task) for task in study.tasks if study.control_tasks(task.dataset)]


def once(study: Study) -> list[Names]:
    """Return what a rule without wildcards has."""
    return [()]


def if_any(of: Callable[[Study], Iterable[object]]) -> Callable[[Study], list[Names]]:
    """Return the function for a rule without wildcards, which runs where `of` has something."""
    return lambda study: [()] if list(of(study)) else []


def embedded(study: Study) -> list[Names]:
    """Return the joined embedding files."""
    runs = [*study.runs(), *part_runs(study)]
    return [(d, "", *run) for d in targets.used_datasets(study) for run in runs]


def fitted(tasks: Iterable[Task]) -> list[Task]:
    """Return what jobs fit for tasks: one fit serves all named test sets of a split."""
    return list(dict.fromkeys(Task(task.dataset, learned(task.split)) for task in tasks))


def fits(study: Study) -> list[Names]:
    """Return all arms that are fit on tasks, on control tasks and of networks ablated in part."""
    return [
        (*task, *arm)
        for task in fitted(study.tasks)
        for of in (study.arms, study.control_tasks, partial(part_arms, study))
        for arm in of(task.dataset)
    ]


def on_vectors(study: Study) -> list[Names]:
    """Return the fits of probes on one vector per example."""
    fit = [names for names in fits(study) if names[4] != DIRECT]
    return [names for names in fit if not study.reads_residues(names[4])]


def on_residues(study: Study) -> list[Names]:
    """Return the fits of probes that read every residue of a sequence."""
    fit = [names for names in fits(study) if names[4] != DIRECT]
    return [names for names in fit if study.reads_residues(names[4])]


def direct(study: Study) -> list[Names]:
    """Return the fits of models that predict by themselves."""
    return [names for names in fits(study) if names[4] == DIRECT]


def refit(study: Study) -> list[Names]:
    """Return the arms that are fit on redrawn training rows."""
    return [(*task, *arm) for task in fitted(study.tasks) for arm in refits.arms_of(study, *task)]


def curves(study: Study) -> list[Names]:
    """Return the arms that have a learning curve."""
    return [
        (*task, *arm)
        for task in fitted(study.curve_tasks)
        for arm in targets.curve_arms(study, task.dataset)
    ]


def downloaded_weights(study: Study, folders: bool) -> list[Names]:
    """Return the networks whose checkpoints, files or folders, are downloaded."""
    models = dict.fromkeys(model for model, _ in study.runs())
    entries = {model: study.models[model] for model in models}
    found = [model for model, entry in entries.items() if "url" in entry]
    return [("", "", model) for model in found if ("files" in entries[model]) == folders]


def sources(study: Study) -> list[tuple[str, str, str]]:
    """Return (data set, split, file) of every file of a task that comes from a download."""
    return [
        (*task, name)
        for task in study.tasks
        for name in study.files(*task)
        if "path" not in (study.source(*task, part_and_role(name)[0]).get("download") or NOTHING)
    ]


NOTHING = {"path": ""}  # no download


def archives(study: Study) -> list[Names]:
    """Return the downloads of data sets, each once."""
    names = [download_name(d, s, part_and_role(name)[0]) for d, s, name in sources(study)]
    return [tuple(name.split(".")[:2]) for name in dict.fromkeys(names)]


def unpacked(study: Study) -> list[Names]:
    """Return the files that are taken out of downloads; a download may be the table itself."""
    return [
        (d, s)
        for d, s, name in sources(study)
        if part_and_role(name)[1] in study.source(d, s, part_and_role(name)[0])
    ]


def nudged(study: Study) -> list[Names]:
    """Return the networks and sets of chains of `perturb`."""
    return [
        (name, "", *run) for name in perturbations.sets(study) for run in perturbations.runs(study)
    ]


def in_part(study: Study) -> list[Names]:
    """Return the tasks, of a study with networks ablated in part."""
    return of_tasks(study) if part_runs(study) else []


NOISE, KNOWN = if_any(perturbations.noise_sets), if_any(perturbations.contact_sets)
CURVES, SELECTED = if_any(lambda study: study.curve_tasks), if_any(of_control_tasks)

# rule: the wildcards of its jobs
JOBS: Mapping[str, Callable[[Study], list[Names]]] = {
    "fetch_weights": lambda study: downloaded_weights(study, folders=False),
    "fetch_folder": lambda study: downloaded_weights(study, folders=True),
    "fetch_dataset": archives,
    "unpack": unpacked,
    "sequences": of_datasets,
    "labels": of_tasks,
    "control_task": of_control_tasks,
    "overlap": of_tasks,
    "families": of_datasets,
    "relatives": of_tasks,
    "embed": embedded,
    "join": embedded,
    "chains": lambda study: [(name,) for name in perturbations.sets(study)],
    "perturb": nudged,
    "probe": on_vectors,
    "probe_residues": on_residues,
    "fit_sequences": direct,
    "refit": refit,
    "learning_curve": curves,
    "compare": of_tasks,
    "identity_bins": of_tasks,
    "worth": of_curve_tasks,
    "compare_parts": in_part,
    **dict.fromkeys(("scores", "summary", "datasets", "runs", "verdicts", "overview"), once),
    **dict.fromkeys(("distances", "page"), once),
    "learning_curves": CURVES,
    "selectivity": SELECTED,
    "parts": if_any(part_runs),
    "spread": NOISE,
    "contacts": KNOWN,
    "params": if_any(lambda study: study.runs()),
    "figures": once,
    "all": once,
}
SHARDED = ("embed",)
WILDCARDS = Job._fields[1:-1]


def shards(study: Study, sizes: Sizes, dataset: str) -> int:
    """Return how many shards a data set has, one where its size is not known."""
    size = sizes.sets.get(dataset)
    return max(1, math.ceil(size.residues / int(study.config["shard_residues"]))) if size else 1


def jobs_of(study: Study, sizes: Sizes) -> list[Job]:
    """Return the jobs of a study, in the order in which they can run."""
    found = []
    for rule, names_of in JOBS.items():
        for names in names_of(study):
            number = shards(study, sizes, names[0]) if rule in SHARDED else 1
            found.append(Job._make((rule, *names, *[""] * (len(WILDCARDS) - len(names)), number)))
    return found
