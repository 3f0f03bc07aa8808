"""What was computed once and is kept for the next start, as small files in the folder of a study.

They may be deleted or damaged, and nothing is lost but time.
"""

import contextlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

FOLDER = Path(".snakemake/plmbench")  # in the folder of a study
DAMAGED = (OSError, ValueError, TypeError, AttributeError, RecursionError)
Entry = TypeVar("Entry")


def read_kept(path: Path, entry: Callable[[Any], Entry]) -> dict[str, Entry]:
    """Return {key: `entry` of what is kept}; {} where nothing readable is."""
    with contextlib.suppress(*DAMAGED):
        found = json.loads(path.read_text(encoding="utf-8"))
        return {key: entry(value) for key, value in found.items()}
    return {}


def keep(path: Path, entries: Mapping[str, Any]) -> None:
    """Keep entries in a file; it is replaced as a whole, so that no other process reads half of it.

    Where it cannot be written, the next process computes again.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.name}.") as folder:
            new = Path(folder) / path.name
            new.write_text(json.dumps(entries), encoding="utf-8")
            new.replace(path)
