"""Scores by distance from the training set."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import NAMES, UNITS, small_study, task_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.differences import difference_at
from plmbench.compare.identity_bins import BIN_COLUMNS, bin_table
from plmbench.core.identities import IDENTITY_BINS, bin_of, identity_bin, mutation_bin

ROLES = {"onehot": "baseline", "length": "control", "net": "network", "early": "network"}
CONTROLS = {"ridge": "ridge_shuffled"}
NEAR = pd.DataFrame({"name": NAMES, "bin_of": "identity", "bin": "< 30 %"})
NEAR.loc[40:, "bin"] = ">= 90 %"


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    """Return a task whose test sequences are pairs of relatives."""
    families = {name: f"family {i // 2}" for i, name in enumerate(NAMES)}
    return task_of(tmp_path_factory.mktemp("arms"), small_study(), families=families)


@pytest.fixture(scope="module")
def table(task):
    """Return its table of bins: 40 test sequences are far, 20 near."""
    return bin_table(task, NEAR, ROLES, CONTROLS)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [(0, 0), (0.2999, 0), (0.3, 1), (0.4999, 1), (0.5, 2), (0.8999, 2), (0.9, 3), (1, 3)],
)
def test_bins_of_identity_begin_at_30_50_and_90_percent(identity, expected):
    assert identity_bin(identity) == IDENTITY_BINS[expected]
    assert bin_of(np.nan, identity) == ("identity", IDENTITY_BINS[expected])


@pytest.mark.parametrize(("mutations", "expected"), [(0, "0"), (4, "4"), (5, ">= 5"), (31, ">= 5")])
def test_variants_have_bins_of_mutations(mutations, expected):
    assert mutation_bin(mutations) == expected
    assert bin_of(mutations, np.nan) == ("mutations", expected)
    assert bin_of(np.nan, np.nan) == ("", "")


def test_every_arm_has_every_bin_once_all_of_them_first(task, table):
    assert list(table) == BIN_COLUMNS
    arms = len([key for key in task.layers if key.probe == "ridge"])
    assert table["bin"].tolist() == ["all"] * arms + ["< 30 %"] * arms + [">= 90 %"] * arms
    assert not table.duplicated(["bin", *ArmKey._fields]).any()
    counts = table.groupby("bin")[["n", "units"]].first()
    assert counts.loc["all"].tolist() == [UNITS, UNITS // 2]
    assert counts.loc["< 30 %"].tolist() == [40, 20]
    assert counts.loc[">= 90 %"].tolist() == [20, 10]


def test_a_bin_with_few_families_has_a_value_and_no_interval(table):
    near = table[table["bin"] == ">= 90 %"]
    assert near["value"].notna().all()
    assert near["low"].isna().all()
    assert near["reason"].str.contains("too few").all()
    assert table[table["bin"] == "< 30 %"]["low"].notna().all()


def test_gains_are_paired_and_over_the_best_reference_of_validation(task, table):
    row = table[(table["model"] == "net") & (table["ablation"] == "pretrained")]
    row = row[row["bin"] == "< 30 %"].iloc[0]
    assert row["gain_over_baseline_by"] == "onehot"
    name, key = row["gain_over_ablation_by"], ArmKey("ridge", "mean", "net", "pretrained")
    assert name in ("reinit", "resample")
    part = task.part(NAMES[:40])
    expected = difference_at(part, "validation", key, key._replace(ablation=name))
    assert row["gain_over_ablation"] == expected.value
    assert (row["gain_over_ablation_low"], row["gain_over_ablation_high"]) == expected[1:3]


def test_only_pretrained_networks_have_gains(table):
    others = table[table["ablation"] != "pretrained"]
    assert others["gain_over_ablation"].isna().all()
    assert set(others["gain_over_ablation_by"]) == {""}
    assert table[table["bin"] == "all"]["icc"].notna().all()


def test_unknown_bins_leave_all_test_sequences_in_one(task):
    unknown = NEAR.assign(bin="", bin_of="")
    assert set(bin_table(task, unknown, ROLES, CONTROLS)["bin"]) == {"all"}
