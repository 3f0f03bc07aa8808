"""One file out of real zip archives, good and bad."""

import gzip
import re
import struct
import zipfile
from types import SimpleNamespace

import pytest

import unpack
from plmbench.core.errors import InputError
from plmbench.data.archives import extract_member

MEMBER = "splits/two_vs_many.csv"
TEXT = b"sequence,target,set,validation\n" + b"MKV,1.5,train,True\n" * 1000
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def archive(folder, contents=None, method=zipfile.ZIP_DEFLATED):
    """Write a zip of {name: bytes} and return its path."""
    path = folder / "splits.zip"
    with zipfile.ZipFile(path, "w", method) as opened:
        for name, content in (contents or {MEMBER: TEXT}).items():
            opened.writestr(name, content)
    return path


def with_header(path, offset, form, value):
    """Overwrite one field of the (only) member's entry in the central directory."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.rindex(b"PK\x01\x02") + offset, value)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("method", METHODS)
def test_a_member_comes_out_whole_under_our_name(tmp_path, method):
    contents = {"splits/": b"", "splits/sampled.csv": b"other", MEMBER: TEXT}
    extract_member(archive(tmp_path, contents, method), MEMBER, tmp_path / "out" / "ours.csv")
    assert (tmp_path / "out" / "ours.csv").read_bytes() == TEXT
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["ours.csv"]


def test_an_empty_member_gives_an_empty_file(tmp_path):
    extract_member(archive(tmp_path, {"empty": b""}), "empty", tmp_path / "ours")
    assert (tmp_path / "ours").read_bytes() == b""


@pytest.mark.parametrize("member", ["../up.csv", "../../up.csv", "{folder}/absolute.csv"])
def test_a_name_that_leads_elsewhere_is_only_looked_up(tmp_path, member):
    member = member.format(folder=tmp_path / "elsewhere")
    source = archive(tmp_path, {member: TEXT})
    extract_member(source, member, tmp_path / "a" / "b" / "ours.csv")
    files = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert files == {"splits.zip", "a/b/ours.csv"}


def refused(source, folder, pattern, member=MEMBER, **settings):
    """Assert that a member is refused, in words that match, and that nothing is left of it."""
    out = folder / "out" / "ours.csv"
    with pytest.raises(InputError, match=pattern) as caught:
        extract_member(source, member, out, **settings)
    assert str(source) in str(caught.value)
    assert list(out.parent.iterdir()) == []


def test_an_absent_member_is_named_with_the_nearest_and_those_that_are_there(tmp_path):
    source = archive(tmp_path, {"splits/": b"", MEMBER: TEXT, "splits/sampled.csv": TEXT})
    names = f"nearest is '{MEMBER}'; it holds 'splits/sampled.csv', '{MEMBER}'$"
    refused(source, tmp_path, re.escape(names[:-1]) + "$", member="two_vs_many.csv")


@pytest.mark.parametrize("member", ["splits/", "splits", ""])
def test_a_folder_is_no_member(tmp_path, member):
    source = archive(tmp_path, {"splits/": b"", MEMBER: TEXT})
    refused(source, tmp_path, f"holds no file '{member}'", member=member)


def test_a_message_shows_some_of_many_names(tmp_path):
    source = archive(tmp_path, {f"{i:03}.csv": b"" for i in range(50)})
    refused(source, tmp_path, "'019.csv' and 30 more$", member="none")


def test_an_encrypted_member_is_refused(tmp_path):
    refused(
        with_header(archive(tmp_path), 8, "<H", 1), tmp_path, "is encrypted; .* without a password"
    )


def test_an_unknown_way_of_packing_is_refused(tmp_path):
    refused(with_header(archive(tmp_path), 10, "<H", 99), tmp_path, "not supported")


def test_a_wrong_checksum_is_refused(tmp_path):
    refused(with_header(archive(tmp_path), 16, "<I", 1), tmp_path, "Bad CRC-32.*fetch.*again")


@pytest.mark.parametrize("method", METHODS)
def test_altered_bytes_are_refused(tmp_path, method):
    source = archive(tmp_path, method=method)
    data = bytearray(source.read_bytes())
    middle = (30 + len(MEMBER) + data.rindex(b"PK\x01\x02")) // 2
    data[middle] ^= 0xFF
    source.write_bytes(data)
    refused(source, tmp_path, "cannot unpack")


@pytest.mark.parametrize("content", [b"", b"PK", "cut off", "without its end"])
def test_what_is_no_whole_zip_is_refused(tmp_path, content):
    source = archive(tmp_path)
    data = source.read_bytes()
    content = {"cut off": data[:60], "without its end": data[:-10]}.get(content, content)
    source.write_bytes(content)
    refused(source, tmp_path, r"cannot unpack .* \(File is not a zip file\); fetch")


@pytest.mark.parametrize(
    ("content", "name", "remedy"),
    [
        (b"<html>404: Not Found</html>", "an HTML page", "fetch the file again"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", "git lfs pull"),
        (bytes(400), "filled with zeros", "restore it"),
        (TEXT, "a table", "give the split no path"),
        (b">a TARGET=1 SET=train\nMKV\n", "FASTA", "give the split no path"),
        (gzip.compress(TEXT), r"zipped \(gzip\)", "give the split no path"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "give the split no path"),
    ],
)
def test_what_is_no_zip_at_all_is_named(tmp_path, content, name, remedy):
    source = archive(tmp_path)
    source.write_bytes(content)
    refused(source, tmp_path, f"is {name}, not a zip or tar archive; .*{remedy}")


def test_an_archive_that_is_not_there_is_named(tmp_path):
    refused(tmp_path / "none.zip", tmp_path, "No such file")


def test_a_member_may_be_as_large_as_the_limit_and_no_larger(tmp_path):
    source = archive(tmp_path)
    extract_member(source, MEMBER, tmp_path / "ours.csv", largest=len(TEXT))
    refused(source, tmp_path, "more than 19,030 bytes", largest=len(TEXT) - 1)


def bomb(folder, size):
    """Write a zip whose member unpacks to `size` zeros, 1,029 times what it is packed."""
    path, zeros = folder / "bomb.zip", bytes(1 << 20)
    opened = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
    with opened, opened.open(MEMBER, "w") as file:
        for _ in range(size // len(zeros)):
            file.write(zeros)
    return path


def test_a_bomb_is_refused(tmp_path):
    refused(bomb(tmp_path, 128 << 20), tmp_path, "bytes packed, unpacks to more than 130,")


def test_a_bomb_that_lies_about_its_packed_size_is_refused(tmp_path):
    source = with_header(bomb(tmp_path, 128 << 20), 20, "<I", 1 << 30)
    refused(source, tmp_path, "unpacks to more than|cannot unpack")


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path):
    source = with_header(bomb(tmp_path, 128 << 20), 24, "<I", 1000)
    refused(source, tmp_path, "cannot unpack")


def test_zeros_that_do_no_harm_come_out(tmp_path):
    extract_member(bomb(tmp_path, 64 << 20), MEMBER, tmp_path / "ours")
    assert (tmp_path / "ours").stat().st_size == 64 << 20


def test_what_was_there_stays_until_the_new_file_is_whole(tmp_path):
    (tmp_path / "ours.csv").write_bytes(b"before")
    with pytest.raises(InputError):
        extract_member(archive(tmp_path), "none", tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_bytes() == b"before"
    extract_member(archive(tmp_path), MEMBER, tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_bytes() == TEXT


def test_the_rule_unpacks_one_member(tmp_path):
    unpack.main(
        SimpleNamespace(
            input=SimpleNamespace(archive=str(archive(tmp_path))),
            params=SimpleNamespace(member=MEMBER, images=""),
            output=SimpleNamespace(file=str(tmp_path / "two_vs_many.csv")),
        )
    )
    assert (tmp_path / "two_vs_many.csv").read_bytes() == TEXT
