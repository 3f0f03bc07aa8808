"""A change reruns what it touches, and nothing else: each fact is an edit and a dry run."""

import ast
import os
import shutil

import pytest

from networks import save_tiny
from workflow.study import counts_of

TABLES = {"scores": 1, "summary": 1, "figure": 2}  # all that reads the score files
METRICS, SUMMARIES = "scripts/plmbench/metrics.py", "scripts/plmbench/summaries.py"


def values(jobs, rule, wildcard):
    """Return the distinct values of a wildcard among the jobs of a rule."""
    return {job.wildcards[wildcard] for job in jobs if job.rule == rule}


def test_a_finished_study_has_nothing_to_do(study):
    assert study.jobs() == []


@pytest.mark.parametrize("path", ["scripts/embed.py", METRICS, "rules/embed.smk", "config"])
def test_touching_code_or_configuration_reruns_nothing(study, path):
    os.utime(study.root / path)
    assert study.jobs() == []


def test_a_comment_and_a_reworded_docstring_rerun_nothing(study):
    text = study.read(METRICS)
    docstring = ast.get_docstring(ast.parse(text), clean=False)
    study.write(METRICS, text.replace(docstring, "Other words.") + "# A comment.\n")
    assert "Other words." in study.read(METRICS)
    assert study.jobs() == []


def test_an_edited_metric_reruns_every_probe_and_no_embedding(study):
    study.append(METRICS, "UNUSED = 1\n")
    assert study.counts() == {"probe": 28, **TABLES}


def test_edited_summaries_rerun_summary_and_figures_alone(study):
    study.append(SUMMARIES, "UNUSED = 1\n")
    assert study.counts() == {"summary": 1, "figure": 2}


def test_edited_embedding_code_reruns_every_embedding_and_no_label(study):
    study.append("scripts/plmbench/poolings.py", "UNUSED = 1\n")
    assert study.counts() == {"embed": 7, "probe": 28, **TABLES}


@pytest.mark.parametrize("key", ["limit", "sha256"])
def test_an_edited_model_entry_reruns_that_model_alone(study, key):
    value = {"limit": 1022, "sha256": "0" * 64}[key]
    study.edit("models", lambda models: models["tiny_esm2"].update({key: value}))
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 3, "probe": 12, **TABLES}
    assert values(jobs, "embed", "model") == values(jobs, "probe", "model") == {"tiny_esm2"}


def test_a_new_checkpoint_file_reruns_its_model_alone(study):
    save_tiny("carp", study.root / "resources/weights/carp.pt", seed=1)
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 3, "probe": 12, **TABLES}
    assert values(jobs, "embed", "model") == values(jobs, "probe", "model") == {"tiny_carp"}


def test_a_checkpoint_read_from_elsewhere_reruns_its_model_alone(study):
    shutil.copy2(study.root / "resources/weights/carp.pt", study.root / "another.pt")
    study.edit("models", lambda models: models["tiny_carp"].update(path="another.pt"))
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 3, "probe": 12, **TABLES}
    assert values(jobs, "embed", "model") == values(jobs, "probe", "model") == {"tiny_carp"}


def test_an_edited_pooling_of_one_model_reruns_that_model_alone(study):
    study.edit("models", lambda models: models["tiny_carp"].update(pooling=["max"]))
    assert values(study.jobs(), "embed", "model") == {"tiny_carp"}


def test_what_describes_a_model_reruns_no_embedding_and_no_probe(study):
    study.edit("models", lambda models: models["tiny_esm2"].update(about={"title": "another"}))
    assert study.counts() == {"summary": 1, "figure": 2}


def test_what_describes_a_data_set_reruns_its_figures_alone(study):
    study.edit("datasets", lambda datasets: datasets["toy"]["about"].update(title="another"))
    assert study.counts() == {"figure": 2}


def test_an_edited_ablation_reruns_that_ablation_of_that_family_alone(study):
    study.edit("ablations", lambda ablations: ablations["reinit"]["carp"][2].update(init="zeros"))
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 1, "probe": 4, **TABLES}
    [embed] = [job for job in jobs if job.rule == "embed"]
    assert embed.wildcards == {"dataset": "toy", "model": "tiny_carp", "weights": "reinit-0"}


def test_an_added_seed_runs_its_own_jobs_alone(study):
    study.edit("config", lambda config: config["weights"].append("resample-1"))
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 2, "probe": 8, **TABLES}
    assert values(jobs, "embed", "weights") == values(jobs, "probe", "weights") == {"resample-1"}


def test_an_added_checkpoint_runs_with_pretrained_weights_alone(study):
    study.edit("config", lambda config: config["checkpoints"].append("tiny_esm1b"))
    jobs = study.jobs()
    assert counts_of(jobs) == {"embed": 1, "probe": 4, **TABLES}
    assert values(jobs, "embed", "weights") == {"pretrained"}


def test_a_removed_model_reruns_tables_and_figures_alone(study):
    study.edit("config", lambda config: config["models"].remove("tiny_esm2"))
    assert study.counts() == TABLES


def test_an_edited_probe_reruns_that_probe_alone(study):
    study.edit("probes", lambda probes: probes["ridge_flip"].update(alphas=[2]))
    jobs = study.jobs()
    assert counts_of(jobs) == {"probe": 14, **TABLES}
    assert values(jobs, "probe", "probe") == {"ridge_flip"}


def test_an_edited_table_of_a_split_reruns_that_split_and_what_embeds_it(study):
    study.append("resources/datasets/toy/second.csv", "variant60,MKV,3,train,\n")
    jobs = study.jobs()
    assert values(jobs, "labels", "split") == {"second"}
    assert counts_of(jobs) == {
        "sequences": 1,
        "labels": 1,
        "datasets": 1,
        "embed": 7,
        "probe": 28,
        **TABLES,
    }


def test_another_policy_for_letters_reads_the_data_set_anew(study):
    study.edit("datasets", lambda datasets: datasets["toy"].update(letters="mask"))
    counts = study.counts()
    assert (counts["labels"], counts["sequences"]) == (2, 1)


def test_what_the_machine_decides_reruns_nothing(study):
    compute = "compute={tokens_per_batch: 64, device: cpu}"
    assert study.jobs("--config", compute, "--cores", "1", "--set-threads", "embed=2") == []
    study.edit("config", lambda config: config.update(compute={"tokens_per_batch": 64}))
    assert study.jobs() == []


@pytest.mark.parametrize("name", ["models", "probes", "datasets"])
def test_another_order_of_keys_in_a_catalogue_reruns_nothing(study, name):
    def reverse(entries):
        entries.update({key: dict(reversed(entry.items())) for key, entry in entries.items()})

    before = study.read(f"config/{name}.yaml")
    study.edit(name, reverse)
    assert study.read(f"config/{name}.yaml") != before
    assert study.jobs() == []
