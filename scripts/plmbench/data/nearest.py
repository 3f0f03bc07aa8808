"""How near sequences stand to others: the identity of the most similar one, and bins of it.

Identity is MMseqs2's: of the aligned columns, gaps included, of an alignment that covers a share of
the sequence that is asked about. 0 says that there is no such alignment.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from plmbench.core.identities import WITHIN
from plmbench.data.clustering import SENSITIVITY, long_enough, words_of
from plmbench.data.fasta import fasta_records
from plmbench.data.mmseqs import mmseqs, rows_of, scratch, write_numbered
from plmbench.data.overlap import blocks_of
from plmbench.data.residues import unspaced

FIELDS = "query,target,fident"


class Nearest(NamedTuple):
    """The most similar of other sequences: its place (-1: none aligns), and the identity."""

    place: int = -1
    identity: float = 0.0


def search_words(coverage: float) -> list[str]:
    """Return the words of the command that searches: `coverage` of the query is aligned."""
    return words_of({"-c": coverage, "--cov-mode": 2, "--format-output": FIELDS} | SENSITIVITY)


def hits_of(queries: Sequence[str], targets: Sequence[str], coverage: float) -> list[list[str]]:
    """Return query, target and identity of each alignment; sequences are known by their places."""
    asked, among = long_enough(queries), long_enough(targets)
    if not asked or not among:
        return []
    with scratch() as folder:
        query = write_numbered(folder / "query.fasta", [queries[place] for place in asked])
        target = write_numbered(folder / "target.fasta", [targets[place] for place in among])
        files = query, target, folder / "hits", folder / "scratch"
        mmseqs("easy-search", *files, *search_words(coverage))
        rows = rows_of(folder / "hits")
    return [[str(asked[int(q)]), str(among[int(t)]), share] for q, t, share in rows]


def nearest_in(queries: Sequence[str], targets: Sequence[str], coverage: float) -> list[Nearest]:
    """Return the Nearest of the targets to each query, [query]; of equally near ones the first."""
    place_of = {target: place for place, target in reversed([*enumerate(targets)])}
    best = [Nearest(place_of[q], 1.0) if q in place_of else Nearest() for q in queries]
    unseen = [place for place, one in enumerate(best) if one.place < 0]
    for q, t, share in hits_of([queries[place] for place in unseen], targets, coverage):
        query, hit = unseen[int(q)], Nearest(int(t), float(share))
        known = best[query]
        if (hit.identity, -hit.place) > (known.identity, -known.place) or known.place < 0:
            best[query] = hit
    return best


def nearest_in_fasta(queries: Sequence[str], path: Path | str, coverage: float) -> list[float]:
    """Return the identity of each query to the nearest protein of a FASTA file (also gzipped),
    [query]; memory holds a block of the file."""
    proteins: Iterable[str] = (unspaced(record.text).upper() for record in fasta_records(path))
    best = [0.0] * len(queries)
    for block in blocks_of(proteins):
        found = nearest_in(queries, block, coverage)
        best = [max(a, b.identity) for a, b in zip(best, found, strict=True)]
    return best


def shares_within(identities: Sequence[float], prefix: str) -> dict[str, float]:
    """Return {`<prefix>_within_<percent>`: share of sequences with at least that identity}."""
    number = max(len(identities), 1)
    return {
        f"{prefix}_within_{percent}": sum(100 * one >= percent for one in identities) / number
        for percent in WITHIN
    }
