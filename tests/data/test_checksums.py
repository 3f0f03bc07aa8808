"""Checksums: git's of a file, and the lock file in which those of first downloads are kept."""

import hashlib
import multiprocessing
import subprocess

from plmbench.data.checksums import read_lock, record
from plmbench.data.downloads import git_sha1_of_file

CONTENT = b"not empty"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
GIT_SHA1 = "ba163a50bda02658896bd37753b6000df510f38f"  # git hash-object


def test_the_git_sha1_is_the_one_that_git_gives(tmp_path):
    (tmp_path / "x").write_bytes(CONTENT)
    (tmp_path / "empty").touch()
    assert git_sha1_of_file(tmp_path / "x") == GIT_SHA1
    assert git_sha1_of_file(tmp_path / "empty") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_the_first_recorded_checksum_stays(tmp_path):
    record(tmp_path / "lock", "a.pt", "1" * 64)
    record(tmp_path / "lock", "a.pt", "2" * 64)
    assert read_lock(tmp_path / "lock") == {"a.pt": "1" * 64}


def test_a_lock_file_that_is_not_there_holds_nothing(tmp_path):
    assert read_lock(tmp_path / "lock") == {}


def record_many(path, numbers, together):
    """Record one line per number, once every process is ready."""
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
