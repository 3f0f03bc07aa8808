"""The metric against size, depth and pretraining."""

from dataclasses import replace

import numpy as np
import pytest

from plmbench.report.scaling import draw_scaling, write_scaling
from plmbench.report.subjects import Subject, of_task

SIZE, DEPTH, PRETRAINING = range(3)


@pytest.fixture
def drawn(study):
    """Return what draws the first task: arms, scores, correlations, subject of the figure."""
    task = study.tasks[0]
    tables = (study.arms, study.scores, study.correlations)
    own_rows = [of_task(table, task["dataset"], task["split"]) for table in tables]
    return [*own_rows, Subject(task["metric"], study.about, task)]


def line(axis, name):
    """Return x and y of the line of a series or network."""
    found = [x for x in axis.lines if x.get_label().startswith(name)]
    assert len(found) == 1
    return found[0].get_xdata(), found[0].get_ydata()


def best(arms, model, pooling="mean"):
    """Return the pretrained row of a model at the layer chosen on validation."""
    chosen = (
        (arms["model"] == model)
        & (arms["pooling"] == pooling)
        & (arms["layer_selection"] == "validation")
    )
    return arms[chosen & (arms["ablation"] == "pretrained")].iloc[0]


def test_a_series_is_a_line_over_the_parameters_of_its_networks(drawn, draw):
    axis = draw(draw_scaling, *drawn).axes[SIZE]
    x, y = line(axis, "ESM-1")
    assert axis.get_xscale() == "log"
    np.testing.assert_array_equal(x, [43e6, 85e6])  # no earlier checkpoint among them
    np.testing.assert_allclose(y, [best(drawn[0], m)["value"] for m in ("esm1_43M", "esm1_85M")])


def test_depth_is_the_share_of_layers_and_shows_every_one(drawn, draw):
    x, y = line(draw(draw_scaling, *drawn).axes[DEPTH], "esm1_43M")
    np.testing.assert_allclose(x, np.arange(7) / 6)
    scores = drawn[1]
    rows = scores[(scores["model"] == "esm1_43M") & (scores["weights"] == "pretrained")]
    rows = rows[(rows["subset"] == "test") & (rows["pooling"] == "mean")].sort_values("layer")
    np.testing.assert_allclose(y, rows["value"])


def test_pretraining_joins_the_checkpoints_of_a_network(drawn, draw):
    x, y = line(draw(draw_scaling, *drawn).axes[PRETRAINING], "esm1_43M")
    np.testing.assert_array_equal(x, [0.25, 0.5, 1])
    names = ("esm1_43M_0.25", "esm1_43M_0.5", "esm1_43M")
    np.testing.assert_allclose(y, [best(drawn[0], name)["value"] for name in names])


@pytest.mark.parametrize("column", [SIZE, DEPTH, PRETRAINING])
def test_points_of_the_chosen_layer_have_their_intervals(drawn, draw, column):
    axis = draw(draw_scaling, *drawn).axes[column]
    spans = [s[:, 1] for c in axis.collections for s in c.get_segments() if len(s)]
    row = best(drawn[0], "esm1_43M")
    assert any(np.allclose(span, (row["low"], row["high"])) for span in spans)


def test_a_correlation_stands_with_its_line(drawn, text_of):
    table = drawn[2]
    row = table[(table["axis"] == "size") & (table["pooling"] == "mean")].iloc[0]
    words = f"ESM-1: ρ {row['correlation']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
    assert words.replace("-0", "−0") in text_of(write_scaling, *drawn)


def test_what_has_no_interval_is_shown_without(drawn, text_of):
    none = [table.assign(low=np.nan, high=np.nan) for table in (drawn[0], drawn[2])]
    text = text_of(write_scaling, none[0], drawn[1], none[1], drawn[3])
    assert "(no interval)" in text
    assert "nan" not in text


def test_an_undefined_value_leaves_a_gap_and_is_no_zero(drawn, draw):
    arms = drawn[0]
    arms = arms.assign(value=arms["value"].mask(arms["model"] == "esm1_85M"))
    _, y = line(draw(draw_scaling, arms, *drawn[1:]).axes[SIZE], "ESM-1")
    assert np.isfinite(y).tolist() == [True, False]


def without_facts(about, *names):
    """Return `about` of all models without some of its facts."""
    return {m: {k: v for k, v in a.items() if k not in names} for m, a in about.items()}


def test_a_panel_without_anything_to_show_says_so_and_leaves_the_others_their_ticks(
    drawn, text_of, draw
):
    *tables, subject = drawn
    tables[0], tables[1] = (t[t["model"] == "esm1_43M"] for t in tables[:2])
    about = without_facts(subject.about, "parameters")
    arguments = [*tables, replace(subject, about=about)]
    text = text_of(write_scaling, *arguments)
    for words in ("states its number of parameters", "an earlier checkpoint", "layer / layers"):
        assert words in text.replace("\n", " ")
    axis = draw(draw_scaling, *arguments).axes[DEPTH]
    assert len(axis.get_yticks()) > 2


def test_a_study_without_networks_says_so(drawn, text_of):
    arms = drawn[0][drawn[0]["ablation"] == "none"]
    assert "No pretrained network" in text_of(write_scaling, arms, *drawn[1:])


def test_the_same_tables_give_the_same_figure_byte_for_byte(drawn, tmp_path):
    for name in ("a", "b"):
        write_scaling(tmp_path / name, *drawn)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
