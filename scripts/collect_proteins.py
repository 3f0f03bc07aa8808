"""Collect the proteins to pretrain on, and those held out, from the files of a catalogue.

It needs MMseqs2 on the PATH; resources/pretraining/README.md says what it does.
"""

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

import yaml

from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.pretrain.proteins import HELD_OUT, collect, fasta_bytes, read_proteins

REPOSITORY = Path(__file__).resolve().parents[1]
CATALOGUE = REPOSITORY / "resources/pretraining/sources.yaml"
PATHS = ("path", "sequences")  # keys of an entry
TEXTS = ("licence",)


def arguments(words=None):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=Path, default=CATALOGUE, help="the catalogue")
    parser.add_argument("--examples", type=Path, default=Path(), help="folder for {examples}")
    parser.add_argument("--into", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--held-out", type=int, default=HELD_OUT, help="how many to hold out")
    return parser.parse_args(words)


def sha256_inside(path):
    """Return the sha256 of a file's text, uncompressed: gzip's bytes depend on who wrote them."""
    data = path.read_bytes()
    return hashlib.sha256(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).hexdigest()


def located(name, examples, digests):
    """Return the path of a file of the catalogue; raises InputError where the sha256 of its text
    is not the one that the catalogue gives, if it gives one."""
    path = REPOSITORY / name.format(examples=examples.resolve())
    if not path.exists():
        raise InputError(f"{path}: no such file; resources/pretraining/README.md says whence it is")
    if name in digests and (found := sha256_inside(path)) != digests[name]:
        raise InputError(
            f"{path}: the sha256 of its text is {found}; the catalogue says {digests[name]}"
        )
    return path


def proteins_of(catalogue, part, examples):
    """Return the proteins of all entries of one part of a catalogue, in its order."""
    found = []
    for name, entry in catalogue[part].items():
        settings = {key: value for key, value in entry.items() if key not in TEXTS}
        for key in settings.keys() & set(PATHS):
            settings[key] = located(settings[key], examples, catalogue.get("sha256", {}))
        found += read_proteins(name, **settings)
    return found


def table_of(steps):
    """Return the counts as a table in Markdown, a row a step, a column a source."""
    sources = list(steps.counts["rows"])
    lines = ["| | " + " | ".join(sources) + " | all |", "|---" * (len(sources) + 2) + "|"]
    for step, counts in steps.counts.items():
        cells = [f"{counts[source]:,}" for source in sources] + [f"{counts.total():,}"]
        lines.append(f"| {step} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(path, proteins):
    """Write the proteins, and return the row of Markdown that describes the file."""
    path.write_bytes(fasta_bytes(proteins))
    residues = sum(len(protein.sequence) for protein in proteins)
    return f"| `{path.name}` | {len(proteins):,} | {residues:,} | `{sha256_of_file(path)}` |"


def main(options):
    """Write both files, and print what README.md says of them."""
    catalogue = yaml.safe_load(options.sources.read_text(encoding="utf-8"))
    proteins = proteins_of(catalogue, "sources", options.examples)
    tests = [found.sequence for found in proteins_of(catalogue, "tests", options.examples)]
    training, held_out, steps = collect(proteins, tests, options.held_out)
    options.into.mkdir(parents=True, exist_ok=True)
    rows = [
        write(options.into / "proteins.fasta.gz", training),
        write(options.into / "held_out.fasta.gz", held_out),
    ]
    print(*rows, f"\n{len(set(tests)):,} different test sequences", table_of(steps), sep="\n")


if __name__ == "__main__":
    try:
        main(arguments())
    except InputError as error:
        sys.exit(f"error: {error}")
