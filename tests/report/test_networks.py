"""Networks over all tasks, and networks of several pretrainings: the figure and the tables."""

import numpy as np
import pytest

from plmbench.report.networks import (
    across_tasks,
    architectures_table,
    draw_networks,
    write_networks,
)


def test_one_row_per_network_the_largest_gain_on_top(study, draw):
    (axis,) = draw(draw_networks, study.networks, study.about).axes
    dots = next(found for found in axis.lines if found.get_marker() == "o")
    order = np.argsort(dots.get_ydata())[::-1]
    assert (np.diff(dots.get_xdata()[order]) <= 0).all()
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert names == study.networks["model"].tolist()
    assert "esm1_43M_0.25" not in names  # a checkpoint is no network


def test_without_networks_the_figure_and_the_table_say_so(study, text_of):
    none = study.networks.head(0)
    assert "No network ran" in text_of(write_networks, none, study.about)
    assert across_tasks(none, study.about) is None
    assert architectures_table(study.architectures.head(0), study.about) is None


@pytest.mark.parametrize(
    ("tied", "words"),
    [("", "none"), ("esm1_85M", "all others")],
)
def test_ties_are_named(study, tied, words):
    found = across_tasks(study.networks.assign(tied_with=tied), study.about)
    assert [row[3].text for row in found.rows] == [words] * 2


def test_too_few_tasks_say_why_there_is_no_interval(study):
    few = study.networks.assign(low=np.nan, high=np.nan, reason="2 task(s): an interval needs 3")
    found = across_tasks(few, study.about)
    assert "an interval needs 3" in found.caption
    assert all("[" not in row[2].text for row in found.rows)


def test_pretrainings_show_their_spread_beside_that_of_the_reference(study):
    found = architectures_table(study.architectures, study.about)
    row = dict(zip(found.columns, found.rows[0], strict=True))
    assert row["value"].text.endswith("sd 0.010 of 3")
    assert row["hardest reference"].text == "reinit\n0.400\nsd 0.020 of 3"
    assert row["verdict on the architecture"].strong


def test_the_page_has_both_sections(write):
    html = write()
    assert "Networks over all tasks" in html
    assert "Networks of several pretrainings" in html
