"""Arms of one task side by side: the same units, the same resamples, and the sign of a gain."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import NAMES, RESAMPLES, TEST, TRUTH, UNITS, Made, made, noisy, task_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import bootstrapped, difference, resamples
from plmbench.compare.differences import (
    ARM_COLUMNS,
    DIFFERENCE_COLUMNS,
    comparison_tables,
    noise_generator,
)
from plmbench.core.errors import InputError
from plmbench.core.metrics import METRICS, Target, measured
from plmbench.probe.predictions import of_units

ROLES = {"onehot": "baseline", "length": "control", "net": "network", "early": "network"}
LABEL_CONTROLS = {"ridge": "ridge_shuffled"}


def study(**changes):
    """Return a network, two ablations of it, a baseline and the controls; layers 0 and 1."""
    arms = {
        "onehot": made("onehot", "none", 1.0, salt=1, pooling="flat"),
        "length": made("length", "none", 3.0, salt=2),
        "net": made("net", "pretrained", 0.4, 0.7, salt=3),
        "reinit-0": made("net", "reinit-0", 1.5, 1.0, salt=4, best=1),
        "reinit-1": made("net", "reinit-1", 1.6, 1.1, salt=5, best=1),
        "reinit-2": made("net", "reinit-2", 1.4, 1.2, salt=10, best=1),
        "resample-0": made("net", "resample-0", 2.0, 2.5, salt=6),
        "shuffled": made("net", "pretrained", 9.0, 9.0, salt=7, probe="ridge_shuffled"),
        "early": made("early", "pretrained", 0.9, 0.9, salt=8),
    }
    return list((arms | changes).values())


def tables(folder, arms, **settings):
    """Return the tables of arms and of differences."""
    return comparison_tables(task_of(folder, arms, **settings), ROLES, LABEL_CONTROLS)


def row(table, **wanted):
    """Return the one row of a table that has these values."""
    for column, value in wanted.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def value_of(arm, layer, metric="spearman", test=TEST):
    """Return the mean over seeds of a metric of an arm as it was made."""
    return np.mean([measured(metric, test.y_true, v, test.target)[0] for v in arm.values[layer]])


def test_tables_have_the_published_columns(tmp_path):
    arms, differences = tables(tmp_path, study())
    assert (
        list(arms)
        == ARM_COLUMNS
        == [
            *("probe", "pooling", "model", "ablation", "metric", "layer_selection", "layer"),
            *("value", "low", "high", "seeds", "n"),
        ]
    )
    assert (
        list(differences)
        == DIFFERENCE_COLUMNS
        == [
            *("probe", "pooling", "model", "metric", "layer_selection", "reference", "role"),
            *("reference_pooling", "difference", "low", "high", "p", "seeds", "n"),
        ]
    )


def test_an_arm_has_its_value_on_test_at_the_chosen_and_the_last_layer(tmp_path):
    everything = study()
    arms, _ = tables(tmp_path, everything)
    for choice, layer in (("validation", 0), ("last", 1)):
        found = row(arms, model="net", ablation="pretrained", probe="ridge", layer_selection=choice)
        assert found["layer"] == layer
        assert found["value"] == pytest.approx(value_of(everything[2], layer), abs=1e-12)
        assert found["low"] < found["value"] < found["high"]
        assert (found["seeds"], found["n"]) == (1, UNITS)


def test_seeds_of_an_ablation_are_its_files_each_the_mean_over_probe_seeds(tmp_path):
    drawn = [made("net", f"reinit-{i}", 1.5, salt=20 + i, seeds=2) for i in range(3)]
    task = task_of(tmp_path, [made("net", "pretrained", 0.4, salt=3, seeds=4), *drawn])
    reinit = task.arm(ArmKey("ridge", "mean", "net", "reinit"), 0)
    assert reinit.points == pytest.approx([value_of(arm, 0) for arm in drawn])
    assert reinit.resampled.shape == (3, RESAMPLES)
    pretrained = task.arm(ArmKey("ridge", "mean", "net", "pretrained"), 0)
    assert pretrained.resampled.shape == (4, RESAMPLES)


def test_every_arm_gets_the_same_resamples(tmp_path):
    everything, metric = study(), "rmse"
    task = task_of(tmp_path, everything, metric=metric, seed=5)
    counts = resamples(UNITS, RESAMPLES, 5)
    for arm, ablation in ((everything[0], "none"), (everything[2], "pretrained")):
        expected = bootstrapped(metric, TRUTH, arm.values[0][0], TEST.target, counts)
        found = task.arm(ArmKey("ridge", arm.pooling, arm.model, ablation), 0).resampled[0]
        assert -found == pytest.approx(expected)  # higher is better in an Arm


def test_equal_arms_differ_by_nothing(tmp_path):
    same = Made("net", "resample-0", made("net", "pretrained", 0.4, 0.7, salt=3).values)
    _, differences = tables(tmp_path, study(**{"resample-0": same}))
    found = row(differences, model="net", reference="resample", layer_selection="validation")
    assert tuple(found[["difference", "low", "high", "p"]]) == (0, 0, 0, 1)


@pytest.mark.parametrize("metric", METRICS["regression"])
def test_a_gain_is_positive_whatever_the_metric(tmp_path, metric):
    arms, differences = tables(tmp_path, study(), metric=metric)
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
    assert found["value"] == pytest.approx(value_of(study()[2], 0, metric), abs=1e-9)
    assert found["low"] <= found["value"] <= found["high"]


def test_a_difference_is_that_of_the_values_at_the_same_choice(tmp_path):
    arms, differences = tables(tmp_path, study())
    for choice in ("validation", "last"):
        net = row(arms, model="net", ablation="pretrained", probe="ridge", layer_selection=choice)
        reinit = row(arms, model="net", ablation="reinit", layer_selection=choice)
        found = row(differences, model="net", reference="reinit", layer_selection=choice)
        assert found["difference"] == pytest.approx(net["value"] - reinit["value"])
        assert reinit["layer"] == 1
        assert (found["seeds"], reinit["seeds"]) == (3, 3)


def test_a_difference_is_tested_by_the_test_units_and_by_names_alone(tmp_path):
    task = task_of(tmp_path, study())
    _, differences = comparison_tables(task, ROLES, LABEL_CONTROLS)
    key = ArmKey("ridge", "mean", "net", "pretrained")
    sides = task.arm(key, 0), task.arm(key._replace(ablation="reinit"), 1)
    expected = difference(*sides, noise_generator(*key, "best", "reinit"), UNITS)
    found = row(differences, model="net", reference="reinit", layer_selection="validation")
    assert tuple(found[["difference", "low", "high", "p"]]) == expected[:4]


def test_a_control_on_shuffled_labels_has_no_differences_of_its_own(tmp_path):
    more = made("onehot", "none", 9.0, salt=11, probe="ridge_shuffled")
    _, differences = tables(tmp_path, study(more=more))
    assert set(differences["probe"]) == {"ridge"}


def test_a_network_is_compared_with_baselines_controls_and_its_own_ablations(tmp_path):
    _, differences = tables(tmp_path, study())
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
    _, differences = tables(tmp_path, study())
    assert (
        row(differences, model="net", reference="onehot", layer_selection="validation")[
            "reference_pooling"
        ]
        == "flat"
    )
    same = made("onehot", "none", 1.0, salt=9, pooling="flat mean")
    _, differences = tables(tmp_path / "more", [*study(onehot=same)])
    assert set(differences["reference_pooling"]) == {"mean"}


def test_a_reference_without_a_chosen_layer_is_no_number_and_still_a_row(tmp_path):
    undefined = made("net", "resample-0", 2.0, 2.5, salt=6, best=None)
    _, differences = tables(tmp_path, study(**{"resample-0": undefined}))
    found = row(differences, model="net", reference="resample", layer_selection="validation")
    assert found[["difference", "low", "high", "p"]].isna().all()
    assert row(differences, model="net", reference="resample", layer_selection="last")["p"] < 1


def test_an_undefined_metric_is_no_number(tmp_path):
    constant = Made("onehot", "none", {0: np.ones((1, UNITS))}, pooling="flat")
    arms, differences = tables(tmp_path, study(onehot=constant))
    assert (
        row(arms, model="onehot", layer_selection="validation")[["value", "low", "high"]]
        .isna()
        .all()
    )
    found = row(differences, model="net", reference="onehot", layer_selection="validation")
    assert found[["difference", "low", "high", "p"]].isna().all()


def part(arm, kept):
    """Return an arm that has tested a part of the units."""
    test, mask = of_units(arm.test, kept)
    return arm._replace(test=test, values={i: v[:, mask] for i, v in arm.values.items()})


def test_arms_are_compared_on_the_units_that_all_of_them_have(tmp_path):
    everything, kept = study(), np.ones((2, UNITS), bool)
    kept[0, [3, 17]] = kept[1, [17, 40]] = False
    less = {"net": part(everything[2], kept[0]), "reinit-0": part(everything[3], kept[1])}
    arms, _ = tables(tmp_path, study(**less))
    assert set(arms["n"]) == {UNITS - 3}
    common = part(everything[0], kept.all(0))
    found = row(arms, model="onehot", layer_selection="validation")
    assert found["value"] == pytest.approx(value_of(common, 0, test=common.test), abs=1e-12)
    elsewhere, _ = tables(tmp_path / "all", [part(arm, kept.all(0)) for arm in everything])
    pd.testing.assert_frame_equal(arms, elsewhere)


def test_arms_without_a_common_unit_are_refused(tmp_path):
    half = np.arange(UNITS) < UNITS // 2
    halves = [part(arm, mask) for arm, mask in zip(study()[:2], (half, ~half), strict=True)]
    with pytest.raises(InputError, match="no test sequence is common to all arms"):
        task_of(tmp_path, halves)


def test_arms_whose_units_stand_in_another_order_are_refused_by_name(tmp_path):
    reversed_arm = made("length", "none", 3.0)._replace(
        test=TEST._replace(names=NAMES[::-1], y_true=TRUTH[::-1])
    )
    with pytest.raises(InputError, match="length, none, ridge are of sequences in another order"):
        task_of(tmp_path, study(length=reversed_arm))


def test_arms_are_compared_without_units_that_another_max_length_has_cut(tmp_path):
    y_true = TRUTH.copy()
    y_true[[3, 17]] += 1
    cut = made("length", "none", 3.0)._replace(test=TEST._replace(y_true=y_true))
    task = task_of(tmp_path, study(length=cut))
    assert task.units == UNITS - 2
    assert all(not {"chain 3", "chain 17"} & set(test.names) for test, _ in task.tests.values())


def test_the_order_of_files_changes_nothing(tmp_path):
    found = []
    for order in (1, -1):
        pair = tables(tmp_path / str(order), study()[::order])
        keys = (ARM_COLUMNS[:6], DIFFERENCE_COLUMNS[:6])
        sorted_pair = zip(pair, keys, strict=True)
        found.append([t.sort_values(key, ignore_index=True) for t, key in sorted_pair])
    for first, second in zip(*found, strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_the_seed_of_the_resamples_changes_intervals_and_no_value(tmp_path):
    first, second = (tables(tmp_path / str(seed), study(), seed=seed)[1] for seed in (0, 1))
    assert first["difference"].equals(second["difference"])
    assert not first["low"].equals(second["low"])


CLASSES = Target("residue_classification", ("C", "H"))
CHAINS = np.arange(0, 3 * UNITS + 1, 3)
CODES = np.random.default_rng(1).integers(0, 2, 3 * UNITS)
RESIDUES = TEST._replace(y_true=CODES, offsets=CHAINS, target=CLASSES)


def residue_arm(model, weights, error, salt, **settings):
    """Return an arm of a residue task."""
    scores = noisy(error, salt, y_true=CODES)
    values = np.stack([np.full_like(scores, 0.5), scores], 2)
    return Made(model, weights, {0: values}, test=RESIDUES, pooling="residues", **settings)


def test_residues_are_resampled_by_chain(tmp_path):
    arms = [residue_arm("onehot", "none", 1, 1), residue_arm("net", "pretrained", 0.3, 2)]
    task = task_of(tmp_path, arms, metric="accuracy")
    found = task.arm(ArmKey("ridge", "residues", "net", "pretrained"), 0)
    counts = resamples(UNITS, RESAMPLES, 0)
    facts = ("accuracy", CODES, arms[1].values[0][0], RESIDUES.target, counts, CHAINS)
    assert found.resampled[0] == pytest.approx(bootstrapped(*facts))
    assert task.examples(ArmKey("ridge", "residues", "net", "pretrained")) == 3 * UNITS
    assert task.units == UNITS


def test_chains_that_an_arm_lacks_take_their_residues_along(tmp_path):
    kept = np.arange(UNITS) != 7
    arms = [residue_arm("onehot", "none", 1, 1), residue_arm("net", "pretrained", 0.3, 2)]
    less = [part(arm, kept) for arm in arms]
    arms, _ = tables(tmp_path, [less[0], arms[1]], metric="accuracy")
    expected, _ = tables(tmp_path / "less", less, metric="accuracy")
    assert set(arms["n"]) == {3 * UNITS - 3}
    pd.testing.assert_frame_equal(arms, expected)
