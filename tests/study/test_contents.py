"""The digests of files: read once per change of a file, and never believed of another content."""

import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plmbench.study import contents
from plmbench.study.code import SCRIPTS
from plmbench.study.contents import Contents

WRONG = "0" * 16


def digest_of(text):
    """Return the digest of a text, apart from the library."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return where digests are kept, also those of files that changed a moment ago."""
    monkeypatch.setattr(contents, "UNSETTLED", -1.0)
    return tmp_path / "kept/contents.json"


@pytest.fixture
def table(tmp_path):
    """Return a file of a user."""
    (tmp_path / "table.csv").write_text("one")
    return tmp_path / "table.csv"


def spoil(kept, path):
    """Let the kept digest of a file be wrong, so that it shows whether it is believed."""
    found = json.loads(kept.read_text())
    found[str(path.resolve())][1] = WRONG
    kept.write_text(json.dumps(found))


def test_a_digest_is_that_of_the_content(kept, table):
    assert Contents(kept).digest(table) == digest_of("one")
    assert Contents(kept).digest(str(table)) == digest_of("one")


def test_what_an_earlier_process_read_is_not_read_again(kept, table):
    Contents(kept).digest(table)
    spoil(kept, table)
    assert Contents(kept).digest(table) == WRONG


def test_a_file_that_changed_a_moment_ago_is_read_again_next_time(tmp_path, table):
    kept = tmp_path / "kept.json"
    assert Contents(kept).digest(table) == digest_of("one")
    assert not kept.exists()
    time.sleep(contents.UNSETTLED + 0.1)
    Contents(kept).digest(table)
    assert kept.exists()


def overwrite(path):
    """Write a file in place."""
    path.write_text("two")


def replace(path):
    """Put another file in a file's place."""
    path.with_name("new").write_text("two")
    path.with_name("new").replace(path)


def overwrite_with_its_date(path):
    """Write as many bytes in place, and give them the date of those before."""
    before = path.stat()
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def bring_back(path):
    """Put an older file in a file's place, with its older date, as `cp -p` does."""
    path.write_text("two")
    os.utime(path, (0, 0))


def link_elsewhere(path):
    """Let a link lead to another file."""
    path.with_name("other.csv").write_text("two")
    path.unlink()
    path.symlink_to("other.csv")


CHANGES = [overwrite, replace, overwrite_with_its_date, bring_back, link_elsewhere]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_another_content_has_another_digest_whatever_its_date(change, kept, table):
    assert Contents(kept).digest(table) == digest_of("one")
    time.sleep(0.02)  # a clock of a file system ticks every few milliseconds
    change(table)
    assert Contents(kept).digest(table) == digest_of("two")
    assert Contents(kept).digest(table) == digest_of("two")


def test_a_touched_moved_or_linked_file_has_the_same_digest(kept, table, tmp_path):
    before = Contents(kept).digest(table)
    os.utime(table)
    assert Contents(kept).digest(table) == before
    (tmp_path / "link").symlink_to(table)
    assert Contents(kept).digest(tmp_path / "link") == before
    table.rename(tmp_path / "renamed")
    assert Contents(kept).digest(tmp_path / "renamed") == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"x": 1}', '{"TABLE": [1]}', '{"TABLE": [[1], "f"]}', "\udc80"]
)
def test_a_damaged_list_of_digests_is_written_anew(text, kept, table):
    kept.parent.mkdir()
    kept.write_bytes(text.replace("TABLE", str(table)).encode("utf-8", "surrogateescape"))
    assert Contents(kept).digest(table) == digest_of("one")
    spoil(kept, table)
    assert Contents(kept).digest(table) == WRONG


def test_where_nothing_can_be_written_files_are_read_each_time(kept, table):
    kept.parent.write_text("no folder")
    assert Contents(kept).digest(table) == Contents(kept).digest(table) == digest_of("one")


def test_a_file_that_is_not_there_is_an_error(kept, tmp_path):
    with pytest.raises(FileNotFoundError):
        Contents(kept).digest(tmp_path / "no.csv")


def test_processes_side_by_side_leave_a_list_that_can_be_read(kept, tmp_path):
    files = [tmp_path / f"{i}.csv" for i in range(40)]
    for file in files:
        file.write_text(file.name)

    def ask(file):
        return Contents(kept).digest(file)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, files)) == [digest_of(file.name) for file in files]
    found = json.loads(kept.read_text())  # the last to write wins; others are read again
    assert {digest for _, digest in found.values()} <= {digest_of(file.name) for file in files}
    assert list(kept.parent.iterdir()) == [kept]


@pytest.mark.slow
def test_the_second_plan_reads_nothing_of_a_gigabyte(tmp_path):
    with (tmp_path / "large.pt").open("wb") as file:
        file.truncate(10**9)
    time.sleep(contents.UNSETTLED + 0.1)
    code = "import sys, time; sys.path.insert(0, sys.argv[1])\n"
    code += "from plmbench.study.contents import Contents\nstart = time.perf_counter()\n"
    code += "Contents().digest('large.pt'); print(time.perf_counter() - start)"
    command = [sys.executable, "-c", code, str(SCRIPTS)]
    seconds = [float(subprocess.check_output(command, cwd=tmp_path)) for _ in range(2)]
    assert seconds[1] < 0.05 < seconds[0]
    assert (Path(tmp_path) / contents.KEPT).exists()
