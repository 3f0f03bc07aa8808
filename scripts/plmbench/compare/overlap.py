"""How much of a task's test subset a network has seen in its pretraining, beside its verdict."""

import pandas as pd

from plmbench.core.columns import SEEN, TASK

KEY = [*TASK, "model"]
AFTER = "n"  # the column that it follows


def with_overlap(verdicts: pd.DataFrame, overlap: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts with a column: distinct test sequences that stand in the network's
    pretraining sequences; NaN where its entry does not say which these are."""
    counts = overlap.set_index(KEY)[SEEN]
    seen = counts.reindex(pd.MultiIndex.from_frame(verdicts[KEY])).to_numpy()
    table = verdicts.copy()
    table.insert(table.columns.get_loc(AFTER) + 1, SEEN, seen)
    return table.astype({SEEN: "Int64"})
