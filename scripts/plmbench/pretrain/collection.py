"""The files that proteins are collected from, by a catalogue, and the tables that describe them."""

import gzip
import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.data.readers import READERS
from plmbench.data.residues import sequence_records
from plmbench.data.subsets import subsets_of
from plmbench.data.text_files import GZIP
from plmbench.pretrain.proteins import Protein, Steps, fasta_bytes

REPOSITORY = Path(__file__).resolve().parents[3]
PATHS = ("path", "sequences")  # keys of an entry
DESCRIPTION = ("licence",)  # keys of an entry that no reader takes


def sha256_of_text(path: Path) -> str:
    """Return the sha256 of a file's text, uncompressed: gzip's bytes depend on who wrote them."""
    data = path.read_bytes()
    return hashlib.sha256(gzip.decompress(data) if data.startswith(GZIP) else data).hexdigest()


def located(name: str, examples: Path, digests: Mapping[str, str]) -> Path:
    """Return the path of a file of the catalogue; raises InputError where the sha256 of its text
    is not the one that the catalogue gives, if it gives one."""
    path = REPOSITORY / name.format(examples=examples.resolve())
    if not path.exists():
        raise InputError(
            f"{path}: no such file; resources/pretraining/README.md says where it comes from"
        )
    if name in digests and (found := sha256_of_text(path)) != digests[name]:
        raise InputError(
            f"{path}: the sha256 of its text is {found}; the catalogue says {digests[name]}"
        )
    return path


def proteins_in(
    source: str,
    path: Path | str,
    read: str = "fasta",
    rows: Collection[str] | None = None,
    **settings: Any,
) -> list[Protein]:
    """Return the proteins of one file, those of the subsets `rows` where it has subsets.

    read: `fasta`, or a key of READERS, whose reader takes `settings`. An id is the first word of
    its header, or the row's line where the file has none.
    """
    if read == "fasta":
        return [
            Protein(source, (header.split() or [str(line)])[0], sequence)
            for line, header, sequence in sequence_records(path)
        ]
    required = ("sequence",) if rows is None else ("sequence", "set")
    table = READERS[read](path, required=required, **settings)
    if rows is not None:
        table = table[subsets_of(table, path).isin(rows)]
    names = table["id"] if "id" in table else table["line"].map("line-{}".format)
    return [Protein(source, *row) for row in zip(names, table["sequence"], strict=True)]


def proteins_of(catalogue: Mapping[str, Any], part: str, examples: Path) -> list[Protein]:
    """Return the proteins of all entries of one part of a catalogue, in its order."""
    found = []
    for name, entry in catalogue[part].items():
        settings = {key: value for key, value in entry.items() if key not in DESCRIPTION}
        for key in settings.keys() & set(PATHS):
            settings[key] = located(settings[key], examples, catalogue.get("sha256", {}))
        found += proteins_in(name, **settings)
    return found


def counts_table(steps: Steps) -> str:
    """Return the counts as a table in Markdown, one row per step, one column per source."""
    sources = list(steps.counts["rows"])
    lines = ["| | " + " | ".join(sources) + " | all |", "|---" * (len(sources) + 2) + "|"]
    for step, counts in steps.counts.items():
        cells = [f"{counts[source]:,}" for source in sources] + [f"{counts.total():,}"]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_proteins(path: Path, proteins: Sequence[Protein]) -> str:
    """Write the proteins, and return the row of Markdown that describes the file."""
    path.write_bytes(fasta_bytes(proteins))
    residues = sum(len(protein.sequence) for protein in proteins)
    return f"| `{path.name}` | {len(proteins):,} | {residues:,} | `{sha256_of_file(path)}` |"
