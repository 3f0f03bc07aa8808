"""The study, wildcard constraints, and the functions that rules ask. No rules here."""

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))
from plmbench.study.catalogues import Study
from plmbench.core.canonical import canonical, selected
from plmbench.core.errors import InputError
from plmbench.study.code import code_of
from plmbench.core.digests import sha256_of_texts
from plmbench.core.weights import PATTERN

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
    shard="[0-9a-f]{16}",
    probe="|".join(STUDY.probes),
    source="[0-9a-f]{16}",
    recipe="|".join(STUDY.recipes),
    download=r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+\.test)?",
    file=r"(test\.)?(path|sequences|mask)",


def located(path):
    """Return a path of the catalogue, absolute or relative to the repository, for this folder."""
    return (
        path if os.path.isabs(path) else os.path.relpath(Path(workflow.basedir) / path)
    )


def reading_of(wildcards):
    task = wildcards.dataset, wildcards.split
    return canonical([STUDY.files(*task), STUDY.reading(*task)])


def readings_of(wildcards):
    """Return pairs of a split's files and how they are read, as `files_of_dataset` has them;
    without what bears on labels alone."""
    dataset, labels = wildcards.dataset, ("rows", "validation")
    return canonical(
        [
            (STUDY.files(dataset, s), selected(reading, set(reading) - set(labels)))
            for s in used_splits(dataset)
            for reading in [STUDY.reading(dataset, s)]
        ]
    )


def source_of(wildcards):
    return canonical(selected(STUDY.models[wildcards.model], ["url", "sha256"]))


def weights_of(wildcards):
    """Return the checkpoint: the user's own file, a downloaded one, or none."""
    entry = STUDY.models[wildcards.model]
    if "path" in entry:
        return {"weights": located(entry["path"])}
    # A download's name says what it is, so a newer copy of it is no reason to embed again.
    return (
        {"weights": ancient(checkpoint_of(wildcards.model))} if "url" in entry else {}
    )


def checkpoint_of(model):
    """Return where a download is: another checksum, or without one another address, is another
    file, and embedded anew."""
    entry = STUDY.models[model]
    source = entry.get("sha256") or sha256_of_texts([entry["url"]])
    return f"results/weights/{model}/{source[:16]}.pt"


def is_downloaded(wildcards):
    return "url" in STUDY.models[wildcards.model]


def network_of(wildcards):
    return canonical(STUDY.network(wildcards.model))


def ablation_of(wildcards):
    return canonical(STUDY.ablation(wildcards.model, wildcards.weights))


def storage_of(wildcards):
    return canonical(STUDY.storage(wildcards.dataset, wildcards.model))


def probe_of(wildcards):
    return canonical(STUDY.probe(wildcards.probe, wildcards.dataset))


def proteins_of(wildcards):
    """Return what a network learns from, and what its loss is measured on."""
    recipe = STUDY.recipes[wildcards.recipe]
    return {role: located(recipe[role]) for role in ("data", "held_out")}


TRAINED = expand(
    "results/pretraining/{{recipe}}/{{recipe}}{mark}.pt", mark=["_12", "_25", "_50", ""]
)


def about_recipe(wildcards):
    return canonical(STUDY.recipes[wildcards.recipe]["about"])


def recipe_of(wildcards):
    """Return what of a recipe decides its network; its files are inputs."""
    recipe = STUDY.recipes[wildcards.recipe]
    return canonical(selected(recipe, set(recipe) - {"data", "held_out", "about"}))


def all_of(template):
    """Return the files of a template for every task, in the order of the configuration."""
    return [template.format(**task._asdict()) for task in STUDY.tasks]


def files_of_arms(template, task):
    """Return the files of a template for every arm of a task, in one order."""
    names = {"dataset": task.dataset, "split": task.split}
    return [
        template.format(model=model, weights=weights, probe=probe, **names)
        for model, weights, probe in STUDY.arms(task.dataset)
    ]


SCORES = "results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
PREDICTIONS = "results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5"


def score_files():
    return [file for task in STUDY.tasks for file in files_of_arms(SCORES, task)]


def scores_of_task(wildcards):
    return files_of_arms(SCORES, wildcards)


def predictions_of_task(wildcards):
    return files_of_arms(PREDICTIONS, wildcards)


def datasets():
    return list(dict.fromkeys(task.dataset for task in STUDY.tasks))


def files_of_datasets(template):
    return [template.format(dataset) for dataset in datasets()]


def embedding_files():
    return [
        f"results/embeddings/{dataset}/{model}/{weights}.h5"
        for dataset in datasets()
        for model, weights in STUDY.runs()
    ]


def policies():
    """Return for each task what its data set's policies are, and the least max_length of a model."""
    lengths = [STUDY.models[model].get("max_length") for model, _ in STUDY.runs()]
    max_length = min(filter(None, lengths), default=0)
    return [
        task._asdict()
        | selected(
            STUDY.datasets[task.dataset],
            ["task_type", "nonstandard_residues", "long_sequences"],
        )
        | {"max_length": max_length}
        for task in STUDY.tasks
    ]


def figures(name):
    """Return the figures of one name, a task each."""
    return all_of(f"results/figures/{{dataset}}/{{split}}.{name}.svg")


def label_controls():
    """Return {probe: its control on shuffled labels}."""
    return {STUDY.permuted(probe): probe for probe in config["controls"]}


def described(task):
    """Return what figures and the report say of a task."""
    entry = STUDY.datasets[task.dataset]
    title = f"{entry['about'].get('title', task.dataset)}, {task.split}"
    names = {"dataset": task.dataset, "split": task.split, "title": title}
    return (
        entry["about"]
        | names
        | {"task_type": entry["task_type"], "metric": STUDY.metric(task.dataset)}
        | {"label_controls": label_controls()}
    )


def task_of(wildcards):
    return canonical(described(wildcards))


def tasks():
    return [described(task) for task in STUDY.tasks]


def metric_of(wildcards):
    return STUDY.metric(wildcards.dataset)


def metrics():
    return {dataset: STUDY.metric(dataset) for dataset in datasets()}


def abouts():
    """Return what describes each model that runs."""
    return {model: STUDY.models[model]["about"] for model, _ in STUDY.runs()}


def facts():
    """Return what of each model's description decides numbers: its title does not."""
    keys = ["role", "network", "series", "parameters", "pretraining", "loss"]
    return {model: selected(about, keys) for model, about in abouts().items()}


def titles():
    return {model: about.get("title", model) for model, about in abouts().items()}


def baselines():
    return [model for model, about in abouts().items() if about["role"] == "baseline"]


def comparison_of(wildcards):
    """Return what the comparison of a task's arms needs to know."""
    return canonical(
        {
            "arms": STUDY.arms(wildcards.dataset),
            "about": facts(),
            "metric": STUDY.metric(wildcards.dataset),
            "label_controls": label_controls(),
            **selected(config["statistics"], ["n_bootstrap", "seed"]),
        }
    )


def judgement():
    """Return what the verdicts need to know."""
    splits = {t: STUDY.datasets[t.dataset]["splits"][t.split] for t in STUDY.tasks}
    return {
        "about": {
            m: about for m, about in facts().items() if about["role"] == "network"
        },
        "min_effect": config["statistics"]["min_effect"],
        "published": {
            f"{task.dataset}/{task.split}": entry["published"]
            for task, entry in splits.items()
            if "published" in entry
        },
    }
