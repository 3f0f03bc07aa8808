"""Tables of results are read with the same types, whichever rows a study happens to have."""

import pytest

from docs.generate import DEMO, SERIES
from helpers.columns import unsure
from plmbench.compare.tables import read_table

SHOWN = [path for folder in (DEMO, SERIES) for path in sorted(folder.glob("*.tsv"))]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_column_of_words_stays_words_where_no_row_has_one(path, tmp_path):
    assert unsure(path, tmp_path / "emptied.tsv") == []
    assert len(read_table(tmp_path / "emptied.tsv")) == len(read_table(path)) > 0
