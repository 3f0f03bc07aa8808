"""Tasks against networks: what pretraining adds over the best that does without it."""

import numpy as np
import pandas as pd
import pytest

from plmbench.report.heat_map import draw_heat_map, gains, write_heat_map

TASKS = [{"dataset": "toy", "split": "first", "title": "Toy, first", "metric": "spearman"}]
ABOUT = {"net": {"title": "The network"}, "onehot": {}, "composition": {}}
DIFFERENCES = {
    ("baseline", "onehot"): 0.3,
    ("ablation", "reinit"): 0.1,
    ("control", "composition"): 0.02,
}


def differences(values=DIFFERENCES, metric="spearman", **more):
    """Return a differences table of one network, and at the last layer all of them at -9."""
    names = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}
    names |= {"model": "net", "metric": metric} | more
    return pd.DataFrame(
        names
        | {"role": role, "reference": reference, "in_verdict": "no" if role == "control" else "yes"}
        | {"layer_selection": layer_selection, "difference": value}
        | {"low": value - 0.05, "high": value + 0.05}
        for (role, reference), chosen in values.items()
        for layer_selection, value in (("validation", chosen), ("last", -9.0))
    )


def verdicts(verdict="benefits", **more):
    """Return its row of the table of verdicts."""
    names = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}
    return pd.DataFrame([names | {"model": "net", "verdict": verdict} | more])


def texts(axis):
    """Return the texts of the cells of an axis."""
    return [text.get_text() for text in axis.texts]


def test_a_cell_is_the_smallest_difference_to_baselines_and_ablations_at_the_chosen_layer():
    found = gains(differences(), verdicts(), {("toy", "first"): "spearman"})
    assert found["gain"].tolist() == [0.1]  # neither the control's nor the last layer's


def test_an_ablation_that_does_not_bear_on_the_verdict_has_no_part_in_a_cell():
    partial = differences({("ablation", "reinit_heads"): -1.0}).assign(in_verdict="no")
    both = pd.concat([differences(), partial])
    assert gains(both, verdicts(), {("toy", "first"): "spearman"})["gain"].tolist() == [0.1]


def test_another_metric_than_the_tasks_is_left_out():
    both = pd.concat([differences(), differences({("ablation", "reinit"): -1.0}, metric="r2")])
    assert gains(both, verdicts(), {("toy", "first"): "spearman"})["gain"].tolist() == [0.1]


def test_one_undefined_reference_makes_the_cell_undefined():
    values = DIFFERENCES | {("ablation", "reinit"): np.nan}
    found = gains(differences(values), verdicts(), {("toy", "first"): "spearman"})
    assert np.isnan(found["gain"]).all()


def test_a_checkpoint_without_a_verdict_has_no_cell():
    both = pd.concat([differences(), differences(model="early")])
    found = gains(both, verdicts(), {("toy", "first"): "spearman"})
    assert found["model"].tolist() == ["net"]


@pytest.mark.parametrize(
    ("gain", "number", "hatch"), [(0.1, "+0.100", None), (-0.25, "−0.250", "////")]
)
def test_a_cell_has_its_signed_number_and_a_hatch_below_zero(draw, gain, number, hatch):
    values = DIFFERENCES | {("ablation", "reinit"): gain}
    axis = draw(draw_heat_map, differences(values), verdicts(), ABOUT, TASKS).axes[0]
    assert number in texts(axis)
    assert axis.patches[0].get_hatch() == hatch


@pytest.mark.parametrize(
    ("verdict", "letter"),
    [("benefits", "B"), ("no benefit", "N"), ("worse", "W"), ("unclear", "U"), ("too few", "F")],
)
def test_a_cell_has_its_verdicts_letter(draw, verdict, letter):
    axis = draw(draw_heat_map, differences(), verdicts(verdict), ABOUT, TASKS).axes[0]
    assert letter in texts(axis)


def test_an_undefined_cell_is_a_dash_and_no_zero(draw):
    values = DIFFERENCES | {("ablation", "reinit"): np.nan}
    axis = draw(draw_heat_map, differences(values), verdicts("unclear"), ABOUT, TASKS).axes[0]
    assert texts(axis)[:2] == ["–", "U"]


def test_an_error_and_a_correlation_have_colour_scales_of_their_own(draw):
    tables = (
        pd.concat([differences(), differences(metric="rmse", split="second")]),
        pd.concat([verdicts(), verdicts(split="second")]),
    )
    tasks = [*TASKS, TASKS[0] | {"split": "second", "title": "Toy, second", "metric": "rmse"}]
    panels = [axis for axis in draw(draw_heat_map, *tables, ABOUT, tasks).axes if axis.texts]
    titles = [next(text for text in texts(axis) if text.startswith("Toy")) for axis in panels]
    assert titles == ["Toy, first: Spearman's ρ", "Toy, second: RMSE (unit of the target)"]


def test_probes_and_poolings_of_a_task_are_rows_under_its_title(draw):
    tables = [
        pd.concat([make(), make(pooling="max"), make(probe="mlp")])
        for make in (differences, verdicts)
    ]
    axis = draw(draw_heat_map, *tables, ABOUT, TASKS).axes[0]
    rows = [label.get_text() for label in axis.get_yticklabels()]
    assert rows == ["ridge, mean pooling", "ridge, max pooling", "mlp, mean pooling"]
    assert sum(text.startswith("Toy, first") for text in texts(axis)) == 1
    heights = [round(patch.get_y() + 0.5, 3) for patch in axis.patches]
    assert heights == [round(tick, 3) for tick in axis.get_yticks()]


def test_the_map_names_tasks_metrics_networks_and_letters(text_of):
    text = text_of(write_heat_map, differences(), verdicts(), ABOUT, TASKS)
    for words in ("Toy, first", "Spearman's ρ", "The network", "ridge, mean pooling", "B benefits"):
        assert words in text


def test_without_a_comparison_the_map_says_so(text_of):
    text = text_of(write_heat_map, differences().head(0), verdicts(), ABOUT, TASKS)
    assert "No pretrained network" in text


def test_every_task_and_network_of_a_study_has_a_cell(study, draw):
    tables = study.differences, study.verdicts
    figure = draw(draw_heat_map, *tables, study.about, study.tasks)
    shown = sum(text in tuple("BNWUF–") for axis in figure.axes for text in texts(axis))
    assert shown == len(study.verdicts)


def test_the_same_tables_give_the_same_map_byte_for_byte(study, tmp_path):
    for name in ("a", "b"):
        tables = study.differences, study.verdicts
        write_heat_map(tmp_path / name, *tables, study.about, study.tasks)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
