"""Where files are, and what jobs read and ask for, without Snakemake."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.configurations import GB1, RESIDUES, copied, spoiled, study
from helpers.studies import ROOT
from plmbench.data.shards import Shard
from plmbench.study import targets
from plmbench.study.files import Files, checkpoint_of, splits_to_embed
from plmbench.study.job_inputs import JobInputs
from plmbench.study.job_resources import JobResources
from plmbench.study.resources import BASE_MB

SHARDS = {"0" * 16: Shard("0" * 16, 3, 300, "f" * 16), "1" * 16: Shard("1" * 16, 2, 9, "f" * 16)}
NAMES = {"dataset": GB1, "model": "mini_carp_600k", "weights": "pretrained"}


class Wildcards(SimpleNamespace):
    """Wildcards of a job, by attribute and by key."""

    def __getitem__(self, name):
        return getattr(self, name)


@pytest.fixture(scope="module")
def made():
    """Return the Study of one task of GB1."""
    return study(tasks=["gb1/low_vs_high"])


def inputs_of(made):
    """Return the JobInputs of a Study whose data sets have SHARDS."""
    return JobInputs(made, Files(made, ROOT), lambda dataset: SHARDS, lambda path: f"old {path}")


def test_a_data_set_named_once_lists_its_files_for_every_arm(made):
    files = targets.of_arms(made, targets.SCORES, GB1, "low_vs_high")
    assert len(files) == len(set(files)) == len(made.arms(GB1))
    assert targets.scores(made) == files
    assert len(targets.embeddings(made)) == len(made.runs())


def test_a_shard_is_read_with_its_sites_where_a_pooling_needs_them(made):
    tables = inputs_of(made).shard_tables(Wildcards(**NAMES, shard="0" * 16))
    assert tables["sequences"] == f"old results/sequences/{GB1}/{'0' * 16}.tsv"
    assert tables["sites"] == f"old results/sequences/{GB1}/{'f' * 16}.sites.tsv"
    plain = inputs_of(study(tasks=[f"{RESIDUES}/extract"]))
    names = NAMES | {"dataset": RESIDUES}
    assert set(plain.shard_tables(Wildcards(**names, shard="0" * 16))) == {"sequences"}


def test_a_join_reads_every_shard_in_order(made):
    files = inputs_of(made).shard_files(Wildcards(**NAMES))
    folder = f"results/embeddings/{GB1}/mini_carp_600k/pretrained"
    assert files == [f"{folder}/{name}.h5" for name in SHARDS]


def test_a_checkpoint_is_the_users_file_or_a_download_or_none(made):
    inputs = inputs_of(made)
    path = inputs.checkpoint(Wildcards(model="mini_carp_600k"))["weights"]
    assert Path(path).samefile(ROOT / "resources/weights/mini_carp_600k/mini_carp_600k.pt")
    assert inputs.checkpoint(Wildcards(model="onehot")) == {}
    assert inputs.checkpoint(Wildcards(model="carp_38M"))["weights"].startswith("old results/")


def test_another_address_is_another_download(tmp_path):
    folder = copied(tmp_path / "config")
    url = "https://example.org/carp_38M.pt"
    spoiled(folder, "models", lambda models: models["carp_38M"].update(url=url))
    assert checkpoint_of(study(), "carp_38M") != checkpoint_of(study(folder), "carp_38M")


def test_splits_that_need_no_download_are_embedded_with_those_of_the_tasks(made):
    assert splits_to_embed(made, GB1) == list(made.datasets[GB1]["splits"])
    aav = study(tasks=["aav/one_vs_many"])
    assert splits_to_embed(aav, "aav") == ["one_vs_many"]


def test_a_file_of_the_user_that_is_not_there_is_named_with_its_place(tmp_path):
    folder = copied(tmp_path / "config")
    spoiled(folder, "datasets", lambda d: d["gb1"].update(wild_type="nowhere.fasta"))
    made = study(folder, tasks=["gb1/low_vs_high"])
    [message] = Files(made, ROOT).missing()
    assert message.startswith("config/datasets.yaml: gb1: wild_type: there is no file ")


def test_a_job_asks_for_more_at_each_attempt(made):
    resources = JobResources(made, lambda dataset: SHARDS)
    job = Wildcards(**NAMES, shard="0" * 16)
    asked = [resources.embed_memory(job, attempt) for attempt in (1, 2)]
    assert BASE_MB < asked[0] < asked[1] == 2 * asked[0]
    assert resources.embed_runtime(job, threads=1, attempt=1) >= 10


def test_a_probe_asks_by_the_bytes_of_the_shards(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    joined = tmp_path / "results/embeddings" / GB1 / "mini_carp_600k/pretrained.h5"
    joined.with_suffix("").mkdir(parents=True)
    joined.write_bytes(b"1234")
    resources = JobResources(made, lambda dataset: SHARDS)
    read = SimpleNamespace(embeddings=joined)
    assert resources.bytes_probed(Wildcards(**NAMES), read) == 4
    (joined.with_suffix("") / f"{'0' * 16}.h5").write_bytes(b"123456")
    assert resources.bytes_probed(Wildcards(**NAMES), read) == 10
