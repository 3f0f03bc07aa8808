"""Downloads against a real HTTP server on loopback that behaves badly on request."""

import hashlib
import json
import os
import stat
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

import fetch_dataset
import fetch_weights
from plmbench.downloads import fetch
from plmbench.errors import InputError
from plmbench.locks import read_lock, record
from plmbench.logs import logged

CONTENT = bytes(range(256)) * 8192  # 2 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
GIT_SHA1 = "c83fd13f04e9d24e26ff1b4e0522d8f3472a6583"  # `git hash-object` of CONTENT


REFUSALS = {"missing": 404, "overloaded": 503}


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT at /good.pt; other paths fail in the way they are named for."""

    def do_GET(self):
        """Answer one request."""
        name = Path(self.path).stem
        self.server.requests[name] += 1
        first = self.server.requests[name] == 1
        if name in REFUSALS:
            self.send_error(REFUSALS[name])
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if name == "truncated" or (name == "truncated_once" and first):
            self.wfile.write(CONTENT[:1000])
        elif name == "stalling":
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            self.server.stopped.wait(10)
        else:
            altered = self.server.altered.is_set() or name == "other"
            self.wfile.write(CONTENT[::-1] if altered else CONTENT)

    def log_message(self, *arguments):
        """Keep the console quiet."""


@pytest.fixture
def server():
    """Serve on loopback until the test ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.stopped, server.altered = (
        Counter(),
        threading.Event(),
        threading.Event(),
    )
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.stopped.set()
    server.shutdown()
    server.server_close()


def test_a_good_file_arrives_whole_and_the_log_says_how_much(server, tmp_path):
    with logged(tmp_path / "log"):
        digest = fetch(f"{server.url}/good.pt", tmp_path / "in" / "good.pt", SHA256)
    assert digest == SHA256
    assert (tmp_path / "in" / "good.pt").read_bytes() == CONTENT
    assert "good.pt: 2.1 of 2.1 MB" in (tmp_path / "log").read_text()
    assert [p.name for p in (tmp_path / "in").iterdir()] == ["good.pt"]


def test_a_file_that_is_there_and_right_is_not_fetched_again(server, tmp_path):
    for _ in range(2):
        fetch(f"{server.url}/good.pt", tmp_path / "good.pt", SHA256)
    assert server.requests["good"] == 1


def test_a_file_put_there_by_hand_is_taken_where_no_checksum_is_known(server, tmp_path):
    (tmp_path / "good.pt").write_bytes(b"by hand")
    digest = fetch(f"{server.url}/good.pt", tmp_path / "good.pt")
    assert digest == hashlib.sha256(b"by hand").hexdigest()
    assert server.requests["good"] == 0


def test_an_altered_file_that_is_there_is_fetched_anew(server, tmp_path):
    (tmp_path / "good.pt").write_bytes(CONTENT[:-1])
    fetch(f"{server.url}/good.pt", tmp_path / "good.pt", SHA256)
    assert (tmp_path / "good.pt").read_bytes() == CONTENT


def test_a_transfer_that_breaks_off_is_tried_again(server, tmp_path):
    fetch(f"{server.url}/truncated_once.pt", tmp_path / "x.pt", retries=1)
    assert (tmp_path / "x.pt").read_bytes() == CONTENT
    assert server.requests["truncated_once"] == 2


@pytest.mark.parametrize(
    ("name", "sha256", "reason"),
    [
        ("truncated", None, "IncompleteRead"),
        ("missing", None, "404"),
        ("stalling", None, "timed out"),
        ("good", "0" * 64, "hash"),
    ],
)
def test_what_cannot_be_had_is_named_and_leaves_no_file(server, tmp_path, name, sha256, reason):
    url, path = f"{server.url}/{name}.pt", tmp_path / f"{name}.pt"
    with pytest.raises(InputError, match=reason) as caught:
        fetch(url, path, sha256, retries=0, timeout=0.5)
    assert url in str(caught.value)
    assert str(path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing", "truncated", "stalling", "other", "overloaded"])
def test_a_mirror_is_asked_when_the_first_source_fails(server, tmp_path, name):
    first, mirror = f"{server.url}/{name}.pt", f"{server.url}/good.pt"
    digest = fetch(first, tmp_path / "x.pt", SHA256, [mirror], retries=0, timeout=0.5)
    assert digest == SHA256
    assert (tmp_path / "x.pt").read_bytes() == CONTENT
    assert server.requests == {name: 1, "good": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x.pt"]


def test_mirrors_are_asked_in_turn_and_no_more_than_needed(server, tmp_path):
    mirrors = [f"{server.url}/{name}.pt" for name in ("other", "good", "second")]
    fetch(f"{server.url}/missing.pt", tmp_path / "x.pt", SHA256, mirrors)
    assert list(server.requests) == ["missing", "other", "good"]


@pytest.mark.parametrize(("name", "requests"), [("missing", 1), ("other", 1), ("overloaded", 2)])
def test_only_what_may_mend_itself_is_tried_again(server, tmp_path, monkeypatch, name, requests):
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between retries
    with pytest.raises(InputError):
        fetch(f"{server.url}/{name}.pt", tmp_path / "x.pt", SHA256, retries=1)
    assert server.requests[name] == requests


def test_when_all_sources_fail_each_is_named_with_its_reason_and_the_remedy(server, tmp_path):
    names = ("missing", "truncated", "stalling", "other")
    urls, start = [f"{server.url}/{name}.pt" for name in names], time.monotonic()
    with pytest.raises(InputError) as caught:
        fetch(urls[0], tmp_path / "x.pt", SHA256, urls[1:], retries=0, timeout=0.5)
    assert time.monotonic() - start < 4  # seconds; the stalling server would hold out for 10
    text = str(caught.value)
    for url, reason in zip(
        urls, ("404", "IncompleteRead", "timed out", "sha256 hash is"), strict=True
    ):
        text = text[text.index(url) :]
        assert reason in text
    assert f"put the file of sha256 {SHA256} there" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("digests", [{}, {"sha256": SHA256}])
def test_a_file_of_the_right_git_sha1_is_taken_and_not_fetched_again(server, tmp_path, digests):
    for _ in range(2):
        digest = fetch(
            f"{server.url}/good.pt", tmp_path / "x.pt", git_sha1=GIT_SHA1.upper(), **digests
        )
    assert digest == SHA256
    assert server.requests["good"] == 1


@pytest.mark.parametrize("digests", [{}, {"sha256": SHA256}])
def test_a_file_of_another_git_sha1_never_gets_its_name(server, tmp_path, digests):
    with pytest.raises(InputError, match=f"git_sha1 hash is {GIT_SHA1}, expected 0000"):
        fetch(f"{server.url}/good.pt", tmp_path / "x.pt", git_sha1="0" * 40, **digests)
    assert list(tmp_path.iterdir()) == []


def test_a_file_there_of_another_git_sha1_is_replaced_once_the_right_one_is_verified(
    server, tmp_path
):
    path = tmp_path / "x.pt"
    path.write_bytes(b"by hand")
    with pytest.raises(InputError, match=r"the file that is there: its git_sha1 hash"):
        fetch(f"{server.url}/other.pt", path, git_sha1=GIT_SHA1)
    assert path.read_bytes() == b"by hand"
    fetch(f"{server.url}/good.pt", path, git_sha1=GIT_SHA1)
    assert path.read_bytes() == CONTENT


def test_a_downloaded_file_is_as_readable_as_any_other(server, tmp_path):
    usual = os.umask(0o022)
    try:
        fetch(f"{server.url}/good.pt", tmp_path / "x.pt")
    finally:
        os.umask(usual)
    assert stat.S_IMODE((tmp_path / "x.pt").stat().st_mode) == 0o644


def test_what_is_no_url_is_named_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", pytest.fail)  # between retries
    with pytest.raises(InputError, match=r"gb1/splits\.zip: Invalid URL"):
        fetch("gb1/splits.zip", tmp_path / "x.zip")


def test_a_server_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/x\.pt"):
        fetch("http://127.0.0.1:9/x.pt", tmp_path / "x.pt", retries=0, timeout=0.5)


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
