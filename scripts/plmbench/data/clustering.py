"""Families of proteins: which sequences of a data set are homologues of one another.

Homologues are no independent examples: what a network gets right of one it gets right of the other.
A family is a connected component of the pairs that MMseqs2 aligns, so that no sequence of one has
a relative in another. Variants of one protein are all relatives: there a sequence is a unit of its
own, and is known by its number of mutations.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from plmbench.core.logs import log
from plmbench.data.families import COLUMNS
from plmbench.data.mmseqs import found, mmseqs, rows_of, scratch, version, write_numbered

SHORTEST = 14  # residues; MMseqs2 finds nothing to align in shorter sequences
VARIANTS, FAMILIES, SEQUENCES = "variants", "families", "sequences"  # what a unit is
# Both are aligned to `coverage`; every sequence is searched against every other (no cascade).
CLUSTERING = {"--cov-mode": 0, "--cluster-mode": 1, "--single-step-clustering": 1}
# All words of five residues, so that a small data set needs no large table; low complexity counts.
SENSITIVITY = {"-s": 7.5, "-k": 5, "--mask": 0, "--dbtype": 1, "--alignment-mode": 3}
Settings = Mapping[str, float]  # identity and coverage, shares


class Clusters(NamedTuple):
    """What became of a data set's sequences: its rows of a table, and what they rest on."""

    units: str  # one of VARIANTS, FAMILIES, SEQUENCES
    program: str  # with its version; "" where none ran
    settings: str  # of the program
    sequences: int
    families: int
    unclustered: int  # sequences that no program was there for


def words_of(options: Mapping[str, object]) -> list[str]:
    """Return options of the program as words."""
    return [str(word) for pair in options.items() for word in pair]


def long_enough(sequences: Sequence[str]) -> list[int]:
    """Return the places of the sequences that MMseqs2 can align."""
    return [place for place, sequence in enumerate(sequences) if len(sequence) >= SHORTEST]


def cluster_words(settings: Settings) -> list[str]:
    """Return the words of the command that clusters."""
    limits = {"--min-seq-id": settings["identity"], "-c": settings["coverage"]}
    return words_of(limits | CLUSTERING | SENSITIVITY)


def clustered(sequences: Sequence[str], settings: Settings) -> list[int]:
    """Return of each sequence the place of the first one of its family, [sequence]."""
    first = list(range(len(sequences)))
    places = long_enough(sequences)
    if not places:
        return first
    with scratch() as folder:
        fasta = write_numbered(folder / "all.fasta", [sequences[place] for place in places])
        outputs = folder / "clusters", folder / "scratch"
        mmseqs("easy-cluster", fasta, *outputs, *cluster_words(settings))
        pairs = [(int(a), int(b)) for a, b in rows_of(folder / "clusters_cluster.tsv")]
    table = pd.DataFrame(pairs, columns=["cluster", "place"])
    table["first"] = table.groupby("cluster")["place"].transform("min")
    for member, leader in zip(table["place"], table["first"], strict=True):
        first[places[member]] = places[leader]
    return first


def mutations_of(sequences: pd.Series, sites: pd.DataFrame) -> pd.Series:
    """Return how many sites of each sequence differ from the wild type, int [sequence].

    sites: a table of site and wild_type, of all positions at which any sequence differs.
    """
    counts = pd.Series(0, sequences.index)
    for site, letter in zip(sites["site"], sites["wild_type"], strict=True):
        counts += (sequences.str[int(site)] != letter).astype(int)
    return counts


def family_table(
    sequences: pd.DataFrame, sites: pd.DataFrame, settings: Settings | None, variants: bool
) -> tuple[pd.DataFrame, Clusters]:
    """Return the families of a data set: a table of COLUMNS, and the Clusters.

    sequences: id and sequence, each once; sites: of mutation; settings: of the clustering, None for
    none; variants: whether the sequences are variants of one protein. A family has the id of its
    first sequence.
    """
    ids = sequences["id"]
    table = pd.DataFrame({"id": ids, "family": ids, "mutations": ""}, columns=COLUMNS)
    number = len(table)
    if variants:
        table["mutations"] = mutations_of(sequences["sequence"], sites)
        return table, Clusters(VARIANTS, "", "", number, number, 0)
    if settings is None:
        return table, Clusters(SEQUENCES, "", "", number, number, 0)
    if found() is None:
        return table, Clusters(SEQUENCES, "", "", number, number, number)
    program, words = f"MMseqs2 {version()}", " ".join(cluster_words(settings))
    first = clustered(sequences["sequence"].tolist(), settings)
    table["family"] = sequences["id"].to_numpy()[first]
    families = int(table["family"].nunique())
    log.info("%d sequences in %d families by %s (%s)", number, families, program, words)
    return table, Clusters(FAMILIES, program, words, number, families, 0)
