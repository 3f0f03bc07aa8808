"""A data set in shards ends in the tables that it gives as one, and loses one shard at most."""

import os
import re
import shutil
import signal

import h5py
import numpy as np
import pytest

from helpers.studies import Study, new_study, toy_rows, write_split
from plmbench.store.embeddings import open_embeddings
from workflow.test_faults import PATIENCE, leftovers, stopped_in

pytestmark = pytest.mark.runs

ROWS = toy_rows(150)
SCORES = "results/tables/scores.tsv"
CONFIG = {
    "tasks": ["toy/first"],
    "models": ["onehot", "tiny_carp"],
    "weights": ["pretrained", "resample-0"],
    "probes": ["ridge"],
    "controls": [],
    "compute": {"tokens_per_batch": 200},
}
FOLDER = "results/embeddings/toy/tiny_carp/pretrained"


@pytest.fixture(scope="module")
def whole(once):
    """Return the study of one shard, after its run."""
    return Study(once("whole study", lambda folder: new_study(folder, ROWS, **CONFIG).run(SCORES)))


@pytest.fixture(scope="module")
def cut(once):
    """Return the study in shards, after its run."""

    def make(folder):
        new_study(folder, ROWS, shard_residues=500, **CONFIG).run(SCORES)

    return Study(once("cut study", make))


@pytest.fixture
def sharded(cut, tmp_path):
    """Return a copy of the study in shards, for one test alone."""
    return cut.copy(tmp_path / "a study")


def shards_of(study):
    """Return the files of the shards of one embedding file, by name."""
    return sorted((study.root / FOLDER).glob("*.h5"))


def states(study, weights):
    """Return {id: every layer under every pooling, [layer, width]} of an embedding file."""
    with open_embeddings(
        study.root / f"results/embeddings/toy/tiny_carp/{weights}.h5"
    ) as embeddings:
        layers = range(embeddings.num_layers)
        values = [
            np.stack([embeddings.layer(name, i) for i in layers]) for name in embeddings.poolings
        ]
        return dict(
            zip(embeddings.ids, np.moveaxis(np.concatenate(values, axis=2), 1, 0), strict=True)
        )


def test_a_data_set_above_the_limit_is_embedded_in_shards(cut):
    assert len(shards_of(cut)) > 3
    with h5py.File(cut.root / f"{FOLDER}.h5") as file:
        assert file["mean"].is_virtual
        assert len(file["shards"]) == len(shards_of(cut))


@pytest.mark.parametrize("weights", ["pretrained", "resample-0"])
def test_embeddings_do_not_depend_on_the_number_of_shards(weights, whole, cut):
    one, many = states(whole, weights), states(cut, weights)
    assert one.keys() == many.keys()
    for name, expected in one.items():
        np.testing.assert_allclose(
            many[name], expected, rtol=0, atol=1e-6 * np.abs(expected).mean()
        )


def test_scores_do_not_depend_on_the_number_of_shards(whole, cut):
    one, many = whole.table("scores"), cut.table("scores")
    assert len(one) == len(many)
    for row, other in zip(one, many, strict=True):
        value, other_value = float(row.pop("value")), float(other.pop("value"))
        assert row == other
        assert value == pytest.approx(other_value, rel=1e-4, abs=1e-5), row


def test_a_finished_study_in_shards_has_nothing_to_do(sharded):
    assert sharded.counts(SCORES) == {}


def test_a_probe_of_shards_asks_for_memory_and_time_by_their_size(sharded):
    score = "results/scores/toy/first/tiny_carp/pretrained/ridge.tsv"
    os.truncate(shards_of(sharded)[0], 10**11)  # bytes that are not there, and take no room
    output = sharded.run("--dry-run", "--force", score, "--rerun-triggers", "input")
    asked = {name: int(n) for name, n in re.findall(r"(mem_mb|runtime)=(\d+)", output)}
    assert asked["mem_mb"] > 10**4
    assert asked["runtime"] > 600


@pytest.mark.slow
def test_an_edited_shard_size_embeds_what_is_cut_anew(sharded):
    sharded.run(SCORES, "--config", "shard_residues=100000000")
    with h5py.File(sharded.root / f"{FOLDER}.h5") as file:
        assert len(file["shards"]) == 1


@pytest.mark.slow
def test_sequences_that_are_added_embed_their_shards_alone(sharded):
    before = {path: path.stat().st_mtime_ns for path in shards_of(sharded)}
    rows = [*ROWS, *(row | {"id": f"new {row['id']}"} for row in toy_rows(3, seed=1))]
    write_split(sharded.root / "resources/datasets/toy/first.csv", rows, test_every=3)
    sharded.run(SCORES)
    kept = [path for path in before if path.stat().st_mtime_ns == before[path]]
    with h5py.File(sharded.root / f"{FOLDER}.h5") as file:
        assert len(file["ids"]) == 153
        joined = {source.file_name for source in file["mean"].virtual_sources()}
    assert len(kept) == len(before)
    assert len(joined - {f"pretrained/{path.name}" for path in before}) == 1


@pytest.mark.slow
def test_a_killed_job_loses_one_shard(sharded, cut):
    shutil.rmtree(sharded.root / FOLDER)
    (sharded.root / f"{FOLDER}.h5").unlink()
    shutil.rmtree(sharded.root / "results/scores")
    (sharded.root / SCORES).unlink()
    snakemake = sharded.start(SCORES, "--cores", "1")
    job = stopped_in(snakemake, lambda: len(shards_of(sharded)) == 2)
    os.killpg(snakemake.pid, signal.SIGKILL)
    snakemake.communicate(timeout=PATIENCE)
    job.wait(PATIENCE)
    done = {path: path.stat().st_mtime_ns for path in shards_of(sharded)}
    assert len(done) >= 2
    sharded.run("--unlock")
    sharded.run(SCORES)
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert sharded.read(SCORES) == cut.read(SCORES)
    assert not leftovers(sharded)


@pytest.mark.slow
def test_a_damaged_shard_is_named_and_made_anew_alone(sharded, cut):
    path, both = shards_of(sharded)[2], ("--config", "probes=[ridge, ridge_flip]")
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    with h5py.File(path, "r+") as file:
        file["mean"][1, 0, 0] += 1
    os.utime(path, ns=times)  # as a disk that rots
    output = sharded.fail(SCORES, *both)
    relative = path.relative_to(sharded.root)
    assert f"{relative}: damaged since it was written" in output
    assert f"delete {relative} and {FOLDER}.h5, and run again" in output
    path.unlink()
    (sharded.root / f"{FOLDER}.h5").unlink()
    counts = sharded.counts(SCORES, *both)
    assert (counts["embed"], counts["join"]) == (1, 1)
    sharded.run(SCORES, *both)
    sharded.run(SCORES)
    assert sharded.read(SCORES) == cut.read(SCORES)
