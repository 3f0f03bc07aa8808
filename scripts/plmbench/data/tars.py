"""Members of a tar archive, plain or packed by gzip, bzip2 or xz, read once from end to end.

Nothing is written, names are only compared, and links lead nowhere. No bomb is unpacked: the whole
archive may hold no more than so many bytes.
"""

import bz2
import gzip
import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from plmbench.core.errors import InputError
from plmbench.core.wording import brief

BLOCK = 512  # bytes of a header
CHUNK = 1 << 20
PACKED: dict[bytes, Callable[..., Any]] = {  # by the first bytes
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
UNREADABLE = (tarfile.TarError, OSError, EOFError, ValueError, lzma.LZMAError, zlib.error)


def opened(archive: Path | str) -> IO[bytes]:
    """Open an archive for what is in it, unpacked."""
    with Path(archive).open("rb") as file:
        head = file.read(max(map(len, PACKED)))
    opener = next((own for start, own in PACKED.items() if head.startswith(start)), open)
    return opener(archive, "rb")


def is_tar(archive: Path | str) -> bool:
    """Tell whether a file begins as a tar archive does, whatever packed it."""
    try:
        with opened(archive) as file:
            tarfile.TarInfo.frombuf(file.read(BLOCK), "utf-8", "surrogateescape")
    except UNREADABLE:
        return False
    return True


class Limited:
    """A file of which no more than `limit` bytes may be read."""

    def __init__(self, archive: Path | str, file: IO[bytes], limit: int) -> None:
        self.archive, self.file, self.limit, self.seen = archive, file, limit, 0

    def read(self, size: int) -> bytes:
        """Return the next bytes; raises InputError where there are too many."""
        found = self.file.read(size)
        self.seen += len(found)
        if self.seen > self.limit:
            raise InputError(
                f"{self.archive}: unpacks to more than {self.limit:,} bytes; is it the right file?"
            )
        return found


def check_member(archive: Path | str, info: tarfile.TarInfo) -> None:
    """Raise InputError for a member that is no ordinary file."""
    if not info.isreg() or info.issparse():
        kind = "a link" if info.issym() or info.islnk() else "no ordinary file"
        raise InputError(
            f"{archive}: {brief(info.name)} is {kind}; give an archive of the files themselves"
        )


def members(
    archive: Path | str, wanted: Collection[str], limit: int, seen: list[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and chunks of the wanted members, in the archive's order; `seen` is filled with
    the names of all. Raises InputError for a wanted one that is no ordinary file or stands twice.

    wanted: names as posixpath.normpath leaves them.
    """
    found: set[str] = set()
    with (
        opened(archive) as file,
        tarfile.open(fileobj=Limited(archive, file, limit), mode="r|") as tar,  # type: ignore[call-overload]
    ):
        for info in tar:
            name = posixpath.normpath(info.name)
            if not info.isdir():
                seen.append(name)
            if name not in wanted or info.isdir():
                continue
            check_member(archive, info)
            if name in found:
                raise InputError(f"{archive}: holds {brief(name)} twice; give one of them")
            found.add(name)
            content = cast(IO[bytes], tar.extractfile(info))  # None for no ordinary file
            yield name, iter(partial(content.read, CHUNK), b"")
