"""Collect the proteins to pretrain on, and those held out, from the files of a catalogue.

It needs MMseqs2 on the PATH; resources/pretraining/README.md says what it does.
"""

import argparse
import sys
from pathlib import Path

import yaml

from plmbench.core.errors import InputError
from plmbench.pretrain.collection import REPOSITORY, counts_table, proteins_of, write_proteins
from plmbench.pretrain.proteins import HELD_OUT, collect

CATALOGUE = REPOSITORY / "resources/pretraining/sources.yaml"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=Path, default=CATALOGUE, help="the catalogue")
    parser.add_argument("--examples", type=Path, default=Path(), help="folder for {examples}")
    parser.add_argument("--into", type=Path, required=True, help="folder for the two files")
    parser.add_argument("--held-out", type=int, default=HELD_OUT, help="how many to hold out")
    return parser.parse_args(words)


def main(options: argparse.Namespace) -> None:
    """Write both files, and print what README.md says of them."""
    catalogue = yaml.safe_load(options.sources.read_text(encoding="utf-8"))
    proteins = proteins_of(catalogue, "sources", options.examples)
    tests = {found.sequence for found in proteins_of(catalogue, "tests", options.examples)}
    training, held_out, steps = collect(proteins, tests, options.held_out)
    options.into.mkdir(parents=True, exist_ok=True)
    files = {"proteins.fasta.gz": training, "held_out.fasta.gz": held_out}
    rows = [write_proteins(options.into / name, chosen) for name, chosen in files.items()]
    print(*rows, f"\n{len(tests):,} different test sequences", counts_table(steps), sep="\n")


if __name__ == "__main__":
    try:
        main(arguments())
    except InputError as error:
        sys.exit(f"error: {error}")
