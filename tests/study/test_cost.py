"""What a study costs, before it is started: its jobs, what each takes, and what is not known."""

import re
from collections import Counter

import pytest
import yaml

from helpers.plans import expected_counts, present
from helpers.studies import ROOT
from plmbench.study.catalogues import Study
from plmbench.study.cost import COLUMNS, cost_table
from plmbench.study.cost_facts import Facts
from plmbench.study.cost_jobs import JOBS, jobs_of
from plmbench.study.cost_machine import Card, Machine, Start
from plmbench.study.cost_rates import REFERENCE, read_rates
from plmbench.study.cost_rules import RULES
from plmbench.study.cost_sizes import COUNTED, STATED, UNKNOWN, Sizes
from plmbench.study.cost_text import amount, duration, number, text_of
from plmbench.study.files import Files
from plmbench.study.tasks import Task

# Rules that `all` does not run.
APART = ("pretrain", "train", "record", "folders", "embeddings", "cost")
STARTS = {"store": 0.2, "table": 0.5, "probe": 1.0, "network": 1.5}
MACHINE = Machine(4, 100e9, {kind: Start(s, 100.0) for kind, s in STARTS.items()}, 1e8)
SMALL = {
    "tasks": ["secondary_structure_small/extract"],
    "models": ["onehot", "mini_carp_100k"],
    "weights": ["pretrained", "reinit-0"],
    "probes": ["logistic_small"],
}
URL = "https://example.org/mine.zip"
OWN = {"mine": {"download": {"url": URL}, "splits": {"a": {"path": "a.csv"}}}}
NETWORKS = {"models": ["onehot", "mini_carp_600k"]}
BASELINE = {"models": ["mini_carp_100k", "light_attention"], "tasks": ["localisation_short"]}


def study_of(**config):
    """Return the Study of a configuration with the shipped catalogues."""
    return Study(config, ROOT / "config", [ROOT / "config/config.yaml"])


def shipped(name):
    """Return what config/<name>.yaml says, over what config.yaml does."""
    files = [ROOT / f"config/{each}.yaml" for each in ("config", name)]
    whole, own = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in files)
    return {"checkpoints": []} | whole | own


def facts_of(study, machine=MACHINE, contender="plmbench"):
    """Return the Facts of a study on a made-up machine."""
    rates = read_rates(ROOT / "benchmarks/results", contender)
    return Facts(study, Sizes(study, Files(study, ROOT)), rates, machine)


def table_of(machine=MACHINE, contender="plmbench", **config):
    """Return the cost of a small study, but for what `config` says."""
    facts = facts_of(study_of(**SMALL | config), machine, contender)
    return cost_table(facts, jobs_of(facts.study, facts.sizes))


def hours(table, rule):
    """Return the core-hours of a rule."""
    return table.loc[table["rule"] == rule, "core_hours"].sum()


def test_every_rule_that_all_runs_has_its_jobs_and_its_cost():
    text = "".join(path.read_text("utf-8") for path in (ROOT / "rules").glob("*.smk"))
    rules = re.findall(r"^(?:rule|checkpoint|use rule \w+ as) (\w+)(?: with)?:", text, re.M)
    assert set(JOBS) == set(RULES) == set(rules) - set(APART) | {"all"}


@pytest.mark.parametrize("name", ["config", "paper"])
def test_jobs_are_counted_as_the_configuration_means_them(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config = shipped(name)
    study = study_of(**config)
    jobs = jobs_of(study, Sizes(study, Files(study, ROOT)))
    counts = Counter(dict.fromkeys(JOBS, 0))
    for job in jobs:
        counts[job.rule] += job.jobs
    assert counts.pop("all") == 1
    embedded = counts.pop("embed")  # known to Snakemake once the sequences are read
    assert embedded >= counts["join"]
    assert present(counts) == present(expected_counts(config))


def test_a_table_has_its_columns_and_every_job():
    facts = facts_of(study_of(**SMALL))
    jobs = jobs_of(facts.study, facts.sizes)
    table = cost_table(facts, jobs)
    assert list(table) == COLUMNS
    assert table["jobs"].sum() == sum(job.jobs for job in jobs)
    assert (table["core_hours"] >= table["start_core_hours"]).all()


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("embed", NETWORKS),
        ("embed", {"weights": ["pretrained", "reinit-0", "reinit-1"]}),
        ("probe", {"probes": ["logistic_small", "ridge_classes"]}),
        ("probe", {"probes": ["logistic"]}),
        ("probe", {"layers": "all"} | NETWORKS),
        ("refit", {"refits": 5}),
        ("learning_curve", {"learning_curve": {"sizes": ["1/4", 1]}}),
        ("compare", {"statistics": {"n_bootstrap": 10_000}}),
        ("fit_sequences", BASELINE),
    ],
)
def test_more_work_costs_more(rule, more):
    assert hours(table_of(**more), rule) > 1.05 * hours(table_of(), rule)


def test_a_slower_machine_takes_longer_and_scikit_learn_does():
    slow = MACHINE._replace(product=MACHINE.product / 10)
    assert hours(table_of(slow), "probe") > hours(table_of(), "probe")
    assert hours(table_of(contender=REFERENCE), "probe") > hours(table_of(), "probe")


def test_a_card_takes_the_networks_off_the_cores():
    card = table_of(MACHINE._replace(card=Card("a card", 100e12)))
    assert card["gpu_hours"].sum() > 0 == table_of()["gpu_hours"].sum()
    assert hours(card, "embed") < hours(table_of(), "embed")


@pytest.mark.parametrize(
    ("task", "source"),
    [
        ("secondary_structure_small/extract", COUNTED),
        ("gb1/two_vs_rest", COUNTED),
        ("aav/one_vs_many", STATED),
        ("mine/a", UNKNOWN),
    ],
)
def test_how_a_size_is_known_is_said(task, source, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config = SMALL | {"tasks": [task], "probes": ["ridge", "ridge_classes"]}
    facts = facts_of(study_of(**config, entries={"datasets": OWN}))
    table = cost_table(facts, jobs_of(facts.study, facts.sizes))
    of_task = table["dataset"] == task.partition("/")[0]
    assert set(table["size"][of_task]) == {source}
    probed = table["core_hours"][of_task & (table["rule"] == "probe")]
    assert probed.isna().all() == (source == UNKNOWN)
    text = text_of(facts, table)
    assert ("at least" in text.splitlines()[0]) == (source == UNKNOWN)
    assert ("mine: unknown: download first" in text) == (source == UNKNOWN)
    assert ("sizes stated in config/datasets.yaml" in text) == (source == STATED)


def test_counts_of_files_are_those_of_the_catalogue():
    sizes = facts_of(study_of(**SMALL | {"tasks": ["gb1/sampled"], "probes": ["ridge"]})).sizes
    assert sizes.splits[Task("gb1", "sampled")][:3] == (6289, 699, 1745)
    assert sizes.sets["gb1"] == (8733, 8733 * 56, 4)


def test_the_text_begins_with_the_whole_and_names_what_dominates():
    facts = facts_of(study_of(**SMALL))
    table = cost_table(facts, jobs_of(facts.study, facts.sizes))
    text = text_of(facts, table)
    first = r"\d+ jobs, \S+ core-hours, about .+ on 4 cores; 0 GPU-hours; peak memory .+ on disk"
    assert re.fullmatch(first, text.splitlines()[0])
    for words in ("what takes most core-hours:", "cheaper by", "most of the disk", "GPU-hours:"):
        assert words in text


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (0.0123, "0.012"), (2.34, "2.3"), (1234.5, "1,234")]
)
def test_numbers_have_two_digits(value, written):
    assert number(value) == written


def test_amounts_and_durations_are_in_the_unit_that_suits_them():
    assert [amount(x) for x in (12, 1200, 3.4e6)] == ["12 MB", "1.2 GB", "3.4 TB"]
    assert [duration(x) for x in (0.01, 0.5, 30)] == ["36 seconds", "30 minutes", "30 hours"]
