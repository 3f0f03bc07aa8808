"""The demo through profiles/slurm, with fewer networks and sequences: embedded in jobs that have a
GPU of SLURM, its tables are those of one machine."""

import pytest

from helpers.clusters import OnCluster, missing, rule_of, run_of
from helpers.studies import ROOT, Study

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]

FEWER = (
    *("--config", "models=[onehot, mini_carp_100k, mini_esm2_100k]"),
    "tasks=[gb1_small/low_vs_high, secondary_structure_small/extract, localisation_short/extract]",
    *("probes=[ridge, logistic_small]", "controls=[ridge_shuffled]"),
    *("checkpoints=[mini_carp_600k_12]", "weights=[pretrained, reinit-0, resample-0]"),
    *("compute={device: cpu, tokens_per_batch: 4096}",),  # the GPU that SLURM gives is no real one
)
PATIENCE = 2400  # seconds


def tables_of(study, folder):
    """Run a study to its tables; return {file name: bytes}, and what Snakemake said."""
    code, output = study.snakemake(*FEWER, timeout=PATIENCE)
    assert code == 0, output
    return {path.name: path.read_bytes() for path in (folder / "results/tables").iterdir()}, output


def test_the_demo_has_the_tables_of_one_machine_byte_for_byte(cluster, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    expected, _ = tables_of(Study(here, "--directory", str(here), start_in=ROOT), here)
    found, output = tables_of(OnCluster(there, "--directory", str(there), start_in=ROOT), there)
    jobs = cluster.jobs(run_of(output))
    assert {job["Partition"] for job in jobs if rule_of(job) == "embed"} == {"gpu"}
    assert len(expected) > 8
    assert found == expected
