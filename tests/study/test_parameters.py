"""What jobs are handed: what decides their results, and nothing else."""

import pytest

from helpers.configurations import CLASSES, GB1, RESIDUES, copied, spoiled, study
from plmbench.study import parameters
from plmbench.study.code import code_of

TASK = (GB1, "low_vs_high")


@pytest.fixture(scope="module")
def demo():
    """Return the Study of the demo with tasks of each type."""
    tasks = ["gb1/low_vs_high", f"{RESIDUES}/extract", f"{CLASSES}/extract"]
    return study(tasks=tasks, controls=["ridge_shuffled"])


def test_a_reworded_title_changes_what_is_shown_and_no_number(tmp_path):
    folder = copied(tmp_path / "config")
    spoiled(folder, "models", lambda models: models["onehot"]["about"].update(title="another"))
    before, after = study(), study(folder)
    assert parameters.titles(before) != parameters.titles(after)
    for value in (parameters.facts, parameters.judgement):
        assert value(before) == value(after)
    assert parameters.comparison(before, "gb1_small") == parameters.comparison(after, "gb1_small")


def test_a_number_of_rows_bears_on_labels_and_on_no_sequence(tmp_path):
    folder = copied(tmp_path / "config")
    rows = {"train": 1}
    spoiled(folder, "datasets", lambda d: d["gb1"]["splits"]["low_vs_high"].update(rows=rows))
    before, after = study(tasks=["gb1/low_vs_high"]), study(folder, tasks=["gb1/low_vs_high"])
    assert parameters.reading(before, *TASK) != parameters.reading(after, *TASK)
    readings = [sorted(map(str, parameters.readings(made, GB1))) for made in (before, after)]
    assert readings[0] == readings[1]


def test_a_task_is_described_with_its_title_type_metric_and_controls(demo):
    [task] = parameters.described_task(demo, *TASK)
    assert task["title"] == "GB1 binding landscape, low_vs_high"
    assert (task["task_type"], task["metric"]) == ("regression", "spearman")
    assert task["label_controls"] == {"ridge": "ridge_shuffled"}
    assert parameters.described_tasks(demo)[0] == task


def test_every_ablation_that_runs_says_whether_it_bears_on_the_verdict(tmp_path):
    folder = copied(tmp_path / "config")
    beside = {"action": "shuffle", "in_verdict": False}
    spoiled(folder, "ablations", lambda ablations: ablations.update(beside=beside))
    made = study(folder, weights=["pretrained", "reinit-0", "beside-0"])
    assert parameters.in_verdict(made) == {"reinit": True, "beside": False}
    assert parameters.judgement(made)["in_verdict"] == parameters.in_verdict(made)


def test_verdicts_know_the_networks_alone_and_what_was_published(demo):
    judgement = parameters.judgement(demo)
    assert "mini_carp_600k" in judgement["about"]
    assert not {"onehot", "length"} & set(judgement["about"])
    assert judgement["published"]["gb1/low_vs_high"] == "benefits"


def test_policies_have_the_least_longest_input_of_the_models():
    lengths = {"mini_carp_600k": 0, "esm1b_t33_650M_UR50S": 1022}
    for model, expected in lengths.items():
        [row] = parameters.policies(
            study(tasks=["gb1/low_vs_high"], models=[model], checkpoints=[])
        )
        assert row["max_length"] == expected
        assert row["nonstandard_residues"] == "error"


def test_code_that_embeds_is_that_of_the_models_family(demo):
    carp, esm2 = (parameters.embed_code(demo, f"mini_{name}_100k") for name in ("carp", "esm2"))
    assert carp == code_of("embed.py", ["plmbench.models.carp"]) != esm2


def test_code_that_probes_is_that_of_the_probes_type(demo):
    codes = {name: parameters.probe_code(demo, name, GB1) for name in ("ridge", "ridge_shuffled")}
    assert set(codes.values()) == {code_of("probe.py", ["plmbench.probe.types.ridge"])}
