"""What a configuration comes to: tasks, models, arms, and what each job is handed."""

import re

import pytest

from helpers.configurations import CLASSES, GB1, RESIDUES, copied, spoiled, study
from plmbench.core.canonical import canonical

PUBLISHED = {
    "gb1/sampled": "benefits",
    "gb1/low_vs_high": "benefits",
    "gb1/two_vs_rest": "no benefit",
    "aav/two_vs_many": "benefits",
    "aav/one_vs_many": "no benefit",
    "meltome/mixed_split": "benefits",
    "scl/balanced": "benefits",
    "secondary_structure/netsurfp@cb513": "scales",
    "secondary_structure/netsurfp@ts115": "scales",
    "secondary_structure/netsurfp@casp12": "scales",
}


def test_the_paper_runs_the_eight_networks_with_three_seeds():
    paper = study(name="paper")
    networks = [model for model in paper.config["models"] if paper.has_weights(model)]
    assert len(networks) == 8
    assert all(len(paper.weights_of(model)) == 7 for model in networks)


def test_the_paper_has_the_ten_tasks_of_the_study_with_its_verdicts():
    paper = study(name="paper")
    splits = {"/".join(t): paper.datasets[t.dataset]["splits"][t.split] for t in paper.tasks}
    assert {task: entry["published"] for task, entry in splits.items()} == PUBLISHED


def test_the_demo_has_a_task_of_each_kind_and_a_control_for_each_probe():
    made = study()
    assert len({made.datasets[task.dataset]["task_type"] for task in made.tasks}) == 3
    permuted = {made.permuted(probe) for probe in made.config["controls"]} - {None}
    assert permuted == set(made.config["probes"])
    tasks = {made.selectivity_of(probe) for probe in made.config["controls"]} - {None}
    assert tasks == {"logistic_small"}  # numbers have no control task


@pytest.mark.parametrize("name", ["config", "paper"])
def test_every_report_has_a_baseline_and_the_negative_controls(name):
    made = study(name=name)
    entries = [made.models[model] for model, _ in made.runs()]
    roles = {entry["family"]: entry["about"]["role"] for entry in entries}
    controls = ("composition", "length", "random_projection")
    assert roles["onehot"] == "baseline"
    assert {roles[family] for family in controls} == {"control"}
    assert made.config["controls"]


def test_a_data_set_alone_means_all_its_splits():
    splits = [task.split for task in study(tasks=["gb1"]).tasks]
    assert splits == ["sampled", "low_vs_high", "one_vs_rest", "two_vs_rest", "three_vs_rest"]


def test_a_task_or_a_model_named_twice_runs_once():
    made = study(tasks=["gb1/sampled", "gb1"], models=["onehot"], checkpoints=["mini_carp_600k_12"])
    assert len(made.tasks) == 5
    assert made.runs() == [("onehot", "none"), ("mini_carp_600k_12", "pretrained")]


def test_a_probe_runs_where_it_serves_the_kind_of_task():
    made = study(
        probes=["ridge", "ridge_flip", "ridge_as_published", "ridge_classes", "logistic", "mlp"]
    )
    probes = {d: [p for p in made.config["probes"] if made.applies(p, d)] for d in made.datasets}
    assert probes[GB1] == ["ridge", "ridge_flip", "ridge_as_published", "mlp"]
    assert probes[RESIDUES] == probes[CLASSES] == ["ridge_classes", "logistic", "mlp"]


def test_a_probe_does_not_run_where_it_cannot_choose_by_the_metric(tmp_path):
    folder = copied(tmp_path / "config")
    spoiled(folder, "datasets", lambda c: c[CLASSES].update(metric="cross_entropy"))
    made = study(folder)
    probes = ("ridge", "ridge_classes", "logistic", "mlp")
    assert [p for p in probes if made.applies(p, CLASSES)] == ["logistic", "mlp"]


def test_a_probe_and_its_control_run_on_the_kinds_of_task_that_they_are_for(tmp_path):
    made = study()
    assert made.applies("ridge", GB1)
    assert made.applies("ridge_shuffled", GB1)
    assert not made.applies("ridge", CLASSES)
    assert not made.applies("ridge_shuffled", CLASSES)
    folder = copied(tmp_path / "config")
    spoiled(folder, "probes", lambda c: c["ridge"].pop("task_types"))
    assert study(folder).applies("ridge", CLASSES)
    assert study(folder).probe("ridge", GB1) == made.probe("ridge", GB1)  # computes nothing anew


def test_controls_run_on_pretrained_weights_of_models_alone():
    made = study(models=["onehot", "mini_carp_600k"], checkpoints=["mini_carp_600k_12"])
    mine = [(model, weights) for model, weights, p in made.arms(GB1) if p == "ridge_shuffled"]
    assert mine == [("mini_carp_600k", "pretrained")]


def test_every_arm_is_scored_once():
    made = study(controls=["ridge_shuffled"], checkpoints=["mini_carp_600k"])
    arms = made.arms(GB1)
    assert len(arms) == len(set(arms))
    probed = {(model, weights) for model, weights, probe in arms if probe == "ridge"}
    assert probed == set(made.runs())


def test_a_control_is_its_probe_on_shuffled_labels():
    made = study()
    mine, control = made.probe("ridge", GB1), made.probe("ridge_shuffled", GB1)
    assert control == mine | {"permute_labels": True}
    assert (mine["task_type"], mine["permute_labels"], mine["select"]) == (
        "regression",
        False,
        "spearman",
    )


def test_a_probe_chooses_by_the_metric_of_the_data_set_where_it_says_nothing():
    made = study()
    own = made.datasets["bind"]["metric"]
    assert made.probe("ridge_classes", "bind")["select"] == made.metric("bind") == own != "accuracy"
    assert made.probe("logistic", "bind")["select"] == "cross_entropy"
    assert made.probe("ridge_flip", GB1)["select"] == "spearman"


def test_residues_are_stored_for_residue_tasks_and_aligned_poolings_for_variants():
    made = study(pooling=["mean", "flat"])
    assert made.poolings(RESIDUES, "onehot") == ["residues"]
    assert made.poolings(GB1, "onehot") == ["flat"]
    assert made.poolings(GB1, "mini_carp_600k") == ["mean", "mutated", "sites"]
    assert made.poolings(CLASSES, "mini_carp_600k") == ["mean"]
    assert made.poolings(CLASSES, "onehot") == ["mean"]
    assert made.storage(RESIDUES, "onehot")["layers"] == {"every": 4}
    assert made.storage(CLASSES, "onehot")["layers"] == "all"


def test_a_split_may_have_a_test_file_of_its_own():
    made = study()
    files = ["path", "sequences", "mask", "test.path"]
    assert made.files("secondary_structure", "netsurfp@cb513") == files
    assert made.files("secondary_structure", "sampled") == files[:3]
    assert made.files(GB1, "sampled") == ["path"]
    reading = made.reading("secondary_structure", "netsurfp@cb513")
    assert (reading["format"], reading["test"]["format"]) == ("residue_fasta", "csv")


def test_what_is_at_hand_needs_no_download():
    made = study()
    found = {split for split in made.datasets[GB1]["splits"] if made.at_hand(GB1, split)}
    assert len(found) == 5
    assert not made.at_hand(
        "secondary_structure", "netsurfp@cb513"
    )  # its test file alone is at hand


def test_what_describes_a_model_is_not_handed_to_embed():
    made = study()
    described = set(made.models["mini_carp_600k"]) - set(made.network("mini_carp_600k"))
    assert described == {
        "about",
        "path",
        "family",
        "pretraining_fasta",
    }  # of the family, the encoder
    assert made.network("mini_carp_600k")["encoder"] == "carp.Carp"
    assert made.network("onehot") == {"encoder": "baselines.OneHot"}


def test_equal_content_is_equal_text_whatever_the_order_of_keys():
    assert canonical({"a": 1, "b": [1, 2]}) == canonical({"b": [1, 2], "a": 1})


def test_model_names_are_those_of_their_files():
    for name, entry in study().models.items():
        if "url" in entry and "files" not in entry:  # the hub's names are of repositories
            assert re.search(rf"/{re.escape(name)}\.pt$", entry["url"])
