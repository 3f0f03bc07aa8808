"""The profiles, and what every rule asks a scheduler for."""

import re

import pytest
import yaml

from helpers.studies import ROOT
from plmbench.study.resources import LEAST_MB
from workflow.test_rule_files import RULES

SLURM = ("--workflow-profile", "profiles/slurm")
BLOCK = re.compile(r"^(local)?(?:rule|checkpoint) (\w+):\n((?: {4}.*\n)*)", re.M)
SCORE = "results/scores/toy/first/tiny_carp/pretrained/ridge.tsv"
UNASKED = {  # by this study: of training, and of what only some configurations have
    *("train", "folders", "record", "refit", "learning_curve", "worth", "learning_curves"),
    *("control_task", "selectivity", "fit_sequences", "probe_residues", "compare_parts", "parts"),
    *("chains", "perturb", "spread", "contacts"),
}
SHARED = ("rerun-triggers", "rerun-incomplete", "show-failed-logs")


def profile(name):
    """Return what a profile says."""
    return yaml.safe_load((ROOT / f"profiles/{name}/config.yaml").read_text(encoding="utf-8"))


def requests(output):
    """Return {rule: what its jobs ask for, as mappings of text}, without local rules."""
    found = {}
    for local, rule, block in BLOCK.findall(output):
        if rule in RULES and not local:  # `all` runs nothing
            line = re.search(r"^ {4}resources: (.*)$", block, re.M)[1]
            found.setdefault(rule, []).append(dict(re.findall(r"(\w+)=([^,]*)", line)))
    return found


def all_requests(study, *options):
    """Return what every job of a finished study would ask for.

    Which shards there are to embed is known only where sequences are not made anew, too.
    """
    embeds = requests(study.run("--dry-run", "--forcerun", "embed", *options))
    return requests(study.run("--dry-run", "--forceall", *options)) | {"embed": embeds["embed"]}


@pytest.fixture(scope="module")
def asked(finished):
    """Return what every job of a study would ask SLURM for: all inputs are there."""
    return all_requests(finished, *SLURM)


def test_profiles_agree_on_what_reruns():
    default, slurm = profile("default"), profile("slurm")
    assert {key: default[key] for key in SHARED} == {key: slurm[key] for key in SHARED}


def test_profiles_compare_dates_and_params_and_no_paths():
    assert profile("default")["rerun-triggers"] == ["mtime", "params"]


def test_profiles_name_rules_that_exist():
    for name in ("default", "slurm"):
        settings = profile(name)
        for line in [*settings["set-threads"], *settings.get("set-resources", [])]:
            assert re.split("[:=]", line)[0] in RULES


def test_a_failed_job_of_slurm_is_tried_again():
    assert profile("slurm")["retries"] >= 1
    assert profile("slurm")["slurm-no-requeue"]  # by Snakemake alone


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_local_or_asks_for_memory_and_time(rule):
    lines = "\n".join(RULES[rule])
    local = "    localrule: True" in lines
    for resource in ("mem_mb", "runtime"):
        assert local != bool(re.search(rf"^ {{8}}{resource}=[\w.]+,$", lines, re.M)), resource


def test_downloads_are_local_so_that_compute_nodes_need_no_network():
    needing = [rule for rule in RULES if rule.startswith("fetch_")]
    assert len(needing) >= 2
    assert all("    localrule: True" in RULES[rule] for rule in needing)


def test_every_job_asks_for_no_less_memory_than_snakemake_itself_needs(asked):
    assert set(asked) == {r for r in RULES if "    localrule: True" not in RULES[r]} - UNASKED
    for rule, jobs in asked.items():
        for job in jobs:
            assert int(job["mem_mb"]) >= LEAST_MB, rule
            assert int(job["runtime"]) >= 10, rule


def test_embed_jobs_alone_ask_for_a_gpu(asked):
    for rule, jobs in asked.items():
        for job in jobs:
            embeds = rule == "embed"
            assert job.get("gres") == ("gpu:1" if embeds else None)
            assert job["slurm_partition"] == ("gpu" if embeds else "cpu")
            assert job.get("gpu", "0") == "0"  # beside a gres with a type SLURM refuses it


def test_jobs_ask_for_as_much_without_a_profile(finished, asked):
    options = ("--workflow-profile", "none", "--executor", "slurm", "--jobs", "1")
    plain = all_requests(finished, *options)
    for rule in asked:
        for key in ("mem_mb", "runtime"):
            amounts = [sorted(job[key] for job in found[rule]) for found in (asked, plain)]
            assert amounts[0] == amounts[1], rule


def test_a_study_done_on_one_machine_has_nothing_to_do_on_a_cluster(study):
    assert study.jobs(*SLURM) == []


def test_what_jobs_ask_for_reruns_nothing(study):
    study.edit("models", lambda models: models["tiny_carp"].update(about={"parameters": 10**13}))
    assert "embed" not in study.counts()
    assert study.jobs(SCORE, "--set-resources", "embed:mem_mb=12345", "probe:runtime=77") == []


@pytest.mark.slow
def test_a_job_that_asks_for_more_than_the_machine_has_runs_on_it(study):
    study.edit("models", lambda models: models["tiny_carp"].update(about={"parameters": 10**13}))
    output = study.run("--forcerun", "embed", "--", "embeddings")
    asked = [int(megabytes) for megabytes in re.findall(r"mem_mb=(\d+)", output)]
    assert max(asked) > 10**7
