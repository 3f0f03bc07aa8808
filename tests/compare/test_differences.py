"""Arms of one task side by side: intervals, references, and the sign of a gain."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import UNITS, Made, made, part, small_study, task_of, value_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import difference
from plmbench.compare.differences import (
    ARM_COLUMNS,
    DIFFERENCE_COLUMNS,
    comparison_tables,
)
from plmbench.core.metrics import metrics_of

ROLES = {"onehot": "baseline", "length": "control", "net": "network", "early": "network"}
LABEL_CONTROLS = {"ridge": "ridge_shuffled"}


def tables(folder, arms, **settings):
    """Return the tables of arms and of differences."""
    return comparison_tables(task_of(folder, arms, **settings), ROLES, LABEL_CONTROLS)


def row(table, **wanted):
    """Return the one row of a table that has these values."""
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_tables_have_the_published_columns(tmp_path):
    arms, differences = tables(tmp_path, small_study())
    assert (
        list(arms)
        == ARM_COLUMNS
        == [
            *("probe", "pooling", "model", "ablation", "metric", "layer_selection", "layer"),
            *("value", "low", "high", "seeds", "n", "units", "training_data", "defined", "reason"),
        ]
    )
    assert (
        list(differences)
        == DIFFERENCE_COLUMNS
        == [
            *("probe", "pooling", "model", "metric", "layer_selection", "layer"),
            *("reference", "role", "reference_pooling", "difference", "low", "high", "p"),
            *("error", "freedom", "most_noise", "test_error", "seed_error"),
            *("seeds", "seed_sd", "n", "units"),
            *("training_data", "defined", "reason"),
            *("share_of_gain", "share_low", "share_high", "share_reason"),
        ]
    )


def test_an_arm_has_its_value_on_test_at_the_chosen_and_the_last_layer(tmp_path):
    everything = small_study()
    arms, _ = tables(tmp_path, everything)
    for layer_selection, layer in (("validation", 0), ("last", 1)):
        found = row(
            arms, model="net", ablation="pretrained", probe="ridge", layer_selection=layer_selection
        )
        assert found["layer"] == layer
        assert found["value"] == pytest.approx(value_of(everything[2], layer), abs=1e-12)
        assert found["low"] < found["value"] < found["high"]
        assert (found["seeds"], found["n"]) == (1, UNITS)


def test_equal_arms_differ_by_nothing(tmp_path):
    same = Made("net", "resample-0", made("net", "pretrained", 0.4, 0.7, salt=3).values)
    _, differences = tables(tmp_path, small_study(**{"resample-0": same}))
    found = row(differences, model="net", reference="resample", layer_selection="validation")
    assert tuple(found[["difference", "low", "high", "p"]]) == (0, 0, 0, 1)


@pytest.mark.parametrize("metric", metrics_of("regression"))
def test_a_gain_is_positive_whatever_the_metric(tmp_path, metric):
    arms, differences = tables(tmp_path, small_study(), metric=metric)
    assert (differences["metric"] == metric).all()
    own_rows = differences[
        (differences["model"] == "net") & (differences["layer_selection"] == "validation")
    ]
    assert len(own_rows) == 5
    assert (own_rows["difference"] > 0).all()
    assert row(own_rows, reference="onehot")["low"] > 0
    found = row(
        arms, model="net", ablation="pretrained", probe="ridge", layer_selection="validation"
    )
    assert found["value"] == pytest.approx(value_of(small_study()[2], 0, metric), abs=1e-9)
    assert found["low"] <= found["value"] <= found["high"]


def test_a_difference_is_that_of_the_values_at_the_same_selection_of_the_layer(tmp_path):
    arms, differences = tables(tmp_path, small_study())
    for layer_selection in ("validation", "last"):
        net = row(
            arms, model="net", ablation="pretrained", probe="ridge", layer_selection=layer_selection
        )
        reinit = row(arms, model="net", ablation="reinit", layer_selection=layer_selection)
        found = row(differences, model="net", reference="reinit", layer_selection=layer_selection)
        assert found["difference"] == pytest.approx(net["value"] - reinit["value"])
        assert reinit["layer"] == 1
        assert (found["seeds"], reinit["seeds"]) == (3, 3)


def test_a_difference_is_that_of_its_arms_with_what_other_ablations_tell_of_their_spread(tmp_path):
    task = task_of(tmp_path, small_study())
    _, differences = comparison_tables(task, ROLES, LABEL_CONTROLS)
    key = ArmKey("ridge", "mean", "net", "pretrained")
    sides = task.arm(key, 0), task.arm(key._replace(ablation="reinit"), 1)
    prior = task.prior(key, "validation")
    expected = difference(*sides, UNITS, prior=prior)
    found = row(differences, model="net", reference="reinit", layer_selection="validation")
    assert tuple(found[["difference", "low", "high", "p"]]) == expected[:4]
    of_error = ["error", "freedom", "most_noise", "test_error", "seed_error"]
    assert tuple(found[of_error]) == expected[-5:]
    assert found["seed_sd"] == pytest.approx(sides[1].points.std(ddof=1))


def test_a_control_on_shuffled_labels_has_no_differences_of_its_own(tmp_path):
    more = made("onehot", "none", 9.0, salt=11, probe="ridge_shuffled")
    _, differences = tables(tmp_path, small_study(more=more))
    assert set(differences["probe"]) == {"ridge"}


def test_a_network_is_compared_with_baselines_controls_and_its_own_ablations(tmp_path):
    _, differences = tables(tmp_path, small_study())
    best = differences[differences["layer_selection"] == "validation"]
    found = best[["model", "reference", "role"]].itertuples(index=False, name=None)
    assert sorted(found) == sorted(
        [
            ("early", "length", "control"),
            ("early", "onehot", "baseline"),
            ("net", "length", "control"),
            ("net", "onehot", "baseline"),
            ("net", "reinit", "ablation"),
            ("net", "resample", "ablation"),
            ("net", "shuffled labels", "control"),
        ]
    )


def test_a_reference_without_the_pooling_gives_the_one_it_has(tmp_path):
    _, differences = tables(tmp_path, small_study())
    assert (
        row(differences, model="net", reference="onehot", layer_selection="validation")[
            "reference_pooling"
        ]
        == "flat"
    )
    same = made("onehot", "none", 1.0, salt=9, pooling="flat mean")
    _, differences = tables(tmp_path / "more", [*small_study(onehot=same)])
    assert set(differences["reference_pooling"]) == {"mean"}


def test_a_reference_without_a_chosen_layer_is_no_number_and_still_a_row(tmp_path):
    undefined = made("net", "resample-0", 2.0, 2.5, salt=6, best=None)
    _, differences = tables(tmp_path, small_study(**{"resample-0": undefined}))
    found = row(differences, model="net", reference="resample", layer_selection="validation")
    assert found[["difference", "low", "high", "p"]].isna().all()
    last = row(differences, model="net", reference="resample", layer_selection="last")
    assert last["low"] < last["high"]


def test_an_undefined_metric_is_no_number(tmp_path):
    constant = Made("onehot", "none", {0: np.ones((1, UNITS))}, pooling="flat")
    arms, differences = tables(tmp_path, small_study(onehot=constant))
    assert (
        row(arms, model="onehot", layer_selection="validation")[["value", "low", "high"]]
        .isna()
        .all()
    )
    found = row(differences, model="net", reference="onehot", layer_selection="validation")
    assert found[["difference", "low", "high", "p"]].isna().all()


def test_arms_are_compared_on_the_units_that_all_of_them_have(tmp_path):
    everything, kept = small_study(), np.ones((2, UNITS), bool)
    kept[0, [3, 17]] = kept[1, [17, 40]] = False
    less = {"net": part(everything[2], kept[0]), "reinit-0": part(everything[3], kept[1])}
    arms, _ = tables(tmp_path, small_study(**less))
    assert set(arms["n"]) == {UNITS - 3}
    common = part(everything[0], kept.all(0))
    found = row(arms, model="onehot", layer_selection="validation")
    assert found["value"] == pytest.approx(value_of(common, 0, test=common.test), abs=1e-12)
    elsewhere, _ = tables(tmp_path / "all", [part(arm, kept.all(0)) for arm in everything])
    pd.testing.assert_frame_equal(arms, elsewhere)


def test_the_order_of_files_changes_nothing(tmp_path):
    found = []
    for order in (1, -1):
        pair = tables(tmp_path / str(order), small_study()[::order])
        keys = (ARM_COLUMNS[:6], DIFFERENCE_COLUMNS[:7])
        sorted_pair = zip(pair, keys, strict=True)
        found.append([t.sort_values(key, ignore_index=True) for t, key in sorted_pair])
    for first, second in zip(*found, strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_the_seed_of_the_resamples_changes_intervals_and_no_value(tmp_path):
    first, second = (tables(tmp_path / str(seed), small_study(), seed=seed)[1] for seed in (0, 1))
    assert first["difference"].equals(second["difference"])
    assert not first["low"].equals(second["low"])
