"""How many jobs a configuration means, worked out apart from the workflow."""

import yaml

from helpers.studies import ROOT


def read(name):
    """Return what config/<name>.yaml of the repository holds."""
    return yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))


WITHOUT_WEIGHTS = ("onehot", "composition", "length", "random_projection")
ONCE = ("scores", "summary", "datasets", "runs", "verdicts", "overview", "figure_heat_map", "page")
ONCE_A_TASK = ("labels", "overlap", "compare", "figure_curves", "figure_bars", "figure_scaling")


def tasks_of(config):
    """Return the pairs (data set, split) that a list of tasks means."""
    datasets = read("datasets")
    return [
        (name, split)
        for name, _, chosen in (task.partition("/") for task in config["tasks"])
        for split in ([chosen] if chosen else datasets[name]["splits"])
    ]


def serves(probe, kind):
    """Tell whether a probe is for a kind of task; rank correlations are for numbers alone."""
    probes = read("probes")
    entry = probes[probes[probe].get("permutes_labels_of", probe)]
    if kind not in entry.get("task_types", [kind]):
        return False
    if kind == "regression":
        return entry["type"] != "logistic"
    return entry.get("select") not in ("spearman", "as_published")


def runs_of(config):
    """Return the pairs (model, weights) that a configuration runs."""
    models = read("models")
    names = [*config["models"], *config["checkpoints"]]
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


def refits_of(config, dataset):
    """Return how many arms of a task are refit: neither checkpoints nor controls."""
    kind, models = read("datasets")[dataset].get("task_type", "regression"), read("models")
    probes = config.get("refits", {}).get("probes", [])
    refit = {
        (model, weights)
        for model, weights in runs_of(config)
        if model in config["models"] and models[model]["about"].get("role") != "control"
    }
    return len(refit) * sum(serves(name, kind) for name in probes)


def downloads_of(tasks):
    """Return how many downloads, and files out of them, the data sets of tasks mean."""
    datasets, archives, files = read("datasets"), set(), 0
    for dataset, split in tasks:
        own = datasets[dataset]["splits"][split]
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
        "join": used * len(runs),  # once per data set, whatever the number of its splits
        "probe": sum(probes_of_task(config, dataset) for dataset, _ in tasks),
        "refit": sum(refits_of(config, dataset) for dataset, _ in tasks),
        **dict.fromkeys(ONCE_A_TASK, len(tasks)),
        **dict.fromkeys(ONCE, 1),
    }


def present(counts):
    """Return the counts that are not zero."""
    return {rule: count for rule, count in counts.items() if count}
