"""The label of the most similar training sequence: what homology alone gives.

Most similar is the one with the highest identity by MMseqs2, of an alignment that covers a share of
the sequence; where there is none, or no MMseqs2, the one that shares most words of three residues.
"""

import numpy as np

from plmbench.core.logs import log
from plmbench.core.metrics import Target
from plmbench.data.kmers import likest
from plmbench.data.mmseqs import found
from plmbench.data.nearest import Nearest, nearest_in
from plmbench.probe.places import places_of
from plmbench.probe.selection import Examples, Fitted, Folds
from plmbench.supervised.sequences import Sequences
from plmbench.supervised.settings import NearestSettings


class Labels:
    """Labelled sequences, and the label of the most similar of them."""

    def __init__(
        self, train: Examples, target: Target, settings: NearestSettings, source: Sequences
    ) -> None:
        """train: what is known; its features are positions in `source`."""
        self.texts = [source.texts[place] for place in places_of(train.X)]
        self.y, self.target, self.settings, self.source = train.y, target, settings, source

    def nearest(self, queries: list[str]) -> np.ndarray:
        """Return the place among the labelled of the most similar to each query, int [query]."""
        aligned = [Nearest()] * len(queries)
        if found():
            aligned = nearest_in(queries, self.texts, self.settings.coverage)
        places = np.array([one.place for one in aligned], np.int64)
        alone = np.flatnonzero(places < 0)
        if len(alone):
            places[alone] = likest([queries[place] for place in alone], self.texts)
        log.info("%d of %d sequences have an alignment", len(places) - len(alone), len(places))
        return places

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the label [example], or 1 for its class [example, class], of the most similar."""
        rows = places_of(X)
        distinct, copies = np.unique(rows, return_inverse=True)
        labels = self.y[self.nearest([self.source.texts[place] for place in distinct])][copies]
        if not self.target.classes:
            return labels
        return np.eye(len(self.target.classes))[labels.astype(np.int64)]


def fit_nearest(
    folds: Folds,
    target: Target,
    settings: NearestSettings,
    *,
    select: str,
    seed: int,
    source: Sequences,
) -> Fitted:
    """Keep the training sequences with their labels: nothing is chosen, and nothing is drawn."""
    if not found():
        log.warning("MMseqs2 is not there: sequences are likened by the words that they share")
    known = Labels(folds.train, target, settings, source)
    held_out = [
        (known if part is folds.train else Labels(part, target, settings, source)).predict(held.X)
        for part, held in folds.pairs
    ]
    return Fitted(known.predict, {}, held_out)
