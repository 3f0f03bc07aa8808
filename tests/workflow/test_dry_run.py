"""What the shipped configuration would run, and how a wrong one ends before anything runs."""

import time

import pytest
import yaml

from workflow.study import ROOT, Study, new_study, shipped


def read(name):
    """Return what config/<name>.yaml of the repository holds."""
    return yaml.safe_load((ROOT / f"config/{name}.yaml").read_text(encoding="utf-8"))


def expected_counts(config):
    """Return {rule: number of jobs} from what a configuration means."""
    models, datasets = read("models"), read("datasets")
    splits = {
        (name, split)
        for name, _, chosen in (task.partition("/") for task in config["tasks"])
        for split in ([chosen] if chosen else datasets[name]["splits"])
    }
    names = [*config["models"], *config["checkpoints"]]
    networks = [name for name in names if models[name]["family"] != "onehot"]
    full = [name for name in networks if name in config["models"]]
    arms = len(names) - len(full) + len(full) * len(config["weights"])
    used = len({dataset for dataset, _ in splits})
    return {
        "fetch_weights": sum("url" in models[name] for name in networks),
        "sequences": used,
        "labels": len(splits),
        "embed": used * arms,  # once a data set, whatever the number of its splits
        "probe": len(splits) * arms * len(config["probes"]),
        "scores": 1,
        "summary": 1,
        "datasets": 1,
        "figure": len(splits),
    }


def present(counts):
    """Return the counts that are not zero."""
    return {rule: count for rule, count in counts.items() if count}


@pytest.mark.parametrize("name", ["config", "paper"])
def test_a_shipped_configuration_runs_the_jobs_that_it_means(name, tmp_path):
    file = ["--configfile", str(ROOT / "config/paper.yaml")] if name == "paper" else []
    start = time.monotonic()
    counts = shipped(tmp_path).counts(*file)
    assert time.monotonic() - start < 10  # seconds
    assert counts == present(expected_counts(read(name)))


def test_no_sequence_of_the_full_study_is_embedded_twice(tmp_path):
    jobs = shipped(tmp_path).jobs("--configfile", str(ROOT / "config/paper.yaml"))
    embeds = [tuple(job.wildcards.items()) for job in jobs if job.rule == "embed"]
    assert len(embeds) == len(set(embeds)) == 2 + 8 * 7  # one-hot twice, networks, weights


def test_a_folder_with_a_space_works_from_there_and_from_the_repository(tmp_path):
    folder = tmp_path / "my own results"
    folder.mkdir()
    there = Study(folder, "--snakefile", str(ROOT / "Snakefile"))
    assert there.counts() == shipped(folder).counts() == present(expected_counts(read("config")))


def test_a_data_set_named_alone_means_all_its_splits(tmp_path):
    config = ["tasks=[gb1, gb1/sampled]", "models=[onehot]", "checkpoints=[]"]
    splits = len(read("datasets")["gb1"]["splits"])
    assert shipped(tmp_path).counts("--config", *config)["probe"] == splits


def test_a_model_without_weights_runs_once_whatever_the_weights(tmp_path):
    jobs = shipped(tmp_path).jobs("--config", "models=[onehot]", "checkpoints=[]")
    embeds = [job.wildcards for job in jobs if job.rule == "embed"]
    assert embeds == [{"dataset": "gb1", "model": "onehot", "weights": "none"}]


def test_a_model_of_both_lists_runs_once_with_every_weights(tmp_path):
    model, weights = "mini_carp_600k", "weights=[pretrained, reinit-0]"
    config = [f"models=[{model}]", f"checkpoints=[{model}]", weights]
    assert shipped(tmp_path).counts("--config", *config)["embed"] == 2


NO_ENTRY = "config: {}: {!r} is no entry of config/{}.yaml; {}"
NO_WEIGHTS = "weights {!r}: must be 'pretrained' or '<ablation>-<seed>', such as 'reinit-0'"
WRONG = {
    "models=[onehut]": NO_ENTRY.format("models", "onehut", "models", "did you mean 'onehot'?"),
    "checkpoints=[onehut]": NO_ENTRY.format(
        "checkpoints", "onehut", "models", "did you mean 'onehot'?"
    ),
    "tasks=[bg1]": NO_ENTRY.format("tasks", "bg1", "datasets", "did you mean 'gb1'?"),
    "probes=[rigde]": NO_ENTRY.format("probes", "rigde", "probes", "did you mean 'ridge'?"),
    "weights=[reint-0]": NO_ENTRY.format("weights", "reint", "ablations", "did you mean 'reinit'?"),
    "weights=[none]": NO_ENTRY.format("weights", "none", "ablations", "known: reinit, resample"),
    "weights=[pretraind]": NO_WEIGHTS.format("pretraind"),
    "weights=[reinit-00]": NO_WEIGHTS.format("reinit-00"),
    "tasks=[gb1/sampeld]": "config: tasks: data set 'gb1' has no split 'sampeld'; "
    "did you mean 'sampled'?",
    "modles=[onehot]": "config: unknown key 'modles'; did you mean 'models'?",
    "pooling=[men]": "config: pooling: 0: 'men' is not allowed; did you mean 'mean'?",
    "probes=[ridge, ridge]": "config: probes: ['ridge', 'ridge'] has non-unique elements "
    "(entries of probes.yaml)",
    "compute={tokens_per_batch: 0}": "config: compute: tokens_per_batch: '0' is not valid under "
    "any of the given schemas (padded tokens in a batch; auto is 4096 on a CPU and 32768 on a GPU)",
}


@pytest.mark.parametrize("setting", WRONG)
def test_a_wrong_configuration_stops_with_one_sentence(setting, tmp_path):
    output = shipped(tmp_path).fail("--config", setting)
    assert WRONG[setting] in output.splitlines()
    assert "Traceback" not in output
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "models",
            "pooling:",
            "poolings:",
            "config/models.yaml: onehot: unknown key 'poolings'; did you mean 'pooling'?",
        ),
        (
            "models",
            "family: onehot",
            "family: carp",
            "config/models.yaml: onehot: has neither path nor url; say where its checkpoint is",
        ),
        (
            "datasets",
            "splits:",
            "metric: spearmann\n  splits:",
            "config/datasets.yaml: toy: metric: 'spearmann' is not allowed; "
            "did you mean 'spearman'?",
        ),
        (
            "probes",
            "kind: ridge",
            "kind: rigde",
            "config/probes.yaml: ridge: kind: 'rigde' is not allowed; did you mean 'ridge'?",
        ),
        (
            "ablations",
            "init: zeros",
            "init: zeroes",
            "config/ablations.yaml: reinit: esm1: 7: init: 'zeroes' is not allowed; "
            "did you mean 'zeros'?",
        ),
    ],
    ids=["key", "no checkpoint", "metric", "kind", "init"],
)
def test_a_wrong_catalogue_stops_with_file_key_and_nearest_name(name, old, new, sentence, tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"])
    path = f"config/{name}.yaml"
    study.write(path, study.read(path).replace(old, new, 1))
    output = study.fail()
    assert sentence in output.splitlines()
    assert "Traceback" not in output


def test_a_model_that_stands_twice_in_the_catalogue_stops_with_its_line(tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"])
    lines = study.read("config/models.yaml").count("\n")
    study.append("config/models.yaml", "onehot: {family: onehot}\n")
    output = study.fail()
    assert f"config/models.yaml, line {lines + 1}: key 'onehot' stands twice" in output
    assert "Traceback" not in output
