"""Files out of real tar archives, good and bad, however they are packed."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from plmbench.core.errors import InputError
from plmbench.data.archives import contents_of, extract_member

MEMBER = "splits/two_vs_many.csv"
TEXT = b"sequence,target,set\n" + b"MKV,1.5,train\n" * 1000
MODES = ("w", "w:gz", "w:bz2", "w:xz")
LINKS = {"a link": tarfile.SYMTYPE, "a hard link": tarfile.LNKTYPE}
KINDS = LINKS | {"a pipe": tarfile.FIFOTYPE, "a device": tarfile.BLKTYPE}


def archive(folder, members, mode="w:gz", form=tarfile.PAX_FORMAT):
    """Write a tar of (name, bytes, type) and return its path."""
    path = folder / "splits.download"
    with tarfile.open(path, mode, format=form) as opened:
        for name, content, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.size = kind, len(content) if kind == tarfile.REGTYPE else 0
            info.linkname = "/etc/passwd"
            opened.addfile(info, io.BytesIO(content))
    return path


def files(contents):
    """Return the members of {name: bytes}."""
    return [(name, content, tarfile.REGTYPE) for name, content in contents.items()]


def refused(source, folder, pattern, member=MEMBER, **settings):
    """Assert that a member is refused, in words that match, and that nothing is left of it."""
    with pytest.raises(InputError, match=pattern) as caught:
        extract_member(source, member, folder / "out" / "ours.csv", **settings)
    assert str(source) in str(caught.value)
    assert list((folder / "out").iterdir()) == []


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", MODES)
def test_a_member_comes_out_whole_under_our_name(tmp_path, mode, form):
    contents = {"a" * 150: b"other", MEMBER: TEXT, "splits/é.csv": b"more"}
    if form == tarfile.USTAR_FORMAT:
        contents.pop("a" * 150)
    source = archive(tmp_path, files(contents), mode, form)
    for name, content in contents.items():
        extract_member(source, name, tmp_path / "out" / "ours.csv")
        assert (tmp_path / "out" / "ours.csv").read_bytes() == content
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["ours.csv"]
    assert contents_of(source, contents) == contents


@pytest.mark.parametrize("written", [f"./{MEMBER}", f".//{MEMBER}", MEMBER])
@pytest.mark.parametrize("asked", [f"./{MEMBER}", MEMBER])
def test_a_dot_before_a_name_is_no_other_name(tmp_path, written, asked):
    extract_member(archive(tmp_path, files({written: TEXT})), asked, tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_bytes() == TEXT


@pytest.mark.parametrize("name", ["../up.csv", "../../up.csv", "/srv/absolute.csv", "a/../../up"])
def test_a_name_that_leads_elsewhere_is_only_looked_up(tmp_path, name):
    source = archive(tmp_path, files({name: TEXT}))
    extract_member(source, name, tmp_path / "a" / "b" / "ours.csv")
    found = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert found == {"splits.download", "a/b/ours.csv"}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_by_name_and_follows_nowhere(tmp_path, kind):
    source = archive(tmp_path, [(MEMBER, b"", KINDS[kind])])
    words = "is a link" if kind in LINKS else "is no ordinary file"
    refused(source, tmp_path, f"'{MEMBER}' {words}; give an archive of the files themselves")
    with pytest.raises(InputError, match=words):
        contents_of(source, {MEMBER})


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_that_nobody_asks_for_does_no_harm(tmp_path, kind):
    source = archive(tmp_path, [("other", b"", KINDS[kind]), *files({MEMBER: TEXT})])
    assert contents_of(source, {MEMBER}) == {MEMBER: TEXT}


def test_a_name_that_stands_twice_is_refused(tmp_path):
    source = archive(tmp_path, files({MEMBER: TEXT, f"./{MEMBER}": b"another"}))
    refused(source, tmp_path, f"holds '{MEMBER}' twice")


def test_an_absent_member_is_named_with_the_nearest(tmp_path):
    source = archive(tmp_path, files({MEMBER: TEXT, "splits/sampled.csv": b""}))
    refused(source, tmp_path, f"nearest is '{MEMBER}'; it holds", member="two_vs_many.csv")


@pytest.mark.parametrize("mode", MODES)
def test_an_archive_that_broke_off_is_refused(tmp_path, mode):
    source = archive(tmp_path, files({MEMBER: bytes(range(256)) * 400}), mode)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    refused(source, tmp_path, "cannot unpack|holds no file|not a zip or tar archive")


def test_a_member_may_be_as_large_as_the_limit_and_no_larger(tmp_path):
    source = archive(tmp_path, files({MEMBER: TEXT}))
    refused(source, tmp_path, "unpacks to more than 1,000 bytes", largest=1000)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_is_refused(tmp_path, pack):
    whole = archive(tmp_path, files({MEMBER: b"MKV", "zeros": bytes(120 << 20)}), "w")
    whole.write_bytes(pack(whole.read_bytes()))
    refused(whole, tmp_path, "unpacks to more than [0-9,]+ bytes; is it the right file")


def test_a_sparse_file_of_many_holes_is_refused(tmp_path):
    info = tarfile.TarInfo(MEMBER)
    info.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": f"{(1 << 40) - 1},1"}
    info.size = 1
    with tarfile.open(tmp_path / "sparse.tar", "w", format=tarfile.PAX_FORMAT) as opened:
        opened.addfile(info, io.BytesIO(b"x"))
    refused(tmp_path / "sparse.tar", tmp_path, "is no ordinary file")
