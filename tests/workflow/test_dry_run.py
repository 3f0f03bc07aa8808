"""What the shipped configuration would run, and how a wrong one ends before anything runs."""

import re
import time

import pytest

from helpers.marks import mostly_slow
from helpers.plans import expected_counts, present, read, tasks_of
from helpers.studies import ROOT, Study, new_study, shipped

PAPER = ("--configfile", str(ROOT / "config/paper.yaml"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return what the demo would run, as {rule: number of jobs}, and the seconds to find it."""
    start = time.monotonic()
    counts = shipped(tmp_path_factory.mktemp("demo")).counts()
    return counts, time.monotonic() - start


def test_the_demo_runs_the_jobs_that_it_means(demo):
    counts, seconds = demo
    assert seconds < 10
    assert counts == present(expected_counts(read("config")))


def test_the_full_study_runs_the_jobs_that_it_means_with_two_weights(tmp_path):
    weights = ["pretrained", "reinit-0"]
    counts = shipped(tmp_path).counts(*PAPER, "--config", f"weights=[{', '.join(weights)}]")
    assert counts == present(expected_counts(read("paper") | {"weights": weights}))


@pytest.mark.slow
def test_the_full_study_runs_the_jobs_that_it_means(tmp_path):
    start = time.monotonic()
    counts = shipped(tmp_path).counts(*PAPER)
    assert time.monotonic() - start < 45
    assert counts == present(expected_counts(read("paper")))


def test_the_demo_has_a_task_of_each_kind_and_downloads_nothing(demo):
    datasets, config = read("datasets"), read("config")
    kinds = [datasets[name].get("task_type", "regression") for name, _ in tasks_of(config)]
    assert sorted(kinds) == ["classification", "regression", "residue_classification"]
    counts, _ = demo
    assert not {"fetch_weights", "fetch_dataset", "unpack"} & set(counts)


@pytest.mark.slow
def test_no_sequence_of_the_full_study_is_embedded_twice(tmp_path):
    jobs = shipped(tmp_path).jobs(*PAPER)
    embeds = [tuple(job.wildcards.items()) for job in jobs if job.rule == "join"]
    # data sets, models without weights, networks, weights
    assert len(embeds) == len(set(embeds)) == 5 * (4 + 8 * 7)
    files = [
        tuple(job.wildcards.items()) for job in jobs if job.rule in ("fetch_dataset", "unpack")
    ]
    assert len(files) == len(set(files))


def test_a_folder_with_a_space_works_from_there_and_from_the_repository(demo, tmp_path):
    folder = tmp_path / "my own results"
    folder.mkdir()
    there = Study(folder, "--snakefile", str(ROOT / "Snakefile"))
    assert there.counts() == shipped(folder).counts() == demo[0]


def test_a_data_set_named_alone_means_all_its_splits(tmp_path):
    config = ["tasks=[gb1, gb1/sampled]", "models=[onehot]", "checkpoints=[]", "probes=[ridge]"]
    splits = len(read("datasets")["gb1"]["splits"])
    assert shipped(tmp_path).counts("--config", *config)["probe"] == splits


def test_a_model_without_weights_runs_once_whatever_the_weights(tmp_path):
    config = ["tasks=[gb1]", "models=[onehot]", "checkpoints=[]"]
    jobs = shipped(tmp_path).jobs("--config", *config)
    embeds = [job.wildcards for job in jobs if job.rule == "join"]
    assert embeds == [{"dataset": "gb1", "model": "onehot", "weights": "none"}]


def test_a_model_of_both_lists_runs_once_with_every_weights(tmp_path):
    model, weights = "mini_carp_600k", "weights=[pretrained, reinit-0]"
    config = ["tasks=[gb1]", f"models=[{model}]", f"checkpoints=[{model}]", weights]
    assert shipped(tmp_path).counts("--config", *config)["join"] == 2


def test_a_control_runs_with_pretrained_weights_alone(tmp_path):
    config = ["tasks=[gb1/sampled]", "models=[mini_carp_600k]", "checkpoints=[]"]
    jobs = shipped(tmp_path).jobs("--config", *config)
    shuffled = [job for job in jobs if job.wildcards.get("probe") == "ridge_shuffled"]
    assert [job.wildcards["weights"] for job in shuffled] == ["pretrained"]


def test_a_probe_runs_on_the_kinds_of_task_that_it_serves(tmp_path):
    tasks = ["gb1/sampled", "secondary_structure_small/extract", "localisation_small/extract"]
    probes = ["ridge", "ridge_classes", "ridge_flip", "ridge_as_published", "logistic", "mlp_small"]
    config = [f"tasks=[{', '.join(tasks)}]", f"probes=[{', '.join(probes)}]", "models=[onehot]"]
    jobs = shipped(tmp_path).jobs("--config", *config, "checkpoints=[]")
    found = {
        (job.wildcards["dataset"], job.wildcards["probe"]) for job in jobs if job.rule == "probe"
    }
    classes = {"ridge_classes", "logistic", "mlp_small"}
    assert found == (
        {("gb1", probe) for probe in probes if probe not in ("ridge_classes", "logistic")}
        | {("secondary_structure_small", probe) for probe in classes}
        | {("localisation_small", probe) for probe in classes}
    )


def test_numbers_can_be_given_on_the_command_line(demo, tmp_path):
    numbers = ["statistics={n_bootstrap: 200, min_effect: 0.02}", "layers=[0, -1]"]
    assert shipped(tmp_path).counts("--config", *numbers) == demo[0]


NO_ENTRY = "config: {}: {!r} is no entry of config/{}.yaml; {}"
NO_WEIGHTS = "config: weights {!r}: must be 'pretrained' or '<ablation>-<seed>', such as 'reinit-0'"
WRONG = {
    "models=[onehut]": NO_ENTRY.format("models", "onehut", "models", "did you mean 'onehot'?"),
    "checkpoints=[onehut]": NO_ENTRY.format(
        "checkpoints", "onehut", "models", "did you mean 'onehot'?"
    ),
    "tasks=[bg1]": NO_ENTRY.format("tasks", "bg1", "datasets", "did you mean 'gb1'?"),
    "probes=[rigde]": NO_ENTRY.format("probes", "rigde", "probes", "did you mean 'ridge'?"),
    "controls=[rigde]": NO_ENTRY.format("controls", "rigde", "probes", "did you mean 'ridge'?"),
    "weights=[reint-0]": NO_ENTRY.format("weights", "reint", "ablations", "did you mean 'reinit'?"),
    "weights=[none]": NO_ENTRY.format("weights", "none", "ablations", "known: reinit, resample"),
    "weights=[pretraind]": NO_WEIGHTS.format("pretraind"),
    "weights=[reinit-00]": NO_WEIGHTS.format("reinit-00"),
    "tasks=[gb1/sampeld]": "config: tasks: data set 'gb1' has no split 'sampeld'; "
    "did you mean 'sampled'?",
    "modles=[onehot]": "config: unknown key 'modles'; did you mean 'models'?",
    "pooling=[men]": "config: pooling: 0: 'men' is not allowed; did you mean 'mean'?",
    "tasks=[scl/balanced] probes=[ridge_flip]": "config: probes: none of ridge_flip is for task "
    "scl/balanced, which is classification",
    "statistics={n_bootstrap: 10}": "config: statistics: n_bootstrap: 10 is less than the minimum "
    "of 100 (bootstrap resamples of the test subset, the same ones for every arm)",
    "probes=[ridge, ridge]": "config: probes: ['ridge', 'ridge'] has 'ridge' more than once "
    "(entries of probes.yaml)",
    "probes=[ridge] controls=[ridge]": "config: controls: 'ridge' stands under probes, too, and a "
    "control has no verdict; take it out of one of them",
    "compute={tokens_per_batch: 0}": "config: compute: tokens_per_batch: '0' is neither auto nor "
    "a number of 1 or more (tokens in a batch; auto: at most 4096 on a CPU, 65536 on a GPU)",
}


OFTEN = ("models=[onehut]", "weights=[reinit-00]", "modles=[onehot]", "pooling=[men]")


@pytest.mark.parametrize("setting", mostly_slow(WRONG, OFTEN))
def test_a_wrong_configuration_stops_with_one_sentence(setting, tmp_path):
    output = shipped(tmp_path).fail("--config", *re.split(r" (?=\w+=)", setting))
    assert WRONG[setting] in output.splitlines()
    assert "Traceback" not in output
    assert not (tmp_path / "results").exists()


WRONG_CATALOGUES = {
    "key": (
        "models",
        "pooling:",
        "poolings:",
        "config/models.yaml: onehot: unknown key 'poolings'; did you mean 'pooling'?",
    ),
    "no checkpoint": (
        "models",
        "family: onehot",
        "family: carp",
        "config/models.yaml: onehot: has neither path nor url; say where its checkpoint is",
    ),
    "metric": (
        "datasets",
        "splits:",
        "metric: spearmann\n  splits:",
        "config/datasets.yaml: toy: metric: 'spearmann' is not allowed; did you mean 'spearman'?",
    ),
    "kind": (
        "probes",
        "type: ridge",
        "type: rigde",
        "config/probes.yaml: ridge: type: 'rigde' is not allowed; did you mean 'ridge'?",
    ),
    "no table": (
        "datasets",
        "path: resources/datasets/toy/first.csv",
        "columns: {target: y}",
        "config/datasets.yaml: toy: splits: first: has neither path nor download; "
        "say where its table is",
    ),
    "metric of kind": (
        "datasets",
        "splits:",
        "task_type: classification\n  metric: spearman\n  splits:",
        "config/datasets.yaml: toy: metric: 'spearman' is not for classification; choose one "
        "of accuracy, balanced_accuracy, macro_f1, mcc, cross_entropy, roc_auc",
    ),
    "control": (
        "probes",
        "permutes_labels_of: ridge",
        "permutes_labels_of: rigde",
        "config/probes.yaml: ridge_shuffled: permutes_labels_of: 'rigde' is no probe; "
        "did you mean 'ridge'?",
    ),
    "init": (
        "families/esm1",
        "initialiser: zeros",
        "initialiser: zeroes",
        "config/families/esm1.yaml: parameters: 11: initialiser: 'zeroes' is not allowed; "
        "did you mean 'zeros'?",
    ),
}


@pytest.mark.parametrize(
    "case", mostly_slow(WRONG_CATALOGUES, ("key", "control", "init", "metric", "metric of kind"))
)
def test_a_wrong_catalogue_stops_with_file_key_and_nearest_name(case, tmp_path):
    name, old, new, sentence = WRONG_CATALOGUES[case]
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
