"""The count of seen test sequences stands beside the verdict."""

import pandas as pd

from plmbench.compare.overlap import with_overlap
from plmbench.core.columns import SEEN

VERDICTS = pd.DataFrame(
    {
        "dataset": "d",
        "split": ["s", "s", "t"],
        "model": ["one", "other", "one"],
        "n": 9,
        "verdict": "unclear",
    }
)


def test_each_network_has_the_count_of_its_own_pretraining():
    overlap = pd.DataFrame({"dataset": "d", "split": ["t", "s"], "model": "one", SEEN: [0, 36]})
    table = with_overlap(VERDICTS, overlap)
    assert table[SEEN].tolist() == [36, pd.NA, 0]
    assert table.drop(columns=SEEN).equals(VERDICTS)
    assert "36" in table.to_csv()
    assert "36.0" not in table.to_csv()


def test_a_study_that_names_no_pretraining_has_an_empty_column():
    empty = pd.DataFrame(columns=["dataset", "split", "model", SEEN])
    assert with_overlap(VERDICTS, empty)[SEEN].isna().all()
