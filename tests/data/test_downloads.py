"""Downloads against a real HTTP server on loopback that behaves badly on request."""

import hashlib
import os
import stat
import time

import pytest

from helpers.servers import CONTENT, GIT_SHA1, SHA256, Files, Misbehaving, serving
from plmbench.core.errors import InputError
from plmbench.core.logs import logged
from plmbench.data.downloads import fetch


@pytest.fixture
def server():
    """Serve until the test ends."""
    with serving(Misbehaving) as server:
        yield server


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


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<!DOCTYPE html>\n<title>Sign in</title>", "an HTML page"),
        (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "XML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
    ],
)
def test_what_stands_in_place_of_a_file_is_no_download_though_no_checksum_says_so(
    content, name, tmp_path
):
    with serving(Files) as server:
        server.files = {"page.csv": content, "table.csv": b"sequence,target,set\n"}
        with pytest.raises(InputError, match=f"page.csv: it is {name}, not the file"):
            fetch(f"{server.url}/page.csv", tmp_path / "x.csv")
        assert list(tmp_path.iterdir()) == []
        fetch(f"{server.url}/page.csv", tmp_path / "x.csv", mirrors=[f"{server.url}/table.csv"])
    assert (tmp_path / "x.csv").read_bytes() == b"sequence,target,set\n"
