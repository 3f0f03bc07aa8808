"""Files out of a zip or tar archive, by their names there; no bomb is unpacked."""

import gzip
import lzma
import posixpath
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import IO

from plmbench.core.errors import InputError, first_line
from plmbench.core.file_formats import HEAD, STAND_INS, format_of
from plmbench.core.wording import brief
from plmbench.data.tars import is_tar
from plmbench.data.tars import members as tar_members

CHUNK = 1 << 20  # bytes
ENCRYPTED = 0x1  # bit of a member's flags (APPNOTE.TXT, 4.4.4)
RATIO = 1000  # size unpacked : packed. About 10 for text, 1,030 for a zip bomb (deflate's most)
HARMLESS = 100_000_000  # bytes, whatever the ratio
LARGEST = 4 << 30  # bytes
SHOWN = 20  # names in a message
NO_ARCHIVE = "if it is itself what the split is read from, give the split no path"
# What zipfile and its decompressors were seen to raise for archives with altered bytes.
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, EOFError),
    *(OSError, IndexError, UnicodeError),
)


def max_unpacked(packed: int, largest: int = LARGEST) -> int:
    """Return the number of bytes that `packed` bytes may unpack to."""
    return min(largest, max(HARMLESS, RATIO * packed))


def limited(file: IO[bytes] | gzip.GzipFile, limit: int, what: str) -> Iterator[bytes]:
    """Yield the bytes of a file in chunks. Raises InputError for more than `limit`; what: whose
    they are, and how many packed."""
    size = 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise InputError(f"{what} unpacks to more than {limit:,} bytes; is it the right file?")
        yield chunk


def unpacked(path: Path | str) -> Iterator[bytes]:
    """Yield the bytes of a gzipped file in chunks. Raises InputError for more than `max_unpacked`,
    and for a broken file what gzip does."""
    packed = Path(path).stat().st_size
    with gzip.open(path) as file:
        yield from limited(file, max_unpacked(packed), f"{path}: {packed:,} bytes packed,")


def listed(names: Sequence[str], most: int = SHOWN) -> str:
    """Return the first of the names of files in an archive, as text."""
    shown = ", ".join(brief(name) for name in names[:most]) or "nothing"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return shown + more


def absent_member(archive: Path | str, member: str, names: Sequence[str]) -> InputError:
    """Return the error for a member that an archive does not hold."""
    nearest = get_close_matches(member, names, 1, 0.3)
    hint = "".join(f"; nearest is {brief(name)}" for name in nearest)
    return InputError(f"{archive}: holds no file {brief(member)}{hint}; it holds {listed(names)}")


def info_of(archive: Path | str, opened: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    """Return what an opened archive says of a member. Raises InputError if it cannot be had."""
    # Not `is_dir()`, which stumbles over a member without a name.
    infos = [info for info in opened.infolist() if not info.filename.endswith("/")]
    files = {info.filename: info for info in infos}
    if member not in files:
        raise absent_member(archive, member, sorted(files))
    if files[member].flag_bits & ENCRYPTED:
        raise InputError(f"{archive}: {member!r} is encrypted; give an archive without a password")
    return files[member]


def no_archive(archive: Path | str) -> InputError | None:
    """Return the error that names what a file is, where it shows another format."""
    with Path(archive).open("rb") as file:
        found = format_of(file.read(HEAD), ["a zip archive"])
    if found is None:
        return None
    remedy = found.remedy if found.name in STAND_INS else NO_ARCHIVE
    return InputError(f"{archive}: is {found.name}, not a zip or tar archive; {remedy}")


def zip_chunks(
    archive: Path | str, opened: zipfile.ZipFile, info: zipfile.ZipInfo, largest: int
) -> Iterator[bytes]:
    """Yield the bytes of a member in chunks. Raises InputError for too many."""
    what = f"{archive}: {info.filename!r}, {info.compress_size:,} bytes packed,"
    with opened.open(info) as source:
        yield from limited(source, max_unpacked(info.compress_size, largest), what)


@contextmanager
def readable(archive: Path | str, what: str) -> Iterator[None]:
    """Turn what is raised within for a broken archive into an InputError."""
    try:
        yield
    except (*BROKEN, tarfile.TarError) as error:
        if isinstance(error, zipfile.BadZipFile) and (named := no_archive(archive)):
            raise named from error
        raise InputError(
            f"{archive}: cannot unpack {what} ({first_line(error)}); fetch the archive again"
        ) from error


def chunks_of(archive: Path | str, member: str, largest: int) -> Iterator[bytes]:
    """Yield the bytes of a member in chunks. Raises InputError for what cannot be had."""
    with readable(archive, repr(member)):
        if is_tar(archive):
            seen: list[str] = []
            limit = max_unpacked(Path(archive).stat().st_size, largest)
            name = posixpath.normpath(member)
            for _, chunks in tar_members(archive, [name], limit, seen):
                yield from chunks
            if name not in seen:
                raise absent_member(archive, member, sorted(seen))
            return
        with zipfile.ZipFile(archive) as opened:
            info = info_of(archive, opened, member)
            yield from zip_chunks(archive, opened, info, largest)


def contents_of(
    archive: Path | str, wanted: Collection[str], largest: int = LARGEST
) -> dict[str, bytes]:
    """Return {name: bytes} of those of the wanted files that an archive holds, together no more
    than `largest` bytes. Names are compared without `./` and doubled slashes."""
    found: dict[str, bytes] = {}
    with readable(archive, "its files"):
        limit = max_unpacked(Path(archive).stat().st_size, largest)
        if is_tar(archive):
            for name, chunks in tar_members(archive, wanted, limit, []):
                found[name] = b"".join(chunks)
            return found
        with zipfile.ZipFile(archive) as opened:
            for filename in opened.namelist():
                name = posixpath.normpath(filename)
                if name in wanted and not filename.endswith("/"):
                    info = info_of(archive, opened, filename)
                    found[name] = b"".join(zip_chunks(archive, opened, info, limit))
                    limit -= len(found[name])
    return found


def extract_member(
    archive: Path | str, member: str, path: Path | str, largest: int = LARGEST
) -> None:
    """Write the file `member` of a zip or tar archive to `path`, whole or not at all.

    `member` is only looked up, never used as a path. Raises InputError for an archive that is
    broken, a member that is absent, a link in a tar, encrypted or damaged, and one that unpacks to
    more than `largest` bytes or, above 100 MB, to 1,000 times its packed size.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            for chunk in chunks_of(archive, member, largest):
                file.write(chunk)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
