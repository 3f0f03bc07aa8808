"""A study laid out by `snakedeploy` has copies of catalogues, which the workflow does not read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from plmbench.core.errors import InputError


def copies(files: Sequence[Path | str], folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield (copy, what it is a copy of) for each file beside a configuration of `files`, in the
    layout of snakedeploy, that `folder` has, too; but for the configuration itself."""
    for config in dict.fromkeys(Path(file).absolute() for file in files):
        here = config.parent
        if not (here.parent / "workflow" / "Snakefile").is_file() or here.samefile(folder):
            continue
        for shipped in sorted(folder.rglob("*.yaml")):
            copy = here / shipped.relative_to(folder)
            if copy.is_file() and copy != config and shipped.name != "config.yaml":
                yield copy, shipped


def refuse_edited_copies(files: Sequence[Path | str], folder: Path) -> None:
    """Raise InputError for a copy that differs from what is read in its stead."""
    for copy, shipped in copies(files, folder):
        if copy.read_bytes() != shipped.read_bytes():
            raise InputError(
                f"{copy}: this copy is not read, and differs from the workflow's own; write what "
                "you changed under `entries:` in config/config.yaml, then delete the copy"
            )
