"""The study, wildcard constraints, and the functions that rules ask. No rules here."""

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))
from plmbench.catalogues import Study, canonical, selected
from plmbench.errors import InputError
from plmbench.provenance import code_of
from plmbench.weights import PATTERN

if " " in sys.executable:
    # Snakemake writes this path into a shell command without quotes; PATH knows no such trouble.
    folder, sys.executable = os.path.split(sys.executable)
    os.environ.update(PATH=os.pathsep.join([folder, *os.get_exec_path()]))

try:
    STUDY = Study(config, Path(workflow.basedir) / "config")
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(STUDY.config)  # scripts see the defaults, too


wildcard_constraints:
    dataset="|".join(STUDY.datasets),
    split=r"[A-Za-z0-9_]+",
    model="|".join(map(re.escape, STUDY.models)),
    weights=PATTERN,
    probe="|".join(STUDY.probes),


def located(path):
    """Return a path of the catalogue, absolute or relative to the repository, for this folder."""
    return (
        path if os.path.isabs(path) else os.path.relpath(Path(workflow.basedir) / path)
    )


LOCK = located("config/weights.lock")


def split_files(wildcards):
    splits = STUDY.datasets[wildcards.dataset]["splits"]
    return [located(entry["path"]) for entry in splits.values()]


def split_file(wildcards):
    splits = STUDY.datasets[wildcards.dataset]["splits"]
    return located(splits[wildcards.split]["path"])


def reading_of(wildcards):
    return canonical(STUDY.reading(wildcards.dataset, wildcards.split))


def readings_of(wildcards):
    """Return pairs of a split and how its file is to be read, in the order of `split_files`."""
    splits = STUDY.datasets[wildcards.dataset]["splits"]
    return canonical([(s, STUDY.reading(wildcards.dataset, s)) for s in splits])


def source_of(wildcards):
    return canonical(selected(STUDY.models[wildcards.model], ["url", "sha256"]))


def weights_of(wildcards):
    """Return the checkpoint: the user's own file, a downloaded one, or none."""
    entry = STUDY.models[wildcards.model]
    if "path" in entry:
        return {"weights": located(entry["path"])}
    # A download is known by its checksum, so a newer copy of it is no reason to embed again.
    return (
        {"weights": ancient(f"results/weights/{wildcards.model}.pt")}
        if "url" in entry
        else {}
    )


def lock_of(wildcards):
    return LOCK if "url" in STUDY.models[wildcards.model] else ""


def network_of(wildcards):
    return canonical(STUDY.network(wildcards.model))


def ablation_of(wildcards):
    return canonical(STUDY.ablation(wildcards.model, wildcards.weights))


def poolings_of(wildcards):
    return STUDY.poolings(wildcards.model)


def too_long_of(wildcards):
    return STUDY.datasets[wildcards.dataset]["too_long"]


def probe_of(wildcards):
    return canonical(STUDY.probes[wildcards.probe])


def all_of(template):
    """Return the files of a template for every task, in the order of the configuration."""
    return [template.format(**task._asdict()) for task in STUDY.tasks]


def score_files(wildcards):
    template = "results/scores/{{dataset}}/{{split}}/{}/{}/{}.tsv"
    return [
        file
        for model, weights in STUDY.runs()
        for probe in config["probes"]
        for file in all_of(template.format(model, weights, probe))
    ]


def count_files():
    datasets = dict.fromkeys(task.dataset for task in STUDY.tasks)
    return [f"results/sequences/{dataset}.counts.tsv" for dataset in datasets]


def figures():
    return all_of("results/figures/{dataset}/{split}.svg")


def task_of(wildcards):
    """Return what a figure says of its task."""
    about = STUDY.datasets[wildcards.dataset]["about"]
    title = f"{about.get('title', wildcards.dataset)}, {wildcards.split}"
    return canonical(about | {"title": title})


def metric_of(wildcards):
    return STUDY.datasets[wildcards.dataset]["metric"]


def metrics():
    return {
        task.dataset: STUDY.datasets[task.dataset]["metric"] for task in STUDY.tasks
    }


def abouts():
    """Return what describes each model that runs."""
    return {model: STUDY.models[model]["about"] for model, _ in STUDY.runs()}


def titles():
    return {model: about.get("title", model) for model, about in abouts().items()}


def baselines():
    return [model for model in abouts() if not STUDY.has_weights(model)]
