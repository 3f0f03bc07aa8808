"""What files hold, as a digest that is computed once per change of a file.

A plan asks for the digest of every file that a user gave, and so does each job when it starts. What
was read once is therefore kept in a small file. It may be deleted, and nothing is lost but time.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from plmbench.study.kept import FOLDER, keep, read_kept

# A file that is written twice within the resolution of its file system's clock may look the same
# twice. What changed so lately is read again next time.
UNSETTLED = 2.0  # seconds; the coarsest of these clocks
KEPT = FOLDER / "contents.json"
Signature = list[int]


def signature(status: os.stat_result) -> Signature:
    """Return what cannot stay the same when a file gets another content.

    The time of the last change of status (ctime) cannot be set, as the time of the content (mtime)
    can: `cp -p` and archives bring an older one. The device is left out: that of a network's file
    system has another number on each machine.
    """
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def entry_of(kept: Any) -> tuple[Signature, str]:
    """Return a file's signature and digest as they are kept; raises ValueError or TypeError."""
    status, digest = kept
    return status, digest


class Contents:
    """The digests of files' contents; those of earlier processes are kept in a file."""

    def __init__(self, kept: Path = KEPT) -> None:
        """kept: where digests are kept; it need not be there, and need not be writable."""
        self.kept = kept
        self.digests: dict[str, str] = {}

    @cached_property
    def known(self) -> dict[str, tuple[Signature, str]]:
        """Return {file: its signature and digest} as kept; {} where nothing readable is."""
        return self.read()

    def read(self) -> dict[str, tuple[Signature, str]]:
        """Return what other processes have kept by now."""
        return read_kept(self.kept, entry_of)

    def digest(self, path: str | Path) -> str:
        """Return 16 digits of the sha256 of a file's content as it is when first asked for."""
        name = str(Path(path).resolve())
        if name not in self.digests:
            self.digests[name] = self.looked_up(name)
        return self.digests[name]

    def digest_of_all(self, paths: Sequence[str]) -> str:
        """Return one digest of what many files hold, of which one entry is kept for all: images are
        many and small."""
        names = [str(Path(path).resolve()) for path in paths]
        found = [signature(os.stat(name)) for name in names]  # noqa: PTH116 - ten thousand of them
        key = hashlib.sha256("\n".join(names).encode()).hexdigest()
        status = [int(hashlib.sha256(str(found).encode()).hexdigest()[:15], 16)]
        if (kept := self.known.get(key)) and kept[0] == status:
            return kept[1]
        together = hashlib.sha256()
        for name in names:
            together.update(hashlib.sha256(Path(name).read_bytes()).digest())
        digest = together.hexdigest()[:16]
        latest = max((each[2] for each in found), default=0) / 1e9  # the last change of status
        if time.time() - latest > UNSETTLED:
            self.keep(key, status, digest)
        return digest

    def looked_up(self, name: str) -> str:
        """Return the digest that is kept for a file as it is now, or that of its content."""
        # A network's file system tells an opened file's status as it is, not as it was.
        with Path(name).open("rb") as file:
            found = signature(os.fstat(file.fileno()))
            if (kept := self.known.get(name)) and kept[0] == found:
                return kept[1]
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
            after = os.fstat(file.fileno())
        if found == signature(after) and time.time() - after.st_ctime > UNSETTLED:
            self.keep(name, found, digest)
        return digest

    def keep(self, name: str, found: Signature, digest: str) -> None:
        """Add a digest to those that are kept."""
        keep(self.kept, {**self.read(), name: (found, digest)})
