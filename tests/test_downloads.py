"""Downloads against a real HTTP server on loopback that behaves badly on request."""

import hashlib
import json
import multiprocessing
import subprocess
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

import fetch_weights
from plmbench.downloads import fetch
from plmbench.errors import InputError
from plmbench.locks import read_lock, record
from plmbench.logs import logged

CONTENT = bytes(range(256)) * 8192  # 2 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT at /good.pt; other paths fail in the way they are named for."""

    def do_GET(self):
        """Answer one request."""
        name = Path(self.path).stem
        self.server.requests[name] += 1
        first = self.server.requests[name] == 1
        if name == "missing":
            self.send_error(404)
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
            altered = self.server.altered.is_set()
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


def test_a_server_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/x\.pt"):
        fetch("http://127.0.0.1:9/x.pt", tmp_path / "x.pt", retries=0, timeout=0.5)


def test_the_first_recorded_checksum_stays(tmp_path):
    record(tmp_path / "lock", "a.pt", "1" * 64)
    record(tmp_path / "lock", "a.pt", "2" * 64)
    assert read_lock(tmp_path / "lock") == {"a.pt": "1" * 64}


def test_a_lock_file_that_is_not_there_holds_nothing(tmp_path):
    assert read_lock(tmp_path / "lock") == {}


def record_many(path, numbers, together):
    """Record a line a number, once every process is ready."""
    together.wait()
    for number in numbers:
        record(path, f"model{number}.pt", f"{number:064x}")


def test_processes_that_record_at_once_lose_no_line(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    together, path = spawn.Barrier(2), tmp_path / "lock"
    parts = (range(60), range(60, 120))
    processes = [spawn.Process(target=record_many, args=(path, p, together)) for p in parts]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert read_lock(path) == {f"model{i}.pt": f"{i:064x}" for i in range(120)}


def test_sha256sum_reads_the_lock_file(tmp_path):
    (tmp_path / "good.pt").write_bytes(CONTENT)
    record(tmp_path / "lock", "good.pt", SHA256)
    command = ["sha256sum", "--check", "lock"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def job(server, folder, **model):
    """Return what the rule fetch_weights hands its script."""
    (folder / "weights").mkdir(exist_ok=True)
    source = json.dumps({"url": f"{server.url}/good.pt", **model})
    return SimpleNamespace(
        params=SimpleNamespace(model=source, lock=folder / "weights.lock"),
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
