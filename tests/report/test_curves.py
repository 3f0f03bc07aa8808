"""The metric against the layer."""

import numpy as np
import pandas as pd
import pytest

from plmbench.report.curves import draw_curves, write_curves
from plmbench.report.subjects import Subject

TASK = {"title": "Toy, first", "target": "activity", "task_type": "regression"}
ABOUT = {"onehot": {"title": "one-hot"}, "net": {}}


def rows(model, weights, validation, test, pooling="mean"):
    """Return the score rows of one job: one value per layer, for validation and test."""
    names = {"dataset": "toy", "split": "first", "probe": "ridge", "model": model}
    names |= {"weights": weights, "pooling": pooling, "seed": 0, "metric": "spearman"}
    return [
        {**names, "layer": layer, "subset": subset, "n": n, "value": value}
        for subset, values, n in (("validation", validation, 20), ("test", test, 40))
        for layer, value in enumerate(values)
    ]


@pytest.fixture
def toy():
    """Return the scores of one-hot and a network, pretrained and ablated with two seeds."""
    arms = (
        rows("onehot", "none", [0.5], [0.45], pooling="flat"),
        rows("net", "pretrained", [0.1, 0.9, 0.3], [0.8, 0.2, 0.6]),
        rows("net", "reinit-0", [0.1, 0.2, 0.5], [0.1, 0.3, 0.4]),
        rows("net", "reinit-1", [0.1, 0.8, 0.3], [0.1, 0.5, 0.6]),
    )
    return pd.DataFrame([row for arm in arms for row in arm])


def lines_of(figure):
    """Return {label: y [point]} of all curves and horizontal lines."""
    return {line.get_label(): line.get_ydata() for axis in figure.axes for line in axis.lines}


def test_every_arm_stands_at_its_values(toy, draw):
    lines = lines_of(draw(draw_curves, toy, Subject("spearman", ABOUT, TASK)))
    np.testing.assert_allclose(lines["pretrained"], [0.8, 0.2, 0.6])
    np.testing.assert_allclose(lines["reinit (2 seeds)"], [0.1, 0.4, 0.5])
    np.testing.assert_allclose(lines["one-hot"], 0.45)


def test_the_ring_is_at_the_layer_that_is_best_on_validation(toy, draw):
    figure = draw(draw_curves, toy, Subject("spearman", ABOUT, TASK))
    ring = next(x for x in figure.axes[0].lines if x.get_label() == "layer chosen on validation")
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (1, 0.2)


def test_the_figure_names_task_axes_and_every_arm(toy, text_of):
    text = text_of(write_curves, toy, Subject("spearman", ABOUT, TASK))
    for words in ("Toy, first", "activity, 40 test sequences", "layer (0", "one-hot", "net"):
        assert words in text
    for words in ("Spearman's ρ on test", "reinit (2 seeds)", "pretrained", "chosen on validation"):
        assert words in text


def test_of_a_residue_task_the_figure_counts_residues(toy, text_of):
    task = TASK | {"task_type": "residue_classification"}
    assert "40 test residues" in text_of(write_curves, toy, Subject("spearman", ABOUT, task))


def test_the_same_scores_give_the_same_figure_byte_for_byte(toy, tmp_path):
    for name in ("a", "b"):
        write_curves(tmp_path / name, toy, Subject("spearman", ABOUT, TASK))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("model", ["onehot", "net"])
def test_a_figure_is_drawn_of_baselines_or_a_network_alone(toy, text_of, model):
    own_rows = toy[toy["model"] == model]
    assert "Toy, first" in text_of(write_curves, own_rows, Subject("spearman", ABOUT, TASK))


def test_a_single_seed_is_drawn_and_named(toy, text_of):
    scores = toy[toy["weights"].isin(["pretrained", "reinit-0"])]
    assert "reinit (1 seed)" in text_of(write_curves, scores, Subject("spearman", ABOUT, TASK))


def test_networks_have_axes_of_their_own_and_share_one_legend(toy, text_of):
    other = toy[toy["model"] == "net"].assign(model="other")
    about = ABOUT | {"other": {}}
    text = text_of(write_curves, pd.concat([toy, other]), Subject("spearman", about, TASK))
    assert text.count("ridge, mean pooling") == 2
    assert text.count("reinit (2 seeds)") == 1


def test_checkpoints_of_a_network_share_its_axes(toy, text_of):
    early = toy[toy["weights"] == "pretrained"].assign(model="early")
    about = ABOUT | {"early": {"network": "net", "pretraining": 0.25}}
    text = text_of(write_curves, pd.concat([toy, early]), Subject("spearman", about, TASK))
    assert "pretrained, 0.25 of the way" in text
    assert text.count("ridge, mean pooling") == 1


def test_each_probe_and_pooling_has_axes_of_its_own(toy, text_of):
    more = toy[toy["model"] == "net"]
    scores = pd.concat([toy, more.assign(probe="mlp"), more.assign(pooling="max")])
    text = text_of(write_curves, scores, Subject("spearman", ABOUT, TASK))
    for title in ("ridge, mean pooling", "mlp, mean pooling", "ridge, max pooling"):
        assert title in text


def test_shuffled_labels_are_an_arm_of_the_probe_they_control(toy, draw):
    control = toy[toy["weights"] == "pretrained"].assign(probe="ridge_shuffled", value=0.01)
    task = TASK | {"label_controls": {"ridge": "ridge_shuffled"}}
    figure = draw(draw_curves, pd.concat([toy, control]), Subject("spearman", ABOUT, task))
    assert len(figure.axes) == 1
    np.testing.assert_allclose(lines_of(figure)["shuffled labels (1 seed)"], 0.01)


def test_an_ablation_of_a_checkpoint_is_a_line_of_its_own(toy, draw):
    early = toy[toy["weights"].str.startswith("reinit")].assign(model="early", value=0.05)
    about = ABOUT | {"early": {"network": "net", "pretraining": 0.25}}
    figure = draw(draw_curves, pd.concat([toy, early]), Subject("spearman", about, TASK))
    lines = [x for x in figure.axes[0].lines if x.get_label() == "reinit (2 seeds)"]
    assert sorted(line.get_ydata().tolist() for line in lines) == [[0.05] * 3, [0.1, 0.4, 0.5]]


def test_an_undefined_score_leaves_a_gap_and_is_no_zero(toy, draw):
    gone = (toy["weights"] == "pretrained") & (toy["layer"] == 1) & (toy["subset"] == "test")
    scores = toy.assign(value=toy["value"].mask(gone))
    line = lines_of(draw(draw_curves, scores, Subject("spearman", ABOUT, TASK)))["pretrained"]
    np.testing.assert_array_equal(line, [0.8, np.nan, 0.6])


def test_without_a_score_the_figure_says_so(toy, text_of):
    assert "No score of R²" in text_of(write_curves, toy, Subject("r2", ABOUT, TASK))


def test_a_name_with_dollar_signs_is_no_formula(toy, text_of):
    task = TASK | {"target": r"$\frac{x$ & <b>"}
    assert r"$\frac{x$ & <b>" in text_of(write_curves, toy, Subject("spearman", ABOUT, task))


def test_a_model_that_predicts_by_itself_is_a_line_under_every_probe(toy, draw):
    direct = pd.DataFrame(rows("cnn", "none", [0.2], [0.55], pooling="none")).assign(probe="direct")
    table = pd.concat([toy, toy.assign(probe="mlp"), direct], ignore_index=True)
    figure = draw(draw_curves, table, Subject("spearman", ABOUT, TASK))
    assert len(figure.axes) == 2
    for axis in figure.axes:
        lines = {line.get_label(): line.get_ydata() for line in axis.lines}
        assert set(lines["cnn"]) == {0.55}
