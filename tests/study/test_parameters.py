"""What decides a job's result is handed to it, and nothing else."""

import pytest

from helpers.configurations import CLASSES, GB1, RESIDUES, copied, spoiled, study
from plmbench.study import downloaded, parameters
from plmbench.study.code import code_of

NETWORK = "mini_carp_600k"


def changed(tmp_path, name, change, **config):
    """Return the Study of a copy of the catalogues in which one is changed."""
    folder = copied(tmp_path / "config")
    spoiled(folder, name, change)
    return study(folder, **config)


def test_a_task_is_described_by_its_data_set_its_metric_and_the_controls():
    made = study(controls=["ridge_shuffled"])
    found = parameters.described(made, GB1, "sampled")
    title = made.datasets[GB1]["about"]["title"]
    assert found["title"] == f"{title}, sampled"
    assert (found["dataset"], found["split"], found["task_type"]) == (GB1, "sampled", "regression")
    assert found["metric"] == made.metric(GB1)
    assert found["label_controls"] == {"ridge": "ridge_shuffled"}
    assert parameters.described(made, GB1, "sampled") == found


def test_every_task_and_model_that_runs_is_described_once():
    made = study(tasks=[f"{GB1}/sampled", GB1], models=["onehot", NETWORK], checkpoints=[NETWORK])
    found = parameters.described_tasks(made)
    assert [(task["dataset"], task["split"]) for task in found] == [tuple(t) for t in made.tasks]
    assert list(parameters.described_models(made)) == ["onehot", NETWORK]
    assert parameters.baselines(made) == ["onehot"]


def test_a_title_of_a_model_decides_no_number(tmp_path):
    made = changed(tmp_path, "models", lambda c: c[NETWORK]["about"].update(title="another"))
    assert parameters.titles(made)[NETWORK] == "another"
    assert parameters.facts(made) == parameters.facts(study())
    assert parameters.judgement(made) == parameters.judgement(study())
    assert "title" not in parameters.facts(made)[NETWORK]


def test_a_comparison_is_handed_its_arms_and_the_statistics_without_the_least_effect():
    made = study(statistics={"n_bootstrap": 300, "seed": 4, "min_effect": 0.5})
    found = parameters.comparison(made, GB1)
    assert (found["n_bootstrap"], found["seed"]) == (300, 4)
    assert found["arms"] == made.arms(GB1)
    assert found["metric"] == made.metric(GB1)
    assert "min_effect" not in found
    assert found["in_verdict"] == parameters.in_verdict(made)  # an ablation outside is no reference
    assert set(parameters.judgement(made)["min_effect"].values()) == {0.5}


@pytest.mark.parametrize(
    ("given", "expected"), [({}, 0.01), (0.03, 0.03), ({"spearman": 0.02, "mcc": 0.5}, 0.02)]
)
def test_the_smallest_gain_worth_having_is_one_per_metric(given, expected):
    made = study(statistics={"min_effect": given})
    assert parameters.min_effects(made)["spearman"] == expected


def test_a_metric_in_the_unit_of_its_target_has_no_smallest_gain_of_its_own(tmp_path):
    made = changed(tmp_path, "datasets", lambda c: c["gb1"].update(metric="rmse"))
    assert "rmse" not in parameters.min_effects(made)


def test_a_judgement_knows_networks_alone_and_what_was_published():
    made = study(name="paper")
    found = parameters.judgement(made)
    assert {about["role"] for about in found["about"].values()} == {"network"}
    assert found["published"]["gb1/two_vs_rest"] == "no benefit"
    assert found["in_verdict"] == {"reinit": True, "resample": True}


def test_an_ablation_may_stay_out_of_the_verdict(tmp_path):
    made = changed(tmp_path, "ablations", lambda c: c["resample"].update(in_verdict=False))
    assert parameters.in_verdict(made) == {"reinit": True, "resample": False}


def test_policies_name_the_shortest_limit_of_a_model(tmp_path):
    made = changed(tmp_path, "models", lambda c: c[NETWORK].update(max_length=77))
    rows = parameters.policies(made)
    assert [(row["dataset"], row["split"]) for row in rows] == [tuple(t) for t in made.tasks]
    assert {row["max_length"] for row in rows} == {77}
    assert {row["max_length"] for row in parameters.policies(study(models=["onehot"]))} <= {0, 1022}


def test_the_metric_of_each_data_set_is_named_once():
    made = study(tasks=[f"{GB1}/sampled", GB1, f"{CLASSES}/extract"])
    assert parameters.metrics(made) == {GB1: made.metric(GB1), CLASSES: made.metric(CLASSES)}


@pytest.mark.parametrize("key", parameters.LABELS_ALONE)
def test_what_bears_on_labels_alone_is_not_handed_to_sequences(key):
    made = study(tasks=[f"{RESIDUES}/extract", GB1])
    for dataset in (RESIDUES, GB1):
        assert all(key not in reading for _, reading in parameters.readings(made, dataset))
    assert "rows" in parameters.reading(made, GB1, "sampled")[1]


def test_the_digest_of_code_that_embeds_is_that_of_the_models_own_family():
    made = study()
    carp = code_of("embed.py", ["plmbench.models.carp"])
    assert parameters.embed_code(made, NETWORK) == carp
    assert parameters.embed_code(made, "mini_carp_100k") == carp
    assert parameters.embed_code(made, "mini_esm2_100k") != carp


def test_a_recipe_is_handed_neither_its_files_nor_its_description():
    made, name = study(), "mini_carp_100k"
    found = parameters.recipe(made, name)
    assert {"data", "held_out", "about"}.isdisjoint(found)
    assert found["seed"] == made.recipes[name]["seed"]
    assert parameters.about_recipe(made, name) == made.recipes[name]["about"]


def test_where_a_checkpoint_comes_from_is_told_of_a_download_alone():
    made = study()
    assert downloaded.is_downloaded(made, "esm2_t6_8M_UR50D")
    assert set(downloaded.source(made, "esm2_t6_8M_UR50D")) <= {"url", "sha256"}
    assert not downloaded.is_downloaded(made, NETWORK)
