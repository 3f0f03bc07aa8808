"""The workflow through profiles/slurm, on a real SLURM of one node: the same tables, the resources
that the formula says, and nothing lost when jobs, node or user give up."""

import math
import re
import shutil
import time

import pytest

from helpers.clusters import (
    OVER,
    OnCluster,
    embedding_process,
    eventually,
    interrupt,
    missing,
    rule_of,
    run_of,
    stopped_job,
)
from helpers.studies import Study, new_study, toy_rows
from plmbench.data.shards import read_list
from plmbench.study import resources

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]

CONFIG = {
    "tasks": ["toy/first"],
    "models": ["onehot", "tiny_carp"],
    "weights": ["pretrained"],
    "probes": ["ridge"],
    "controls": [],
    "compute": {"device": "cpu", "tokens_per_batch": 1},  # so that it embeds for some seconds
}
NETWORK = "tiny_carp"
SCORES = "results/tables/scores.tsv"
EMBEDDINGS = "results/embeddings/toy/tiny_carp/pretrained.h5"
PART = "results/embeddings/toy/tiny_carp/pretrained/*.h5.part"
PATIENCE = 600  # seconds until a run must have ended
BOOT = 30  # seconds that a node is away; SLURM takes a younger job for one that is still to start


@pytest.fixture(scope="module")
def local(once):
    """Return the study after its run on one machine."""

    def make(folder):
        new_study(folder, toy_rows(1500), ["carp"], **CONFIG).run()

    return Study(once("study of one machine", make))


@pytest.fixture(scope="module")
def finished(cluster, tmp_path_factory):
    """Return the same study after its run on the cluster, its jobs' records, and what an embed
    job's environment was."""
    folder = tmp_path_factory.mktemp("on the cluster") / "a study"
    study = OnCluster(new_study(folder, toy_rows(1500), ["carp"], **CONFIG).root)
    snakemake = study.start()
    process = stopped_job(study, PART, snakemake)
    environment = process.environ()
    process.resume()
    output, _ = snakemake.communicate(timeout=PATIENCE)
    assert snakemake.returncode == 0, output
    return study, cluster.jobs(run_of(output)), environment


@pytest.fixture
def fresh(local, cluster, tmp_path):
    """Return a copy of the study in which the network has not embedded yet; what is left running
    of it is ended."""
    study = OnCluster(local.copy(tmp_path / "a study").root)
    for folder in ("embeddings/toy", "scores/toy/first", "predictions/toy/first"):
        shutil.rmtree(study.root / "results" / folder / NETWORK)
    shutil.rmtree(study.root / "results/tables")
    yield study
    study.end()
    cluster.call("scancel", "--user", "root")


def embed_jobs(cluster, output):
    """Return the records of the jobs that embedded with the network, in order of submission."""
    jobs = cluster.jobs(run_of(output))
    return [job for job in jobs if rule_of(job) == "embed" and NETWORK in job["Comment"]]


def wait_for(snakemake):
    """Return what a run said, which must succeed."""
    output, _ = snakemake.communicate(timeout=PATIENCE)
    assert snakemake.returncode == 0, output
    return output


def check_alike(study, local):
    """Check that a study has the scores of an undisturbed one, and nothing half done."""
    assert study.read(SCORES) == local.read(SCORES)
    assert not list((study.root / "results").rglob("*.part*"))


def test_every_table_is_that_of_one_machine_byte_for_byte(finished, local):
    study, _, _ = finished
    names = sorted(path.name for path in (local.root / "results/tables").iterdir())
    assert names == sorted(path.name for path in (study.root / "results/tables").iterdir())
    assert "task_verdicts.tsv" in names
    for name in names:
        assert (study.root / "results/tables" / name).read_bytes() == (
            local.root / "results/tables" / name
        ).read_bytes(), name


def test_every_rule_that_is_not_local_was_a_job_of_slurm(finished, local):
    _, jobs, _ = finished
    logs = {path.name.removesuffix(".log") for path in (local.root / "results/logs").iterdir()}
    assert {rule_of(job) for job in jobs} == logs
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}


def test_an_embed_job_has_a_gpu_of_slurm_and_no_other_job_has(finished):
    _, jobs, environment = finished
    assert environment["CUDA_VISIBLE_DEVICES"] in ("0", "1")
    assert "SLURM_JOB_ID" in environment
    for job in jobs:
        embeds = rule_of(job) == "embed"
        assert job["Partition"] == ("gpu" if embeds else "cpu")
        assert job.get("TresPerNode") == ("gres:gpu:1" if embeds else None)


def asked(study, job):
    """Return the megabytes and minutes that a job should ask for, from its input."""
    models = {"onehot": {}, NETWORK: {"num_layers": 3, "hidden_size": 32}}
    model = next((name for name in models if f"_{name}_" in job["Comment"]), None)
    size = resources.network_size(models.get(model, {}))
    results = study.root / "results"
    if rule_of(job) == "embed":
        (shard,) = read_list(results / "sequences/toy.shards.tsv")
        kept = {"onehot": 1, NETWORK: 0}[model]  # one-hot is stored flat
        return (
            resources.embed_mb(size, "cpu", kept, tokens=1),
            resources.embed_minutes(size, "cpu", 1, shard.residues),
        )
    weights = {"onehot": "none", NETWORK: "pretrained"}[model]
    joined = results / f"embeddings/toy/{model}/{weights}.h5"
    read = sum(path.stat().st_size for path in (joined, *joined.with_suffix("").glob("*.h5")))
    return resources.probe_mb(read, size.num_layers + 1, math.inf), resources.probe_minutes(read)


def test_jobs_ask_for_the_memory_and_time_of_the_formula(finished):
    study, jobs, _ = finished
    minutes = re.compile(r"(?:(\d+)-)?(\d+):(\d+):00")
    found = [job for job in jobs if rule_of(job) in ("embed", "probe")]
    assert len(found) == 4
    for job in found:
        days, hours, rest = minutes.fullmatch(job["TimeLimit"]).groups("0")
        time = (int(days) * 24 + int(hours)) * 60 + int(rest)
        megabytes, expected = asked(study, job)
        assert (job["MinMemoryNode"], time) == (f"{megabytes}M", expected), job


def test_a_job_that_outgrows_its_memory_is_submitted_again_with_more(fresh, cluster, local):
    enough = [f"embed:{text}" for text in ("slurm_partition=gpu", "gres=gpu:1", "gpu=0")]
    output = fresh.run(SCORES, "--set-resources", *enough, "embed:mem_mb=250*attempt**2")
    first, second = embed_jobs(cluster, output)
    assert (first["MinMemoryNode"], second["MinMemoryNode"]) == ("250M", "1000M")
    assert first["JobState"] != "COMPLETED"
    assert second["JobState"] == "COMPLETED"
    said = [path.read_text() for path in (fresh.root / "results/logs/slurm").rglob("*.log")]
    assert any("exceeded memory limit" in text for text in said), said
    check_alike(fresh, local)


def test_ctrl_c_cancels_all_jobs_and_the_next_run_completes_alike(fresh, cluster, local):
    snakemake = fresh.start(SCORES)
    stopped_job(fresh, PART, snakemake)
    interrupt(snakemake)
    output, _ = snakemake.communicate(timeout=PATIENCE)
    assert snakemake.returncode == 1, output
    eventually("no job is left", lambda: not cluster.waiting_or_running())
    assert "CANCELLED" in {job["JobState"] for job in embed_jobs(cluster, output)}
    assert embedding_process(fresh) is None
    assert not (fresh.root / EMBEDDINGS).exists()
    fresh.run(SCORES)
    check_alike(fresh, local)


def test_a_job_cancelled_by_hand_is_done_again(fresh, cluster, local):
    snakemake = fresh.start(SCORES)
    process = stopped_job(fresh, PART, snakemake)
    cluster.call("scancel", process.environ()["SLURM_JOB_ID"])
    output = wait_for(snakemake)
    states = [job["JobState"] for job in embed_jobs(cluster, output)]
    assert states == ["CANCELLED", "COMPLETED"]
    check_alike(fresh, local)


def test_a_job_survives_the_end_of_its_nodes_daemon(fresh, cluster, local):
    snakemake = fresh.start(SCORES)
    process = stopped_job(fresh, PART, snakemake)
    cluster.daemon().kill()
    process.resume()
    cluster.start_daemon()
    output = wait_for(snakemake)
    assert [job["JobState"] for job in embed_jobs(cluster, output)] == ["COMPLETED"]
    check_alike(fresh, local)


def test_a_job_of_a_node_that_broke_down_is_done_again(fresh, cluster, local):
    snakemake = fresh.start(SCORES)
    stopped_job(fresh, PART, snakemake)
    cluster.break_down()
    time.sleep(BOOT)
    cluster.start_daemon()
    output = wait_for(snakemake)
    first, *_, last = [job["JobState"] for job in embed_jobs(cluster, output)]
    assert first in OVER - {"COMPLETED"}
    assert last == "COMPLETED"
    check_alike(fresh, local)
