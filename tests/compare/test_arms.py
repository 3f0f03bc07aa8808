"""Arms of one task: the same units and the same resamples for all of them."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import (
    NAMES,
    RESAMPLES,
    TEST,
    TRUTH,
    UNITS,
    Made,
    made,
    noisy,
    part,
    small_study,
    task_of,
    value_of,
)
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import bootstrapped, by_network, resamples
from plmbench.compare.differences import comparison_tables
from plmbench.core.errors import InputError
from plmbench.core.metrics import Target


def arm_table(folder, arms, **settings):
    """Return the table of arms."""
    table, _ = comparison_tables(task_of(folder, arms, **settings), {}, {})
    return table


def test_the_networks_of_an_ablation_are_its_files_each_with_the_seeds_of_the_probe(tmp_path):
    drawn = [made("net", f"reinit-{i}", 1.5, salt=20 + i, seeds=2) for i in range(3)]
    task = task_of(tmp_path, [made("net", "pretrained", 0.4, salt=3, seeds=4), *drawn])
    reinit = task.arm(ArmKey("ridge", "mean", "net", "reinit"), 0)
    points, resampled = by_network(reinit)
    assert points.mean(1) == pytest.approx([value_of(arm, 0) for arm in drawn])
    assert resampled.shape == (3, 2, RESAMPLES)
    assert (reinit.networks, reinit.seeds) == (3, 3)
    pretrained = task.arm(ArmKey("ridge", "mean", "net", "pretrained"), 0)
    assert pretrained.resampled.shape == (4, RESAMPLES)
    assert pretrained.networks == 1


def test_every_arm_gets_the_same_resamples(tmp_path):
    everything, metric = small_study(), "rmse"
    task = task_of(tmp_path, everything, metric=metric, seed=5)
    counts = resamples(UNITS, RESAMPLES, 5)
    for arm, ablation in ((everything[0], "none"), (everything[2], "pretrained")):
        expected = bootstrapped(metric, TRUTH, arm.values[0][0], TEST.target, counts)
        found = task.arm(ArmKey("ridge", arm.pooling, arm.model, ablation), 0).resampled[0]
        assert -found == pytest.approx(expected)  # higher is better in an Arm


def test_arms_without_a_common_unit_are_refused(tmp_path):
    half = np.arange(UNITS) < UNITS // 2
    halves = [part(arm, mask) for arm, mask in zip(small_study()[:2], (half, ~half), strict=True)]
    with pytest.raises(InputError, match="no test sequence is common to all arms"):
        task_of(tmp_path, halves)


def test_arms_whose_units_stand_in_another_order_are_refused_by_name(tmp_path):
    reversed_arm = made("length", "none", 3.0)._replace(
        test=TEST._replace(names=NAMES[::-1], y_true=TRUTH[::-1])
    )
    with pytest.raises(InputError, match="length, none, ridge are of sequences in another order"):
        task_of(tmp_path, small_study(length=reversed_arm))


def test_arms_are_compared_without_units_that_another_max_length_has_cut(tmp_path):
    y_true = TRUTH.copy()
    y_true[[3, 17]] += 1
    cut = made("length", "none", 3.0)._replace(test=TEST._replace(y_true=y_true))
    task = task_of(tmp_path, small_study(length=cut))
    assert task.units == UNITS - 2
    assert all(not {"chain 3", "chain 17"} & set(test.names) for test, _ in task.tests.values())


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
    table = arm_table(tmp_path / "one", [less[0], arms[1]], metric="accuracy")
    expected = arm_table(tmp_path / "both", less, metric="accuracy")
    assert set(table["n"]) == {3 * UNITS - 3}
    pd.testing.assert_frame_equal(table, expected)
