"""Bars of every arm, at the layer chosen on validation and at the last one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from plmbench.report.bars import draw_bars, write_bars
from plmbench.report.subjects import Subject, of_task


@pytest.fixture
def task(study):
    """Return the first task: a regression, with two poolings."""
    return study.tasks[0]


@pytest.fixture
def subject(study, task):
    """Return what its figure is about."""
    return Subject("spearman", study.about, task)


@pytest.fixture
def arms(study, task):
    """Return its arms."""
    return of_task(study.arms, task["dataset"], task["split"])


def bars_of(axis):
    """Return the values of the bars of a panel, from top to bottom."""
    return [bar.get_width() for bar in sorted(axis.patches, key=lambda bar: bar.get_y())]


def rows_of_panel(arms, pooling, layer_selection):
    """Return the rows of one panel."""
    shown = (arms["pooling"] == pooling) | (arms["ablation"] == "none")
    return arms[shown & (arms["layer_selection"] == layer_selection)]


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("column", [0, 1])
def test_every_arm_has_a_bar_of_its_value(subject, arms, draw, row, column):
    figure = draw(draw_bars, arms, subject)
    axis = figure.axes[2 * row + column]
    rows = rows_of_panel(arms, ["mean", "max"][row], ["validation", "last"][column])
    np.testing.assert_allclose(sorted(bars_of(axis)), sorted(rows["value"]))


def test_every_bar_has_its_interval(subject, arms, draw):
    axis = draw(draw_bars, arms, subject).axes[0]
    spans = {tuple(np.round(s[:, 0], 9)) for c in axis.collections for s in c.get_segments()}
    rows = rows_of_panel(arms, "mean", "validation")
    assert spans == set(zip(rows["low"].round(9), rows["high"].round(9), strict=True))


def test_pretrained_stands_above_its_ablations_and_networks_above_baselines(subject, arms, draw):
    axis = draw(draw_bars, arms, subject).axes[0]
    rows = rows_of_panel(arms, "mean", "validation").set_index(["model", "ablation"])["value"]
    network = [rows["esm1_85M", name] for name in ("pretrained", "reinit", "resample")]
    without_weights = [rows[name, "none"] for name in ("onehot", "composition", "length")]
    np.testing.assert_allclose(bars_of(axis)[-6:], [*network, *without_weights])


def test_arms_differ_in_hatch_and_not_only_in_colour(subject, arms, draw):
    axis = draw(draw_bars, arms, subject).axes[0]
    looks = {(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in axis.patches}
    assert len({hatch for _, hatch in looks if hatch}) == 3  # two ablations, and the controls
    assert len(looks) == 5


def test_an_undefined_value_is_named_and_has_no_bar(subject, arms, draw, text_of):
    gone = (arms["model"] == "length") | (arms["ablation"] == "reinit")
    arms = arms.assign(value=arms["value"].mask(gone))
    axis = draw(draw_bars, arms, subject).axes[0]
    assert len(bars_of(axis)) == rows_of_panel(arms, "mean", "validation")["value"].notna().sum()
    assert 0 not in bars_of(axis)
    text = text_of(write_bars, arms, subject)
    assert text.count("undefined") == gone.sum() + 2  # `length` stands in the rows of both poolings


def test_an_arm_without_a_chosen_layer_is_named_and_has_no_bar(subject, arms, text_of):
    arms = arms[(arms["ablation"] != "reinit") | (arms["layer_selection"] == "last")]
    assert text_of(write_bars, arms, subject).count("no layer chosen") == 4


def test_where_no_layer_was_chosen_at_all_the_panel_says_why(subject, arms, text_of):
    last = arms[arms["layer_selection"] == "last"]
    text = text_of(write_bars, last, subject)
    assert "the metric is undefined on validation" in text
    assert "esm1_85M" in text
    assert "0.1" in text  # the other column keeps its ticks


def test_without_a_value_the_figure_says_so(study, arms, task, text_of):
    assert "No value of R²" in text_of(write_bars, arms, Subject("r2", study.about, task))


def test_baselines_alone_are_drawn(subject, arms, draw):
    baselines = arms[arms["ablation"] == "none"]
    axis = draw(draw_bars, baselines, subject).axes[0]
    assert len(bars_of(axis)) == 3


def test_an_arm_without_an_interval_says_so_beside_its_value(subject, arms, text_of):
    text = text_of(write_bars, arms.assign(low=np.nan, high=np.nan), subject)
    assert ", no interval" in text
    assert ", no interval" not in text_of(write_bars, arms, subject)


def test_shuffled_labels_are_an_arm_of_the_probe_they_control(subject, arms, text_of):
    control = arms[arms["ablation"] == "pretrained"].assign(probe="ridge_shuffled", value=0.01)
    task = subject.task | {"label_controls": {"ridge": "ridge_shuffled"}}
    subject = replace(subject, task=task)
    text = text_of(write_bars, pd.concat([arms, control]), subject)
    assert "shuffled labels (1 seed)" in text
    assert "ridge_shuffled" not in text


def test_the_figure_states_metric_n_seeds_and_layers(subject, arms, text_of):
    text = text_of(write_bars, arms, subject)
    for words in ("Spearman's ρ on test", "3,644 test sequences", "reinit (3 seeds)", ", layer "):
        assert words in text


def test_the_same_arms_give_the_same_figure_byte_for_byte(subject, arms, tmp_path):
    for name in ("a", "b"):
        write_bars(tmp_path / name, arms, subject)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_that_predicts_by_itself_has_a_bar_in_every_panel(subject, arms, draw):
    direct = arms[arms["ablation"] == "none"].drop_duplicates("layer_selection")
    direct = direct.assign(model="cnn", probe="direct", pooling="none", value=0.123)
    figure = draw(draw_bars, pd.concat([arms, direct], ignore_index=True), subject)
    assert len(figure.axes) == 4
    for axis in figure.axes:
        assert bars_of(axis).count(0.123) == len(direct) // 2
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "cnn" in names  # and not "cnn (none)"
