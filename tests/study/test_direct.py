"""Models that predict from sequences by themselves, and control tasks, in a configuration."""

import pytest

from helpers.configurations import CLASSES, GB1, RESIDUES, copied, spoiled, study
from plmbench.core.errors import InputError
from plmbench.study import parameters, targets
from plmbench.study.code import code_of

NETWORK = "mini_carp_600k"
METHODS = ["light_attention", "cnn", "graphnet"]


def test_they_are_arms_without_weights_or_probe_and_are_never_embedded():
    made = study(models=["onehot", *METHODS, NETWORK], checkpoints=[], controls=[])
    assert {model for model, _ in made.runs()} == {"onehot", NETWORK}
    direct = [arm for arm in made.arms(GB1) if arm[2] == "direct"]
    assert direct == [(name, "none", "direct") for name in METHODS]
    assert not any(name in path for path in targets.embeddings(made) for name in METHODS)
    path = "results/scores/gb1_small/low_vs_high/cnn/none/direct.tsv"
    task = study(models=["cnn", NETWORK], tasks=["gb1_small/low_vs_high"])
    assert path in targets.scores(task)


@pytest.mark.parametrize(
    ("dataset", "served"), [(GB1, METHODS), (CLASSES, METHODS[:2]), (RESIDUES, ["cnn"])]
)
def test_each_runs_on_the_tasks_that_it_serves(dataset, served):
    made = study(models=[*METHODS, NETWORK])
    assert [model for model, _, probe in made.arms(dataset) if probe == "direct"] == served


def test_a_job_is_handed_what_decides_its_numbers_alone(tmp_path):
    made = study(models=["cnn_256", NETWORK])
    found = parameters.method(made, "cnn_256", GB1)
    assert found == {
        "select": "spearman",
        "channels": 256,
        "seeds": [0, 1, 2],
        "method": "cnn",
        "task_type": "regression",
    }
    code = code_of("fit_sequences.py", ["plmbench.supervised.methods.cnn"])
    assert parameters.method_code(made, "cnn_256") == code


def test_they_are_described_and_are_baselines_that_a_verdict_counts(tmp_path):
    made = study(models=["onehot", "cnn", "graphnet", NETWORK])
    assert parameters.baselines(made) == ["onehot", "cnn", "graphnet"]
    assert parameters.in_verdict(made)["graphnet"] is False
    assert "cnn" not in parameters.in_verdict(made)  # it says nothing, and so it counts
    assert made.in_verdict("cnn")
    assert not made.in_verdict("graphnet")


WRONG = [
    ("cnn", {"channels": 0}, "channels: 0 is less than the minimum of 1"),
    ("cnn", {"chanels": 4}, "unknown key 'chanels'; did you mean 'channels'?"),
    ("cnn", {"num_layers": 2}, "num_layers is not for family cnn"),
    ("cnn", {"select": "accuracyy"}, "select: cnn cannot choose by 'accuracyy'"),
    ("light_attention", {"task_types": ["residue_classification"]}, "light_attention is not for"),
    ("cnn", {"about": {"role": "network"}}, "set about: {role: baseline}, or control"),
    ("composition", {"in_verdict": True}, "in_verdict is for baselines"),
    (NETWORK, {"in_verdict": False}, "in_verdict is for baselines"),
]


@pytest.mark.parametrize(("name", "change", "words"), WRONG)
def test_what_is_wrong_in_an_entry_is_named(name, change, words, tmp_path):
    folder = copied(tmp_path / "config")
    spoiled(folder, "models", lambda c: c[name].update(change))
    with pytest.raises(InputError) as caught:
        study(folder)
    assert words in str(caught.value)


def test_no_probe_has_the_name_that_stands_in_place_of_one(tmp_path):
    folder = copied(tmp_path / "config")
    spoiled(folder, "probes", lambda c: c.update(direct=c["ridge"]))
    with pytest.raises(InputError, match="direct"):
        study(folder)


def test_a_control_task_is_no_arm_and_runs_on_pretrained_weights_of_models():
    made = study(
        models=["onehot", NETWORK],
        probes=["ridge", "logistic_small"],
        controls=["logistic_small_selectivity"],
    )
    name = "logistic_small_selectivity"
    assert made.control_tasks(RESIDUES) == [(NETWORK, "pretrained", name)]
    assert made.control_tasks(GB1) == []  # numbers have no classes
    assert all(probe != name for _, _, probe in made.arms(RESIDUES))
    assert made.probe(name, RESIDUES) == made.probe("logistic_small", RESIDUES)
    assert parameters.selectivity(made)["controls"] == {name: "logistic_small"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"probes": ["logistic_small_selectivity"], "controls": []}, "list it under controls"),
    ],
)
def test_a_control_task_stands_under_controls(settings, words):
    with pytest.raises(InputError) as caught:
        study(**settings)
    assert words in str(caught.value)


def test_residues_of_sequences_are_stored_for_a_probe_that_reads_them():
    plain = study(probes=["ridge"], controls=[], tasks=[GB1])
    reading = study(probes=["ridge", "light_attention_small"], controls=[], tasks=[GB1])
    assert [*plain.poolings(GB1, NETWORK), "residues"] == reading.poolings(GB1, NETWORK)
    assert reading.storage(GB1, NETWORK)["layers"] == reading.config["layers"]
    script = code_of("probe_residues.py", ["plmbench.probe.types.light_attention"])
    assert parameters.probe_code(reading, "light_attention_small", GB1) == script
