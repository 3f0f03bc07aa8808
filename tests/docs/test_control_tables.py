"""docs/positive_control: what it shows is what its tables hold, and what had to hold."""

from docs import control
from helpers.controls import check
from plmbench.compare.tables import read_table


def test_the_overview_is_what_its_tables_say():
    shown = (control.FOLDER / "overview.md").read_text(encoding="utf-8")
    assert shown == control.text(), "run `python -m docs.control` and commit what it changes"


def test_the_committed_numbers_meet_the_control():
    check(control.FOLDER)
    assert (read_table(control.FOLDER / "published_vectors.tsv")["mean_cosine"] >= 0.99).all()
