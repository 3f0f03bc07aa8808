"""How many jobs a configuration means, worked out apart from the workflow."""

from functools import cache

import yaml

from helpers.studies import ROOT


@cache
def read(name):
    """Return what config/<name>.yaml of the repository holds."""
    return yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))


WITHOUT_WEIGHTS = ("onehot", "composition", "length", "random_projection", "random_features")
DIRECT = ("light_attention", "cnn", "nearest", "graphnet")  # they predict without embeddings
NO_VARIANTS = "nearest"  # of one protein
ONCE = ("scores", "summary", "datasets", "runs", "verdicts", "overview", "figures")
ONCE += ("page", "distances", "params")
ONCE_A_TASK = ("labels", "overlap", "compare", "relatives", "identity_bins")


def tasks_of(config):
    """Return the pairs (data set, split) that a list of tasks means; a test set is a split@set."""
    datasets = read("datasets")
    return [
        (name, f"{split}@{each}" if each else split)
        for name, _, chosen in (task.partition("/") for task in config["tasks"])
        for split in ([chosen] if chosen else datasets[name]["splits"])
        for each in datasets[name]["splits"][split].get("tests", [""])
    ]


def fits_of(tasks):
    """Return the pairs (data set, split) that are fit for some tasks: test sets share one."""
    return list(dict.fromkeys((name, split.partition("@")[0]) for name, split in tasks))


def serves(probe, kind):
    """Tell whether a probe is for a kind of task; rank correlations are for numbers alone."""
    probes = read("probes")
    own = probes[probe]
    entry = probes[own.get("permutes_labels_of", own.get("selectivity_of", probe))]
    if "selectivity_of" in own and kind == "regression":
        return False  # a control task is one of classes
    if kind not in entry.get("task_types", [kind]):
        return False
    if kind == "regression":
        return entry["type"] != "logistic"
    return entry.get("select") not in ("spearman", "as_published")


def runs_of(config):
    """Return the pairs (model, weights) that a configuration runs."""
    models = read("models")
    names = [*config["models"], *config.get("checkpoints", [])]
    names = [name for name in names if models[name]["family"] not in DIRECT]
    return [
        (name, weights)
        for name in names
        for weights in (
            ["none"]
            if models[name]["family"] in WITHOUT_WEIGHTS
            else config["weights"]
            if name in config["models"]
            else ["pretrained"]
        )
    ]


def probes_of_task(config, dataset):
    """Return how many fits a task means: arms under probes, pretrained `models` under controls."""
    kind = read("datasets")[dataset].get("task_type", "regression")
    probes, controls = (
        sum(serves(name, kind) for name in config.get(key, [])) for key in ("probes", "controls")
    )
    runs, models = runs_of(config), config["models"]
    controlled = sum(weights == "pretrained" and model in models for model, weights in runs)
    return len(runs) * probes + controlled * controls


def again_of(config, key, tasks):
    """Return how many arms of some tasks are fit again for `refits` or `learning_curve`: neither
    checkpoints nor controls."""
    settings, models = config.get(key, {"tasks": []}), read("models")
    named = settings.get("tasks", [dataset for dataset, _ in tasks])
    again = [
        (model, weights)
        for model, weights in runs_of(config)
        if model in config["models"] and models[model]["about"].get("role") != "control"
    ]
    kinds = [
        read("datasets")[dataset].get("task_type", "regression")
        for dataset, split in fits_of(tasks)
        if {dataset, f"{dataset}/{split}"} & set(named)
    ]
    probes = settings.get("probes", config["probes"])
    return len(again) * sum(serves(name, kind) for name in probes for kind in kinds)


def direct_of(config, tasks):
    """Return how many fits without embeddings some tasks mean."""
    models, datasets = read("models"), read("datasets")
    families = [models[name]["family"] for name in config["models"]]
    return sum(
        not (family == NO_VARIANTS and "wild_type" in datasets[dataset])
        for dataset, _ in fits_of(tasks)
        for family in families
        if family in DIRECT
        and datasets[dataset].get("task_type", "regression") != "residue_classification"
    )


def once_more(config, tasks):
    """Return {rule: number of jobs} of what a configuration may ask for beside the verdicts."""
    kinds = [read("datasets")[dataset].get("task_type", "regression") for dataset, _ in tasks]
    probes = read("probes")
    controls = [name for name in config.get("controls", []) if "selectivity_of" in probes[name]]
    controlled = sum(any(serves(name, kind) for name in controls) for kind in kinds)
    curves = again_of(config, "learning_curve", tasks)
    with_curves = len(config.get("learning_curve", {}).get("tasks", [])) if curves else 0
    return {
        "fit_sequences": direct_of(config, tasks),
        "control_task": controlled,
        "selectivity": int(controlled > 0),
        "learning_curve": curves,
        "worth": with_curves,
        "learning_curves": int(with_curves > 0),
        "refit": again_of(config, "refits", tasks),
    }


def downloads_of(tasks):
    """Return how many downloads, and files out of them, the data sets of tasks mean."""
    datasets, archives, files = read("datasets"), set(), 0
    for dataset, split in tasks:
        name, _, test = split.partition("@")
        own = dict(datasets[dataset]["splits"][name])
        own |= {"test": own.pop("tests")[test]} if test else {}
        parts = {dataset: {"download": datasets[dataset].get("download"), **own}}
        parts[f"{dataset}.{split}.test"] = own.get("test", {})
        for name, source in parts.items():
            if source.get("download"):
                archives.add(name)
                files += len({"path", "sequences", "mask"} & set(source))
    return {"fetch_dataset": len(archives), "unpack": files}


def expected_counts(config):
    """Return {rule: number of jobs} from what a configuration means."""
    models, tasks, runs = read("models"), tasks_of(config), runs_of(config)
    used = len({dataset for dataset, _ in tasks})
    return {
        "fetch_weights": len({name for name, _ in runs if "url" in models[name]}),
        **downloads_of(tasks),
        "sequences": used,
        "families": used,
        "join": used * len(runs),  # once per data set, whatever the number of its splits
        "probe": sum(probes_of_task(config, dataset) for dataset, _ in fits_of(tasks)),
        **once_more(config, tasks),
        **dict.fromkeys(ONCE_A_TASK, len(tasks)),
        **dict.fromkeys(ONCE, 1),
    }


def present(counts):
    """Return the counts that are not zero."""
    return {rule: count for rule, count in counts.items() if count}
