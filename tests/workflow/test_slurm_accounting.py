"""profiles/slurm where SLURM keeps accounts: status by sacct, and a report of what was unused."""

import csv
import os

import pytest

from helpers.clusters import Cluster, OnCluster, in_use, missing
from helpers.studies import new_study

PROGRAMS = ("slurmdbd", "mariadbd", "sacct")
SKIP = missing(*PROGRAMS, option="--accounting")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(SKIP), reason=SKIP)]

AFTER = 100  # its ports are far from those of a cluster without accounts, which may be up
OPTIONS = (
    *("--slurm-status-command", "sacct", "--slurm-efficiency-report"),
    *("--slurm-efficiency-report-path", "results/efficiency"),
)


@pytest.fixture
def cluster(tmp_path):
    """Return a Cluster that keeps accounts, whose commands Snakemake finds."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    (tmp_path / "slurm").mkdir()
    with in_use(Cluster(tmp_path / "slurm", AFTER + int(worker), "--accounting")) as cluster:
        yield cluster


def test_with_accounts_a_report_says_how_much_of_its_request_a_job_used(cluster, tmp_path):
    study = OnCluster(new_study(tmp_path / "a study").root)
    output = study.run("results/sequences/toy.tsv", *OPTIONS)
    assert "Efficiency report for workflow" in output
    (report,) = (study.root / "results/efficiency").glob("*.csv")
    (row,) = csv.DictReader(report.read_text().splitlines())
    assert row["RuleName"] == "rule_sequences_wildcards_toy"
    assert float(row["RequestedMem_MB"]) >= 1000
    assert 0 < float(row["MaxRSS_MB"]) < float(row["RequestedMem_MB"])
