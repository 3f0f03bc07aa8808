"""Digests of files and of texts."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def sha256_of_file(path: Path | str) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_texts(texts: Iterable[str]) -> str:
    """Return one sha256 for a sequence of texts, in order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)}:{text}\n".encode())
    return digest.hexdigest()
