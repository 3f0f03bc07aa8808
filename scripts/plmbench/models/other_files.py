"""Files that people hand over as checkpoints and that are something else, by their first bytes."""

from pathlib import Path

from plmbench.core.errors import InputError
from plmbench.core.file_formats import (
    FETCH,
    GZIP,
    HDF5,
    HEAD,
    JSON,
    LEGACY,
    STAND_INS,
    UNPACK,
    XML,
    ZIP,
    Format,
    format_of,
)

OWN = (ZIP, LEGACY)  # what torch writes today, and what it wrote before
DEFAULT = "give the checkpoint that the family's library writes"
REMEDIES = {  # where a checkpoint's is not that of a table; other formats have the default
    GZIP: UNPACK,
    HDF5: "give weights that torch wrote, not TensorFlow's",
    JSON: "give the weights beside it, or fetch them again if a server sent this in their place",
    XML: FETCH,
}
SAFETENSORS = Format(
    "a safetensors file",
    "",
    "give its folder, with config.json and tokenizer, to family transformers; other families read "
    "what torch.save wrote",
)
EMPTY = Format("empty", "", "fetch it again")


def remedy_of(found: Format) -> str:
    """Return what is right where a checkpoint should be."""
    fits = found.name in STAND_INS or found.remedy == UNPACK
    return REMEDIES.get(found.name, found.remedy if fits else DEFAULT)


def other_format(path: Path | str) -> Format | None:
    """Return what a file is that is no checkpoint by its first bytes; None if it may be one."""
    with Path(path).open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return EMPTY
    # The length of a header in eight bytes, and then that header, which is JSON.
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < Path(path).stat().st_size:
        return SAFETENSORS
    found = format_of(head, OWN)
    return found and found._replace(remedy=remedy_of(found))


def refuse_other_files(path: Path | str) -> None:
    """Raise InputError that says what a file is, where its first bytes show that it holds no
    weights that torch wrote."""
    if found := other_format(path):
        raise InputError(
            f"checkpoint {path}: not a complete checkpoint of tensors: it is {found.name}; "
            f"{found.remedy}"
        )
