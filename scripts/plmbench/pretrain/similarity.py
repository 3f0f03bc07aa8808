"""Which proteins resemble which: clusters and identities by MMseqs2 (Steinegger & Söding 2017),
and plain containment."""

from collections.abc import Sequence
from functools import partial

from plmbench.data.mmseqs import mmseqs as one_command
from plmbench.data.mmseqs import rows_of, scratch, write_numbered

THREADS = 2
WORD = 20  # residues
EVALUE = 1e-2  # in the sequences searched, which are several times as many as the tests
# No masking of low complexity: a hit that is not seen is a protein that is not removed.
SEARCH = ["-s", "7.5", "--mask", "0", "--alignment-mode", "3"]
CLUSTERS = ["-c", "0.9", "--cov-mode", "1"]  # at 90 % of the target, the shorter one
mmseqs = partial(one_command, threads=THREADS)


def representatives(sequences: Sequence[str], identity: float) -> list[int]:
    """Return the places of one sequence per cluster, in ascending order.

    identity: of the aligned columns, with 90 % of the shorter sequence aligned (Linclust,
    Steinegger & Söding 2018).
    """
    if not sequences:
        return []
    with scratch() as folder:
        fasta = write_numbered(folder / "all.fasta", sequences)
        settings = ["--min-seq-id", identity, *CLUSTERS]
        mmseqs("easy-linclust", fasta, folder / "clusters", folder / "scratch", *settings)
        return sorted({int(row[0]) for row in rows_of(folder / "clusters_cluster.tsv")})


def resembling(
    sequences: Sequence[str], others: Sequence[str], identity: float, evalue: float = EVALUE
) -> set[int]:
    """Return the places of the `sequences` with a hit among `others` of at least `identity`.

    A hit is a local alignment of any length and coverage; its identity is that of the aligned
    columns, gaps included.
    """
    if not sequences or not others:
        return set()
    with scratch() as folder:
        # The others are fewer, so they are the queries: a query's similar words take the time. The
        # list of its hits is cut at --max-seqs, which is never reached here.
        query = write_numbered(folder / "query.fasta", others)
        target = write_numbered(folder / "target.fasta", sequences)
        settings = ["--min-seq-id", identity, "-e", evalue, "--max-seqs", len(sequences), *SEARCH]
        settings += ["--format-output", "target"]
        mmseqs("easy-search", query, target, folder / "hits", folder / "scratch", *settings)
        return {int(row[0]) for row in rows_of(folder / "hits")}


def words(sequence: str) -> set[str]:
    """Return the overlapping words of a sequence; a sequence shorter than a word is one word."""
    return {sequence[at : at + WORD] for at in range(max(1, len(sequence) - WORD + 1))}


def sharing(sequences: Sequence[str], others: Sequence[str]) -> set[int]:
    """Return the places of the `sequences` that share a word of 20 residues with one of `others`.

    Among them are all that equal, contain or lie in another of at least 20 residues, also where
    MMseqs2 has no hit of a low enough E-value.
    """
    other_words = set().union(*map(words, others))
    return {place for place, sequence in enumerate(sequences) if other_words & words(sequence)}
