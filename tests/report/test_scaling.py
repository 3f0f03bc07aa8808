"""The metric against size, depth and pretraining."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection

from plmbench.report.scaling import draw_scaling, write_scaling
from plmbench.report.subjects import Subject, of_task

SIZE, DEPTH, PRETRAINING = range(3)


@pytest.fixture
def drawn(study):
    """Return what draws the first task: gains, trends, subject of the figure."""
    task = study.tasks[0]
    own_rows = [
        of_task(t, task["dataset"], task["split"]) for t in (study.gains, study.correlations)
    ]
    return [*own_rows, Subject(task["metric"], study.about, task)]


def line(axis, name):
    """Return x and y of the line of a series or network."""
    found = [x for x in axis.lines if x.get_label().startswith(name)]
    assert len(found) == 1
    return found[0].get_xdata(), found[0].get_ydata()


def best(gains, model, pooling="mean"):
    """Return the row of a network at the layer chosen on validation."""
    own = (gains["model"] == model) & (gains["pooling"] == pooling)
    return gains[own & (gains["layer_selection"] == "validation")].iloc[0]


def test_a_series_is_a_line_over_the_parameters_of_its_networks(drawn, draw):
    axis = draw(draw_scaling, *drawn).axes[SIZE]
    x, y = line(axis, "ESM-1")
    assert axis.get_xscale() == "log"
    np.testing.assert_array_equal(x, [43e6, 85e6])  # no earlier checkpoint among them
    np.testing.assert_allclose(y, [best(drawn[0], m)["gain"] for m in ("esm1_43M", "esm1_85M")])


def test_depth_is_the_share_of_layers_and_shows_every_one_but_the_first(drawn, draw):
    x, y = line(draw(draw_scaling, *drawn).axes[DEPTH], "esm1_43M")
    np.testing.assert_allclose(x, np.arange(1, 7) / 6)
    rows = drawn[0][(drawn[0]["model"] == "esm1_43M") & (drawn[0]["pooling"] == "mean")]
    rows = rows[rows["layer_selection"] == "each"].sort_values("layer")
    np.testing.assert_allclose(y, rows["gain"])


def test_pretraining_joins_the_checkpoints_of_a_network(drawn, draw):
    x, y = line(draw(draw_scaling, *drawn).axes[PRETRAINING], "esm1_43M")
    np.testing.assert_array_equal(x, [0.25, 0.5, 1])
    names = ("esm1_43M_0.25", "esm1_43M_0.5", "esm1_43M")
    np.testing.assert_allclose(y, [best(drawn[0], name)["gain"] for name in names])


@pytest.mark.parametrize("column", [SIZE, DEPTH, PRETRAINING])
def test_gains_have_bands(drawn, draw, column):
    axis = draw(draw_scaling, *drawn).axes[column]
    assert sum(isinstance(found, PolyCollection) for found in axis.collections) >= 1
    if column != DEPTH:
        row = best(drawn[0], "esm1_43M")
        ends = np.concatenate([p.vertices[:, 1] for c in axis.collections for p in c.get_paths()])
        assert {round(row["low"], 9), round(row["high"], 9)} <= set(ends.round(9))


def test_pretrainings_of_one_size_are_points_of_it_and_the_line_is_their_mean(drawn, draw):
    gains, *rest = drawn
    again = gains[gains["model"] == "esm1_43M"].assign(model="again")
    again = again.assign(gain=again["gain"] + 0.1)
    subject = rest[-1]
    more = subject.about["esm1_43M"] | {"network": "esm1_43M", "pretraining_seed": 1}
    subject = replace(subject, about=subject.about | {"again": more})
    axis = draw(draw_scaling, pd.concat([gains, again]), rest[0], subject).axes[SIZE]
    x, y = line(axis, "ESM-1")
    np.testing.assert_array_equal(x, [43e6, 85e6])
    np.testing.assert_allclose(y[0], best(gains, "esm1_43M")["gain"] + 0.05)
    dots = [found for found in axis.lines if found.get_linestyle() == "None"]
    assert [len(found.get_xdata()) for found in dots] == [2]


def test_a_trend_stands_with_its_line_in_words(drawn, text_of):
    table = drawn[1]
    row = table[(table["axis"] == "size") & (table["pooling"] == "mean")].iloc[0]
    words = f"ESM-1: {row['trend']}, {row['slope']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
    assert words.replace("-0", "−0") in text_of(write_scaling, *drawn)


def test_what_cannot_be_assessed_says_so(drawn, text_of):
    none = drawn[1].assign(p=np.nan, trend="not assessable")
    text = text_of(write_scaling, drawn[0], none, drawn[2])
    assert "ESM-1: not assessable" in text
    assert "nan" not in text


def test_an_undefined_gain_leaves_a_gap_and_is_no_zero(drawn, draw):
    gains = drawn[0]
    gains = gains.assign(gain=gains["gain"].mask(gains["model"] == "esm1_85M"))
    _, y = line(draw(draw_scaling, gains, *drawn[1:]).axes[SIZE], "ESM-1")
    assert np.isfinite(y).tolist() == [True, False]


def without_facts(about, *names):
    """Return `about` of all models without some of its facts."""
    return {m: {k: v for k, v in a.items() if k not in names} for m, a in about.items()}


def test_a_panel_without_anything_to_show_says_so_and_leaves_the_others_their_ticks(
    drawn, text_of, draw
):
    *tables, subject = drawn
    tables[0] = tables[0][tables[0]["model"] == "esm1_43M"]
    about = without_facts(subject.about, "parameters")
    arguments = [*tables, replace(subject, about=about)]
    text = text_of(write_scaling, *arguments)
    for words in ("two networks of other sizes", "an earlier checkpoint", "layer / layers"):
        assert words in text.replace("\n", " ")
    axis = draw(draw_scaling, *arguments).axes[DEPTH]
    assert len(axis.get_yticks()) > 2


def test_a_study_without_ablations_says_so(drawn, text_of):
    assert "with ablated weights" in text_of(write_scaling, drawn[0].head(0), *drawn[1:])


def test_the_same_tables_give_the_same_figure_byte_for_byte(drawn, tmp_path):
    for name in ("a", "b"):
        write_scaling(tmp_path / name, *drawn)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
