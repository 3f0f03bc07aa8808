"""The scripts that fetch checkpoints and data sets: what they go by, and what they record."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import fetch_dataset
import fetch_folder
import fetch_weights
from helpers.servers import CONTENT, GIT_SHA1, SHA256, Misbehaving, serving
from plmbench.core.errors import InputError
from plmbench.data.checksums import read_lock, record


@pytest.fixture
def server():
    """Serve until the test ends."""
    with serving(Misbehaving) as server:
        yield server


def job(server, folder, **model):
    """Return what the rule fetch_weights hands its script."""
    (folder / "weights").mkdir(exist_ok=True)
    source = json.dumps({"url": f"{server.url}/good.pt", **model})
    return SimpleNamespace(
        wildcards=SimpleNamespace(model="good"),
        params=SimpleNamespace(model=source),
        config={"lock": folder / "weights.lock"},
        output=SimpleNamespace(weights=str(folder / "weights" / "good.pt")),
    )


def test_the_rule_records_the_checksum_of_a_first_download(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PLMBENCH_WEIGHTS", raising=False)
    fetch_weights.main(job(server, tmp_path))
    assert read_lock(tmp_path / "weights.lock") == {"good.pt": SHA256}
    assert (tmp_path / "weights" / "good.pt").read_bytes() == CONTENT


def test_the_rule_refuses_what_differs_from_the_checksum_of_the_catalogue(
    server, tmp_path, monkeypatch
):
    monkeypatch.delenv("PLMBENCH_WEIGHTS", raising=False)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between retries
    with pytest.raises(InputError, match=r"good\.pt.*hash"):
        fetch_weights.main(job(server, tmp_path, sha256="0" * 64))
    assert read_lock(tmp_path / "weights.lock") == {}


def test_the_rule_links_into_a_shared_folder(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PLMBENCH_WEIGHTS", str(tmp_path / "shared folder"))
    fetch_weights.main(job(server, tmp_path))
    assert (tmp_path / "weights" / "good.pt").is_symlink()
    assert (tmp_path / "shared folder" / "good.pt").read_bytes() == CONTENT


def test_a_file_that_the_server_altered_is_refused_by_the_recorded_checksum(
    server, tmp_path, monkeypatch
):
    monkeypatch.delenv("PLMBENCH_WEIGHTS", raising=False)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between retries
    first = job(server, tmp_path)
    fetch_weights.main(first)
    Path(first.output.weights).unlink()
    server.altered.set()
    with pytest.raises(InputError, match=r"good\.pt.*hash"):
        fetch_weights.main(first)
    assert not Path(first.output.weights).exists()


def dataset_job(server, folder, **download):
    """Return what the rule fetch_dataset hands its script."""
    source = json.dumps({"url": f"{server.url}/good.zip", **download})
    return SimpleNamespace(
        wildcards=SimpleNamespace(download="gb1"),
        params=SimpleNamespace(download=source),
        config={"lock": folder / "datasets.lock"},
        output=SimpleNamespace(file=str(folder / "gb1.download")),
    )


def test_the_dataset_rule_records_what_has_no_published_checksum(server, tmp_path):
    first = dataset_job(server, tmp_path)
    fetch_dataset.main(first)
    assert read_lock(tmp_path / "datasets.lock") == {"gb1.download": SHA256}
    Path(first.output.file).unlink()
    server.altered.set()
    with pytest.raises(InputError, match="sha256 hash"):
        fetch_dataset.main(first)


@pytest.mark.parametrize("digests", [{"sha256": SHA256}, {"git_sha1": GIT_SHA1}])
def test_the_dataset_rule_goes_by_the_published_checksum_not_the_lock(server, tmp_path, digests):
    record(tmp_path / "datasets.lock", "gb1.download", "0" * 64)
    mirrors = [f"{server.url}/good.zip"]
    fetch_dataset.main(
        dataset_job(server, tmp_path, url=f"{server.url}/other.zip", mirrors=mirrors, **digests)
    )
    assert (tmp_path / "gb1.download").read_bytes() == CONTENT
    assert read_lock(tmp_path / "datasets.lock") == {"gb1.download": "0" * 64}


def test_the_dataset_rule_writes_no_lock_for_a_published_checksum(server, tmp_path):
    fetch_dataset.main(dataset_job(server, tmp_path, git_sha1=GIT_SHA1))
    assert not (tmp_path / "datasets.lock").exists()


FILES = ["config.json", "model.safetensors"]


def folder_job(server, folder, **model):
    """Return what the rule fetch_folder hands its script."""
    source = {"url": f"{server.url}/of/good", "revision": "v1", "files": FILES, **model}
    return SimpleNamespace(
        wildcards=SimpleNamespace(model="good", source="abc"),
        params=SimpleNamespace(model=json.dumps(source)),
        config={"lock": folder / "weights.lock"},
        output=SimpleNamespace(folder=str(folder / "abc.folder")),
    )


def test_a_folder_is_fetched_file_by_file_and_each_is_recorded(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PLMBENCH_WEIGHTS", raising=False)
    fetch_folder.main(folder_job(server, tmp_path))
    assert {p.name: p.read_bytes() for p in (tmp_path / "abc.folder").iterdir()} == dict.fromkeys(
        FILES, CONTENT
    )
    known = read_lock(tmp_path / "weights.lock")
    assert known == {f"good/v1/{name}": SHA256 for name in FILES}


def test_a_folder_is_a_link_into_a_shared_one_and_later_files_must_be_the_first_ones(
    server, tmp_path, monkeypatch
):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("PLMBENCH_WEIGHTS", str(tmp_path / "shared"))
    fetch_folder.main(folder_job(server, tmp_path))
    assert (tmp_path / "abc.folder").resolve() == tmp_path / "shared/good-abc"
    server.altered.set()
    monkeypatch.setenv("PLMBENCH_WEIGHTS", str(tmp_path / "elsewhere"))
    with pytest.raises(InputError, match=r"config\.json.*hash"):
        fetch_folder.main(folder_job(server, tmp_path))
