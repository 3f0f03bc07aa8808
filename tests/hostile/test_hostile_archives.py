"""Zip archives with anything in them: the bytes of the one member asked for, under our name, or a
sentence that names the archive. Nothing is written anywhere else."""

import stat
import zipfile

import pytest
from hypothesis import strategies as st

from helpers.fuzzing import COUNTS, answer, cut_short, for_all, spoiled, texts
from plmbench.core.errors import InputError
from plmbench.data.archives import extract_member

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
LEADING = (
    "../up",
    "../../up",
    "/srv/absolute",
    "C:\\up",
    "\\\\host\\up",
    "a/../../up",
    "./x",
    "a//b",
)
KINDS = {"file": stat.S_IFREG, "link": stat.S_IFLNK, "pipe": stat.S_IFIFO, "device": stat.S_IFBLK}
LONGEST = 3000  # characters of a message


def member(name, kind):
    """Return the header of a member of a kind of file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (KINDS[kind] | 0o777) << 16
    return info


@pytest.fixture
def extracted(tmp_path):
    """Return a function that writes an archive, takes a member out, and returns what came out, or
    None where the archive was refused; both times nothing else is there."""
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    archive, ours = tmp_path / "x.zip", folder / "ours"

    def extract(name, content=None):
        if content is not None:
            archive.write_bytes(content)
        ours.unlink(missing_ok=True)
        _, refusal = answer(extract_member, archive, name, ours)
        assert refusal is None or (str(archive) in refusal and len(refusal) < LONGEST)
        found = {p for p in tmp_path.rglob("*") if p.is_symlink() or not p.is_dir()}
        assert found == ({archive} if refusal else {archive, ours})
        return None if refusal else ours.read_bytes()

    extract.archive = archive
    return extract


def names():
    """Return a strategy of names of members that a zip can hold."""
    known = st.sampled_from(LEADING) | texts(20)
    return known.filter(lambda name: name and len(name.encode()) < 6000)


@COUNTS
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_of_any_name_and_kind_comes_out_alone_under_our_name(count, extracted):
    def check(case):
        members, wanted, method = case
        with zipfile.ZipFile(extracted.archive, "w", method) as archive:
            for name, kind, content in members:
                archive.writestr(member(name, kind), content, method)
        with zipfile.ZipFile(extracted.archive) as archive:
            files = [i for i in archive.infolist() if not i.filename.endswith("/")]
            there = {i.filename: archive.read(i) for i in files}
        for name in (wanted, *(name for name, _, _ in members[:2])):
            assert extracted(name) == there.get(name)

    one = st.tuples(names(), st.sampled_from(sorted(KINDS)), st.binary(max_size=50))
    case = st.tuples(st.lists(one, max_size=4), names(), st.sampled_from(METHODS))
    for_all(count, case, check)


@COUNTS
@pytest.mark.parametrize("method", METHODS)
def test_a_spoiled_archive_gives_what_was_packed_or_nothing(count, method, extracted):
    packed = {"a/b.csv": b"MKV,1,train\n" * 40, "c.csv": b"other" * 9}
    with zipfile.ZipFile(extracted.archive, "w", method) as archive:
        for name, content in packed.items():
            archive.writestr(name, content)
    content = extracted.archive.read_bytes()

    def check(spoilt):
        assert extracted("a/b.csv", spoilt) in (None, *packed.values())

    for_all(count // 3, spoiled(content, most=2) | cut_short(content), check)


@COUNTS
def test_any_bytes_are_refused(count, extracted):
    end = b"PK\x05\x06" + bytes(18)
    fields = st.lists(
        st.sampled_from([b"PK\x01\x02", b"PK\x03\x04", b"PK\x06\x06", end]) | st.binary(max_size=30)
    )

    def check(parts):
        assert extracted("x", b"".join(parts)) is None

    for_all(count, fields, check)


def test_an_archive_within_an_archive_stays_packed(tmp_path, extracted):
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../up", bytes(1 << 20))
    content = inner.read_bytes()
    inner.unlink()
    with zipfile.ZipFile(extracted.archive, "w") as archive:
        archive.writestr("inner.zip", content)
    assert extracted("inner.zip") == content


def test_a_link_comes_out_as_the_text_it_is(tmp_path, extracted):
    with zipfile.ZipFile(extracted.archive, "w") as archive:
        archive.writestr(member("splits.csv", "link"), "/etc/passwd")
    assert extracted("splits.csv") == b"/etc/passwd"


def test_a_message_is_short_whatever_members_are_called(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(30):
            archive.writestr(f"{i}" + "n" * 60_000, b"")
    with pytest.raises(InputError, match=r"x\.zip") as caught:
        extract_member(path, "none", tmp_path / "ours")
    assert len(str(caught.value)) < LONGEST
