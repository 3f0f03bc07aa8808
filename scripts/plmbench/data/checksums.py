"""The lock file of checksums, in sha256sum's format: every later download must equal the first."""

from pathlib import Path

from filelock import FileLock


def read_lock(path: Path | str) -> dict[str, str]:
    """Return {file name: sha256} of a lock file; {} where there is none."""
    path = Path(path)
    if not path.exists():
        return {}
    lines = [line.split() for line in path.read_text().splitlines() if line[:1] not in ("", "#")]
    return {name: digest for digest, name in lines}


def record(path: Path | str, name: str, digest: str) -> None:
    """Record a file's checksum unless it has one; several processes may do so at once."""
    path = Path(path)
    with FileLock(path.with_name(f".{path.name}.busy")):
        digests = read_lock(path)
        if digests.setdefault(name, digest) != digest:
            return
        part = path.with_name(f".{path.name}.part")
        part.write_text("".join(f"{digests[name]}  {name}\n" for name in sorted(digests)))
        part.replace(path)
