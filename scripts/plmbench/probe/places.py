"""Features that are positions: for what reads its examples at their source, such as whole sequences
or the residues of one."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from plmbench.core.metrics import Target
from plmbench.probe.predictions import dtype_of

BLOCK = 1 << 14  # examples that are predicted at a time
BASE = 1 << 16  # float32 holds every whole number below 2**24, so a position is two digits


def placed(rows: np.ndarray) -> np.ndarray:
    """Return positions [example] as features float32 [example, 2]."""
    return np.stack(np.divmod(rows, BASE), axis=1).astype(np.float32)


def places_of(X: np.ndarray) -> np.ndarray:
    """Return the positions int64 [example] that features [example, 2] stand for."""
    high, low = X.astype(np.int64).T
    return high * BASE + low


def predicted_on(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]],
    predict: Callable[[np.ndarray], np.ndarray],
    count: int,
    target: Target,
) -> np.ndarray:
    """Return predictions [row] or [row, class] for the `count` rows that blocks hold, pairs of
    positions and features [position, feature], as they are kept."""
    values = np.empty(0, dtype_of(target))
    for part, block in blocks:
        predictions = predict(block)
        if not len(values):
            values = np.empty((count, *predictions.shape[1:]), values.dtype)
        values[part] = predictions
    return values


class Rows:
    """Features of examples that are found by their rows."""

    def blocks(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield positions in `rows` and their features float32 [position, feature]."""
        raise NotImplementedError

    def take(self, *wanted: np.ndarray) -> list[np.ndarray]:
        """Return features float32 [row, feature] of several lists of rows."""
        raise NotImplementedError

    def predicted(
        self, predict: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, target: Target
    ) -> np.ndarray:
        """Return predictions [row] or [row, class], as they are kept."""
        return predicted_on(self.blocks(rows), predict, len(rows), target)


class Places(Rows):
    """Features that are the positions themselves."""

    def blocks(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield positions in `rows` and their features float32 [position, 2], in rising order, so
        that the residues of a sequence stand together."""
        order = np.argsort(rows, kind="stable")
        for start in range(0, len(order), BLOCK):
            part = order[start : start + BLOCK]
            yield part, placed(rows[part])

    def take(self, *wanted: np.ndarray) -> list[np.ndarray]:
        """Return features float32 [row, 2] of several lists of rows."""
        return [placed(rows) for rows in wanted]
