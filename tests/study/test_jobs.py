"""What jobs read and ask for, as functions of their wildcards, without Snakemake."""

from types import SimpleNamespace

import pytest

from helpers.configurations import GB1, RESIDUES, copied, spoiled, study
from plmbench.data.shards import Shard
from plmbench.study import resources
from plmbench.study.files import SHARD, Files
from plmbench.study.job_inputs import JobInputs
from plmbench.study.job_resources import JobResources, bytes_of

NETWORK = "mini_carp_600k"
SHARDS = {name: Shard(name, 9, residues, "5" * 16) for name, residues in [("a", 10), ("b", 10**8)]}


class Wildcards(SimpleNamespace):
    """Names as attributes and as keys, as Snakemake has them."""

    def __getitem__(self, key):
        return getattr(self, key)


def of(dataset=GB1, model=NETWORK, **names):
    """Return the Wildcards of a job."""
    return Wildcards(dataset=dataset, model=model, weights="pretrained", **names)


class Ancient(str):
    """A path that is marked as Snakemake marks it: still text."""


def job_inputs(made, root, digest=lambda path: f"content of {path}"):
    """Return the JobInputs of a study whose workflow is in `root`."""
    return JobInputs(made, Files(made, root), lambda _: SHARDS, Ancient, digest)


@pytest.fixture
def inputs(tmp_path):
    """Return the JobInputs of the shipped study."""
    return job_inputs(study(), tmp_path)


@pytest.fixture
def asked():
    """Return the JobResources of the shipped study on CPUs."""
    return JobResources(study(compute={"device": "cpu"}), lambda _: SHARDS)


def test_the_age_of_a_shards_table_says_nothing(inputs):
    found = inputs.shard_tables(of(shard="b"))
    assert found["sequences"] == f"results/sequences/{GB1}/b.tsv"
    assert found["sites"] == f"results/sequences/{GB1}/{'5' * 16}.sites.tsv"
    assert {type(path) for path in found.values()} == {Ancient}


def test_a_shard_without_positions_of_mutation_reads_none(inputs):
    assert set(inputs.shard_tables(of(RESIDUES, shard="a"))) == {"sequences"}


def test_shards_are_joined_in_their_order(inputs):
    folder = f"results/embeddings/{GB1}/{NETWORK}/pretrained"
    assert inputs.shard_files(of()) == [f"{folder}/a.h5", f"{folder}/b.h5"]


def test_a_checkpoint_is_the_users_own_a_download_or_none(inputs):
    assert inputs.checkpoint(of(model="onehot")) == {}
    assert inputs.checkpoint(of())["weights"].endswith(f"{NETWORK}.pt")
    path = inputs.checkpoint(of(model="esm2_t6_8M_UR50D"))["weights"]
    assert path.split("/")[:2] == ["results", "weights"]


def flat(files):
    """Return the files of an input function's answer."""
    if isinstance(files, str):
        return [files]
    return [file for part in getattr(files, "values", lambda: files)() for file in flat(part)]


GIVEN = {
    "table": ("split_files", of(split="sampled")),
    "tables": ("dataset_files", of()),
    "residues": ("split_files", of(RESIDUES, split="extract")),
    "wild type": ("wild_type", of()),
    "checkpoint": ("checkpoint", of()),
    "recipe": ("proteins", of(recipe="mini_carp_100k")),
}


@pytest.mark.parametrize("role", GIVEN)
def test_the_age_of_a_users_file_says_nothing_and_its_content_is_told(role, tmp_path):
    name, wildcards = GIVEN[role]
    asked = []
    inputs = job_inputs(study(), tmp_path, lambda path: asked.append(path) or "f" * 16)
    files = flat(getattr(inputs, name)(wildcards))
    inputs.contents(getattr(inputs, name))(wildcards)
    assert files
    assert {type(file) for file in files} == {Ancient}
    assert asked == files


def test_a_copy_of_a_download_is_known_by_its_content_and_a_download_by_its_name(tmp_path):
    folder, asked = copied(tmp_path / "config"), []
    for own in ({}, {"path": "/data/aav.zip"}):
        spoiled(folder, "datasets", lambda c, own=own: c["aav"]["download"].update(own))
        made = study(folder, tasks=["aav/two_vs_many"])
        inputs = job_inputs(made, tmp_path, lambda path: asked.append(path) or "f" * 16)
        wildcards = of("aav", split="two_vs_many", file="path")
        inputs.contents(inputs.archive)(wildcards)
        assert asked == list(own.values())
        assert isinstance(inputs.archive(wildcards), Ancient) == bool(own)


def test_a_network_that_a_recipe_trained_is_known_by_its_age(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = copied(tmp_path / "config")
    path = "results/pretraining/x/x.pt"
    spoiled(folder, "models", lambda c: c[NETWORK].update(path=path))
    inputs = job_inputs(study(folder), tmp_path, None)
    assert inputs.checkpoint(of()) == {"weights": path}
    assert not isinstance(inputs.checkpoint(of())["weights"], Ancient)
    assert inputs.contents(inputs.checkpoint)(of())


def test_contents_differ_by_content_role_and_order_and_not_by_place(tmp_path):
    held = {"a": "1", "elsewhere/a": "1", "b": "2"}
    known = job_inputs(study(), tmp_path, held.get).contents_of
    assert known(["a", "b"]) == known(["elsewhere/a", "b"])
    groups = ["a", ["a"], {"data": "a"}, {"held_out": "a"}, "b", ["a", "b"], ["b", "a"]]
    groups += [{"data": "a", "held_out": "b"}, {"data": "b", "held_out": "a"}, [["a"], ["b"]]]
    groups += ["results/scores/a", "results/scores/b", []]
    assert len({known(files) for files in groups}) == len(groups)


def test_scores_and_predictions_of_a_task_are_in_one_order(inputs):
    names = of(split="low_vs_high")
    scores, predictions = inputs.task_scores(names), inputs.task_predictions(names)
    assert len(scores) == len(predictions) == len(inputs.study.arms(GB1))
    assert [s.split("/")[2:6] for s in scores] == [p.split("/")[2:6] for p in predictions]


def test_a_larger_shard_asks_for_more_time_and_an_unknown_one_for_the_least(asked):
    small, large, unknown = (asked.embed_runtime(of(shard=s), 1, 1) for s in ("a", "b", "c"))
    assert unknown <= small < large


def test_a_later_attempt_asks_for_more(asked):
    names = of(shard="b", probe="ridge")
    assert asked.embed_memory(names, 2) == 2 * asked.embed_memory(names, 1)
    assert asked.embed_runtime(names, 1, 3) == 3 * asked.embed_runtime(names, 1, 1)


def test_a_job_that_joins_asks_for_little_whatever_the_model(asked):
    large = of(model="esm2_t36_3B_UR50D")
    assert asked.attributes_memory(large, 1) == asked.attributes_memory(of(), 1)
    assert asked.attributes_memory(of(), 1) == resources.BASE_MB < asked.embed_memory(large, 1)


def test_a_probe_counts_the_bytes_of_shards_that_are_there(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = of(probe="ridge")
    joined = tmp_path / "joined.h5"
    joined.write_bytes(bytes(10))
    shard = tmp_path / SHARD.format(dataset=GB1, model=NETWORK, weights="pretrained", shard="a")
    job = SimpleNamespace(embeddings=str(joined))
    assert asked.bytes_probed(names, job) == 10
    shard.parent.mkdir(parents=True)
    shard.write_bytes(bytes(1000))
    assert asked.bytes_probed(names, job) == 1010


def test_snakemake_learns_of_an_input_that_is_not_there_yet(tmp_path):
    with pytest.raises(FileNotFoundError):
        bytes_of([str(tmp_path / "later.tsv")])


@pytest.mark.parametrize(
    ("compute", "megabytes", "gpus"),
    [
        ({}, 10_000, 0),  # no file is looked at
        ({"probe_device": "cpu", "device": "cuda"}, 10_000, 0),
        ({"probe_device": "cuda"}, 1, 1),
        ({"probe_device": "auto"}, 1, 0),
        ({"probe_device": "auto"}, 10_000, 1),
        ({"probe_device": "auto", "device": "cpu"}, 10_000, 0),
    ],
)
def test_a_probe_asks_for_a_gpu_where_it_may_and_its_layers_are_large(
    monkeypatch, compute, megabytes, gpus
):
    asked = JobResources(study(compute=compute), lambda _: {})
    monkeypatch.setattr(asked, "bytes_probed", lambda wildcards, input: megabytes * 10**6)
    assert asked.probe_gpus(of(probe="ridge"), None) == gpus
    environment = resources.probe_environment(asked.study)
    assert environment == ("embed" if compute.get("probe_device", "cpu") != "cpu" else "probe")
