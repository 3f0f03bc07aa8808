"""The line and the failures of `--logger brief`, through profiles/slurm."""

import re

import pytest

from helpers.clusters import OnCluster, missing
from helpers.faults import truncate_checkpoint
from helpers.studies import ROOT, new_study

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]


def test_a_failed_job_of_the_cluster_is_told_by_its_own_log(cluster, tmp_path):
    config = {"models": ["tiny_carp"], "tasks": ["toy/first"], "weights": ["pretrained"]}
    config |= {"compute": {"device": "cpu"}}
    study = OnCluster(new_study(tmp_path / "a study", families=["carp"], **config).root)
    truncate_checkpoint(study)
    within = ("env", f"PYTHONPATH={ROOT}/profiles/loggers")
    options = ("--logger", "brief", "--retries", "0")
    process = study.start("embeddings", *options, within=within)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1, output
    assert re.search(r"^\d+ of \d+ jobs done", output, re.M), output
    assert re.search(r"^Failed: embed toy/tiny_carp/pretrained\n  checkpoint ", output, re.M), (
        output
    )
    assert re.search(r"^  log:   results/logs/embed/toy/tiny_carp/", output, re.M)
    assert re.search(r"^Stopped: \d+ of \d+ jobs done, 1 failed\.", output, re.M)
    assert len(output.splitlines()) < 40, output
