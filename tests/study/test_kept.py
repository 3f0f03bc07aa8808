"""What is kept for the next start: damage and full disks cost time, and nothing else."""

import json

import pytest

from plmbench.study.kept import keep, read_kept

ENTRIES = {"a": [[1, 2], "digest"], "ä": [[], ""]}


def test_what_is_kept_comes_back_and_nothing_is_left_beside_it(tmp_path):
    keep(tmp_path / "new/x.json", ENTRIES)
    assert read_kept(tmp_path / "new/x.json", list) == ENTRIES
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["x.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "3", '{"a": 1}', '{"a": null}', "\0\xff", "[" * 100_000, '{"a": [1]'],
    ids=range(10),
)
def test_a_damaged_file_holds_nothing_and_is_written_anew(content, tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(content.encode("latin-1"))
    assert read_kept(path, list) == {}
    keep(path, ENTRIES)
    assert read_kept(path, list) == ENTRIES


def test_where_no_file_can_be_written_nothing_is_kept_and_nothing_is_left(tmp_path):
    (tmp_path / "taken").write_text("no folder")
    (tmp_path / "x.json").mkdir()  # what is no file cannot be replaced by one
    for path in (tmp_path / "taken/x.json", tmp_path / "x.json"):
        keep(path, ENTRIES)
        assert read_kept(path, list) == {}
    assert {path.name for path in tmp_path.iterdir()} == {"taken", "x.json"}


def test_what_cannot_be_written_whole_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "x.json"
    keep(path, ENTRIES)
    with pytest.raises(TypeError):
        keep(path, {"a": object()})
    assert json.loads(path.read_text()) == ENTRIES
    assert [each.name for each in tmp_path.iterdir()] == ["x.json"]
