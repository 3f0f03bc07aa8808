"""`snakemake cost`: what a study costs, held to what it then took."""

import csv

import pytest

from plmbench.study.cost import COLUMNS

pytestmark = pytest.mark.runs

TIMES = 2  # between the estimate for the small study and what its benchmark files say


def rows_of(study):
    """Return the rows of results/cost.tsv."""
    lines = study.read("results/cost.tsv").splitlines()
    return list(csv.DictReader(lines, delimiter="\t"))


def total(rows, column):
    """Return the sum of a column."""
    return sum(float(row[column] or 0) for row in rows)


def test_the_estimate_is_held_to_what_the_finished_study_took(study):
    output = study.run("cost")
    rows = rows_of(study)
    assert list(rows[0]) == COLUMNS
    jobs = study.counts("--forceall")
    by_rule = {row["rule"]: 0 for row in rows if row["rule"]}
    for row in rows:
        by_rule[row["rule"]] = by_rule.get(row["rule"], 0) + int(row["jobs"])
    assert {rule: by_rule[rule] for rule in jobs} == jobs
    assert total(rows, "measured_jobs") > 50
    assert "held to results/benchmarks" in output
    assert not study.jobs()  # it makes nothing stale


# Of jobs this short Snakemake measures what its samples, half a second apart, happen to see: for
# the same study 13 to 23 s. So this is for a quiet machine and a person, and not for every change.
@pytest.mark.slow
def test_the_estimate_is_near_to_what_the_finished_study_took(study):
    study.run("cost")
    rows = rows_of(study)
    measured, expected = total(rows, "measured_core_hours"), total(rows, "held_to")
    assert measured / TIMES < expected < measured * TIMES


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("cost={cores: 64}", "on 64 cores"),
        ("cost={card_tflops: 100}", "GPU-hours: as stated, 100 TFLOP/s"),
        ("compute={device: cpu}", "no GPU here"),
    ],
)
def test_another_machine_can_be_reckoned_with(settings, words, study):
    assert words in study.run("cost", "--config", settings)
