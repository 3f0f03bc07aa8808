"""Files that people hand over as checkpoints and that are something else, by their first bytes."""

from pathlib import Path
from typing import NamedTuple

from plmbench.core.errors import InputError

HEAD = 512  # bytes that are looked at


class Kind(NamedTuple):
    """A kind of file that holds no weights that torch wrote."""

    start: bytes  # what it starts with, in lower case and without blanks before it
    name: str
    remedy: str


FETCH = "fetch the file itself: open the address in a browser to see what it answers"
UNPACK = "unpack it, and give the file in it"
KINDS = (
    Kind(b"version https://git-lfs", "a Git LFS pointer", "run `git lfs pull` where it lies"),
    Kind(b"<!doctype", "an HTML page", FETCH),
    Kind(b"<html", "an HTML page", FETCH),
    Kind(b"<?xml", "an XML document, such as a server's refusal", FETCH),
    Kind(b"{", "JSON, such as a server's refusal or an index of parts", FETCH),
    Kind(b"\x89hdf\r\n", "an HDF5 file", "give weights that torch wrote, not TensorFlow's"),
    Kind(b"\x93numpy", "a NumPy array", "give the checkpoint that the family's library writes"),
    Kind(b"\x1f\x8b", "gzipped", UNPACK),
    Kind(b"bzh", "packed by bzip2", UNPACK),
    Kind(b"\xfd7zxz", "packed by xz", UNPACK),
    Kind(b"\x28\xb5\x2f\xfd", "packed by zstd", UNPACK),
    Kind(b"7z\xbc\xaf\x27\x1c", "packed by 7z", UNPACK),
)
SAFETENSORS = Kind(
    b"",
    "a safetensors file",
    "give its folder, with config.json and tokenizer, to family transformers; other families read "
    "what torch.save wrote",
)
EMPTY = Kind(b"", "empty", "fetch it again")


def kind_of(path: Path | str) -> Kind | None:
    """Return the Kind of a file that is no checkpoint by its first bytes; None if it may be one."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return EMPTY
    # The length of a header in eight bytes, and then that header, which is JSON.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < Path(path).stat().st_size:
        return SAFETENSORS
    start = head.lstrip().lower()
    return next((kind for kind in KINDS if start.startswith(kind.start)), None)


def refuse_other_files(path: Path | str) -> None:
    """Raise InputError that says what a file is, where its first bytes show that it holds no
    weights that torch wrote."""
    if kind := kind_of(path):
        raise InputError(
            f"checkpoint {path}: not a complete checkpoint of tensors: it is {kind.name}; "
            f"{kind.remedy}"
        )
