"""A changed setting or file reruns what it touches, and nothing else: an edit and a dry run."""

import shutil

import pytest

from helpers.marks import mostly_slow
from helpers.networks import save_tiny
from helpers.reruns import (
    ALL,
    COMPARED,
    DECIDED,
    EMBEDDED,
    FIGURES,
    TABLES,
    VERDICTS,
    embedded,
    values,
)
from helpers.studies import WILD_TYPE, counts_of


def test_a_finished_study_has_nothing_to_do(study):
    assert study.jobs() == []


@pytest.mark.parametrize(
    ("statistics", "counts"),
    [({"n_bootstrap": 200}, COMPARED), ({"seed": 1}, COMPARED), ({"min_effect": 0.02}, VERDICTS)],
    ids=["n_bootstrap", "seed", "min_effect"],
)
def test_an_edited_setting_of_the_statistics_refits_no_probe(study, statistics, counts):
    study.edit("config", lambda config: config["statistics"].update(statistics))
    assert study.counts() == counts


def test_another_identity_of_families_groups_anew_and_refits_no_probe(study):
    proteins = {"wild_type": None, "families": {"identity": 0.5}}
    study.edit("config", lambda config: config.update(families={"identity": 0.5}))
    assert study.jobs() == []  # these are variants
    study.edit("datasets", lambda datasets: datasets["toy"].update(proteins))
    study.edit("datasets", lambda datasets: datasets["toy"].pop("wild_type"))
    counts = study.counts()
    assert (counts["families"], counts["relatives"], counts["compare"]) == (1, 2, 2)


def test_an_edited_verdict_of_the_published_study_reruns_verdicts_alone(study):
    def change(datasets):
        datasets["toy"]["splits"]["first"]["published"] = "scales"

    study.edit("datasets", change)
    assert study.counts() == VERDICTS


def test_another_metric_of_a_data_set_reruns_its_probes_and_no_embedding(study):
    study.edit("datasets", lambda datasets: datasets["toy"].update(metric="pearson"))
    assert study.counts() == {"probe": ALL, **TABLES}


@pytest.mark.parametrize(
    ("key", "value", "others"),
    [("max_length", 1022, {"datasets": 1, "params": 1}), ("sha256", "0" * 64, {})],
    ids=["max_length", "sha256"],
)
def test_an_edited_model_entry_reruns_that_model_alone(study, key, value, others):
    study.edit("models", lambda models: models["tiny_esm2"].update({key: value}))
    jobs = study.jobs()
    again = {rule: count for rule, count in EMBEDDED.items() if rule != "params"}
    assert counts_of(jobs) == {**embedded(3), "probe": 14, **again, **others}
    assert values(jobs, "embed", "model") == values(jobs, "probe", "model") == {"tiny_esm2"}


def test_a_new_checkpoint_file_reruns_its_model_alone(study):
    save_tiny("carp", study.root / "resources/weights/carp.pt", seed=1)
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(3), "probe": 14, **EMBEDDED}
    assert values(jobs, "embed", "model") == values(jobs, "probe", "model") == {"tiny_carp"}


def test_a_copy_of_a_checkpoint_elsewhere_reruns_nothing(study):
    shutil.copy2(study.root / "resources/weights/carp.pt", study.root / "another.pt")
    study.edit("models", lambda models: models["tiny_carp"].update(path="another.pt"))
    assert study.jobs() == []


def test_an_edited_pooling_of_one_model_reruns_that_model_alone(study):
    study.edit("models", lambda models: models["tiny_carp"].update(pooling=["max"]))
    assert values(study.jobs(), "embed", "model") == {"tiny_carp"}


def test_an_edited_pooling_of_a_data_set_reruns_the_models_without_their_own(study):
    study.edit("datasets", lambda datasets: datasets["toy"].update(pooling=["mean", "mutated"]))
    assert values(study.jobs(), "embed", "model") == {"tiny_esm2", "tiny_carp"}


def test_a_choice_of_layers_to_store_reruns_no_task_without_residues(study):
    study.edit("config", lambda config: config.update(layers=[0, -1]))
    assert study.jobs() == []


def test_the_numbers_on_disk_rerun_every_embedding(study):
    study.edit("config", lambda config: config.update(dtype="float16"))
    assert study.counts() == {**embedded(7), "probe": ALL, **EMBEDDED}


def test_a_reworded_title_of_a_model_reruns_what_shows_it_alone(study):
    study.edit("models", lambda models: models["tiny_esm2"].update(about={"title": "another"}))
    assert study.counts() == DECIDED


def test_what_describes_a_model_reruns_no_embedding_and_no_probe(study):
    def describe(models):
        models["onehot"]["about"].update(role="control")
        models["tiny_esm2"]["about"] = {"series": "tiny", "parameters": 9, "pretraining": 0.5}

    study.edit("models", describe)
    assert study.counts() == {"params": 1, **COMPARED}


def test_what_describes_a_data_set_reruns_what_shows_it_alone(study):
    study.edit("datasets", lambda datasets: datasets["toy"]["about"].update(title="another"))
    assert study.counts() == FIGURES


def test_an_edited_ablation_reruns_that_ablation_alone(study):
    study.edit("ablations", lambda ablations: ablations["reinit"].update(action="shuffle"))
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(2), "probe": 8, **EMBEDDED}
    assert values(jobs, "embed", "weights") == {"reinit-0"}


def test_an_edited_table_of_parameters_reruns_the_ablations_of_that_family_alone(study):
    rows = "families/carp"
    study.edit(rows, lambda family: family["parameters"][2].update(initialiser="zeros"))
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(2), "probe": 8, **EMBEDDED}
    assert values(jobs, "embed", "model") == {"tiny_carp"}
    assert values(jobs, "embed", "weights") == {"reinit-0", "resample-0"}


def test_an_added_seed_runs_its_own_jobs_alone(study):
    study.edit("config", lambda config: config["weights"].append("resample-1"))
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(2), "probe": 8, **EMBEDDED}
    assert values(jobs, "embed", "weights") == values(jobs, "probe", "weights") == {"resample-1"}


def test_an_added_checkpoint_runs_with_pretrained_weights_alone(study):
    study.edit("config", lambda config: config["checkpoints"].append("tiny_esm1b"))
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(1), "probe": 4, **EMBEDDED}
    assert values(jobs, "embed", "weights") == {"pretrained"}


def test_a_removed_model_reruns_tables_and_figures_alone(study):
    study.edit("config", lambda config: config["models"].remove("tiny_esm2"))
    assert study.counts() == EMBEDDED


def test_a_removed_control_reruns_tables_and_figures_alone(study):
    study.edit("config", lambda config: config["controls"].clear())
    assert study.counts() == TABLES


def test_a_split_that_is_no_task_any_more_is_left_out_of_tables_and_embeds_nothing(study):
    study.edit("config", lambda config: config.update(tasks=["toy/first"]))
    jobs = study.jobs()
    assert not {"sequences", "labels", "embed", "probe", "compare"} & set(counts_of(jobs))
    assert counts_of(jobs)["figures"] == 1


def test_an_edited_probe_reruns_that_probe_alone(study):
    study.edit("probes", lambda probes: probes["ridge_flip"].update(alphas=[2]))
    jobs = study.jobs()
    assert counts_of(jobs) == {"probe": 14, **TABLES}
    assert values(jobs, "probe", "probe") == {"ridge_flip"}


def test_an_edited_probe_reruns_its_control_on_shuffled_labels(study):
    study.edit("probes", lambda probes: probes["ridge"].update(alphas=[0.1, 1]))
    jobs = study.jobs()
    assert counts_of(jobs) == {"probe": 18, **TABLES}
    assert values(jobs, "probe", "probe") == {"ridge", "ridge_shuffled"}


def test_an_edited_table_of_a_split_reruns_that_split_and_what_embeds_it(study):
    study.append("resources/datasets/toy/second.csv", "variant60,MKV,3,train,\n")
    jobs = study.jobs()
    assert values(jobs, "labels", "split") == {"second"}
    assert counts_of(jobs) == {
        "sequences": 1,
        "labels": 1,
        **{"families": 1, "relatives": 2, "overlap": 2},
        "datasets": 1,
        "join": 7,  # which shards there are to embed is known once the sequences are there
        "probe": ALL,
        **EMBEDDED,
    }


def test_another_policy_for_letters_reads_the_data_set_anew(study):
    study.edit("datasets", lambda datasets: datasets["toy"].update(nonstandard_residues="mask"))
    counts = study.counts()
    assert (counts["labels"], counts["sequences"]) == (2, 1)


@pytest.mark.parametrize(
    "edit",
    [
        lambda toy: toy.update(validation={"folds": 3}),
        lambda toy: [split.update(rows={"test": 20}) for split in toy["splits"].values()],
    ],
    ids=["validation", "rows"],
)
def test_what_bears_on_labels_alone_embeds_nothing(study, edit):
    study.edit("datasets", lambda datasets: edit(datasets["toy"]))
    assert study.counts() == {
        **{"labels": 2, "relatives": 2, "overlap": 2, "datasets": 1, "probe": ALL},
        **TABLES,
    }


def test_another_policy_for_long_sequences_embeds_anew_and_reads_nothing_anew(study):
    study.edit("datasets", lambda datasets: datasets["toy"].update(long_sequences="keep_ends"))
    assert study.counts() == {"datasets": 1, **embedded(7), "probe": ALL, **EMBEDDED}


def test_an_edited_wild_type_finds_the_sites_anew(study):
    study.write(WILD_TYPE, f">another\n{'C' * 12}\n")
    counts = study.counts()
    assert counts["sequences"] == 1
    assert "labels" not in counts


def test_what_the_machine_decides_reruns_nothing(study):
    compute = "compute={tokens_per_batch: 64, device: cpu}"
    assert study.jobs("--config", compute, "--cores", "1", "--set-threads", "embed=2") == []
    study.edit("config", lambda config: config.update(compute={"tokens_per_batch": 64}))
    assert study.jobs() == []


@pytest.mark.parametrize("name", mostly_slow(["models", "probes", "datasets"], ["models"]))
def test_another_order_of_keys_in_a_catalogue_reruns_nothing(study, name):
    def reverse(entries):
        entries.update({key: dict(reversed(entry.items())) for key, entry in entries.items()})

    before = study.read(f"config/{name}.yaml")
    study.edit(name, reverse)
    assert study.read(f"config/{name}.yaml") != before
    assert study.jobs() == []
