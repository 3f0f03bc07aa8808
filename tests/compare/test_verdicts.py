"""Verdicts: what is corrected for, what each verdict needs, and where the data do not say."""

import numpy as np
import pandas as pd
import pytest

from helpers.verdicts import (
    ALL,
    EXCLUDED,
    GAIN,
    MIN_EFFECT,
    NONE,
    UNDEFINED,
    WORSE,
    differences,
    references,
    verdicts_of,
)
from plmbench.compare.bootstrap import holm
from plmbench.compare.decisions import with_holm
from plmbench.compare.tables import read_table
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.compare.verdicts import verdict_of


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ("benefits", ALL),
        ("benefits", {"onehot": GAIN, "reinit": GAIN}),
        ("no benefit", ALL | {"onehot": EXCLUDED}),
        ("no benefit", ALL | {"reinit": WORSE}),
        ("no benefit", ALL | {"resample": EXCLUDED}),
        ("no benefit", {"onehot": EXCLUDED, "reinit": EXCLUDED}),
        ("unclear", ALL | {"reinit": NONE}),
        ("unclear", ALL | {"reinit": GAIN | {"p_holm": 0.05}}),
        ("unclear", ALL | {"reinit": UNDEFINED}),
        ("unclear", ALL | {"reinit": WORSE | {"high": 0.02}}),
        ("unclear", {"onehot": GAIN}),
        ("unclear", {"onehot": EXCLUDED}),
        ("unclear", {"reinit": GAIN, "resample": GAIN}),
        ("unclear", {}),
    ],
)
def test_a_verdict_by_a_minimal_table(verdict, found):
    assert verdict_of(references(**found), MIN_EFFECT) == verdict


def test_a_gain_too_small_to_be_worth_having_is_no_benefit():
    small = {"onehot": GAIN | {"low": 0.001, "high": 0.009, "difference": 0.005}, "reinit": GAIN}
    assert verdict_of(references(**small), MIN_EFFECT) == "no benefit"
    assert verdict_of(references(**small), 0.0) == "benefits"


def test_p_is_corrected_over_baselines_and_ablations_of_one_selection():
    draw = np.random.default_rng(0)
    tables = [
        differences(["net", "other"], {**ALL, "length": WORSE}, split=split)
        for split in ("first", "second")
    ]
    table = pd.concat(tables, ignore_index=True)
    table["p"] = draw.uniform(0, 0.05, len(table))
    table.loc[3, "p"] = np.nan
    found = with_holm(table.sample(frac=1, random_state=0), {})
    for layer_selection in ("validation", "last"):
        tested = found[(found["layer_selection"] == layer_selection) & (found["role"] != "control")]
        assert len(tested) == 12
        np.testing.assert_array_equal(tested["p_holm"], holm(tested["p"]))
    assert found["p_holm"][found["role"] == "control"].isna().all()
    assert np.isnan(found.loc[3, "p_holm"])


PARTIAL = {"reinit_heads": False}  # an ablation of a part of the network, run beside the others


@pytest.mark.parametrize("partial", [GAIN, NONE, WORSE, UNDEFINED])
@pytest.mark.parametrize("others", [ALL, ALL | {"reinit": NONE}, ALL | {"resample": EXCLUDED}])
def test_a_partial_ablation_beside_reinit_and_resample_changes_no_verdict(partial, others):
    alone = verdicts_of(["net"], differences(["net"], others)).iloc[0]
    table = differences(["net"], others | {"reinit_heads": partial | {"seeds": 1}})
    beside = verdicts_of(["net"], table, in_verdict=PARTIAL).iloc[0]
    pd.testing.assert_series_equal(beside[alone.index], alone)  # p_holm, seeds and verdict, too
    assert beside["minus_reinit_heads"] == pytest.approx(partial["difference"], nan_ok=True)
    assert "minus_reinit_heads_p" not in beside


def test_an_ablation_bears_on_the_verdict_unless_it_says_otherwise():
    table = differences(["net"], ALL | {"reinit_heads": WORSE})
    for in_verdict in ({}, {"reinit_heads": True}, {"reinit": True}):
        assert verdicts_of(["net"], table, in_verdict=in_verdict)["verdict"].tolist() == [
            "no benefit"
        ]


def test_a_partial_ablation_alone_gives_no_verdict():
    table = differences(["net"], {"onehot": GAIN, "reinit_heads": GAIN})
    row = verdicts_of(["net"], table, in_verdict=PARTIAL).iloc[0]
    assert (row["verdict"], row["seeds"]) == ("unclear", 0)


def test_differences_say_which_of_them_bear_on_the_verdict():
    found = with_holm(differences(["net"], ALL | {"reinit_heads": GAIN, "length": WORSE}), PARTIAL)
    answers = found.groupby("reference")["in_verdict"].agg(set).to_dict()
    assert answers == {name: {"yes"} for name in ALL} | {"reinit_heads": {"no"}, "length": {"no"}}
    assert (found["p_holm"].isna() == (found["in_verdict"] == "no")).all()


def test_a_row_is_a_network_with_its_values_differences_and_verdict():
    row = verdicts_of(["net"], rows=[("net", "depth", 0.5)]).iloc[0]
    assert (row["verdict"], row["seeds"], row["n"], row["metric"]) == (
        "benefits",
        3,
        60,
        "spearman",
    )
    assert (row["layer"], row["value"], row["last_layer"]) == (7, 0.4, 16)
    assert (row["low_last_layer"], row["high"]) == (-0.6, 1.4)
    assert (row["minus_onehot"], row["minus_onehot_low"], row["minus_reinit_high"]) == (
        0.2,
        0.1,
        0.3,
    )
    assert row["minus_onehot_p"] == pytest.approx(0.003)
    assert row["minus_resample_last_layer_p"] == pytest.approx(0.003)
    assert (row["depth_slope"], row["depth_trend"]) == (0.5, "rises")
    assert np.isnan(row["rho_size"])


def test_the_verdict_is_of_the_chosen_layer_not_of_the_last():
    table = differences(["net"])
    last = table["layer_selection"] == "last"
    table.loc[last, ["difference", "low", "high"]] = -0.2
    assert verdicts_of(["net"], table)["verdict"].tolist() == ["benefits"]
    table.loc[~last, ["difference", "low", "high"]] = -0.2
    assert verdicts_of(["net"], table)["verdict"].tolist() == ["no benefit"]


@pytest.mark.parametrize(("layer", "verdict"), [(1, "no benefit"), (0, "unclear")])
def test_a_network_best_at_its_input_has_no_benefit_only_if_its_last_layer_has_none(layer, verdict):
    kept = {"difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    table = differences(["net"], dict.fromkeys(ALL, GAIN | kept))
    last = table["layer_selection"] == "last"
    table.loc[last, "high"] = MIN_EFFECT + 0.01
    assert verdicts_of(["net"], table, best=layer)["verdict"].tolist() == [verdict]
    table.loc[last & (table["reference"] == "reinit"), "high"] = MIN_EFFECT - 0.001
    assert verdicts_of(["net"], table, best=layer)["verdict"].tolist() == ["no benefit"]


def test_the_seeds_are_those_of_the_ablation_that_has_fewest():
    table = differences(["net"])
    table.loc[table["reference"] == "resample", "seeds"] = 1
    assert verdicts_of(["net"], table)["seeds"].tolist() == [1]


def test_without_a_chosen_layer_the_verdict_is_unclear():
    row = verdicts_of(["net"], differences(["net"], layer_selections=("last",))).iloc[0]
    assert row["verdict"] == "unclear"


def test_without_ablations_the_verdict_is_unclear_and_there_are_no_seeds():
    row = verdicts_of(["net"], differences(["net"], {"onehot": GAIN})).iloc[0]
    assert (row["verdict"], row["seeds"]) == ("unclear", 0)


def test_controls_that_beat_a_network_are_named_and_decide_nothing():
    found = ALL | {"length": WORSE}
    row = verdicts_of(["net"], differences(["net"], found)).iloc[0]
    assert (row["controls_ahead"], row["verdict"]) == ("length", "benefits")
    row = verdicts_of(["net"], differences(["net"], ALL | {"length": GAIN})).iloc[0]
    assert row["controls_ahead"] == ""


SIZED = {"series": "ESM-2", "network": "net"}


@pytest.mark.parametrize(
    ("name", "axis", "about", "has"),
    [
        ("ESM-2", "size", SIZED, True),
        ("CARP", "size", SIZED, False),
        ("net", "size", {}, False),  # a series of the name of a network without one
        ("net", "depth", SIZED, True),
        ("ESM-2", "depth", SIZED, False),
        ("net", "pretraining", {}, True),
        ("older", "pretraining", {"network": "older"}, True),
        ("older", "loss", {"network": "older"}, True),
        ("older", "depth", {"network": "older"}, True),
    ],
)
def test_a_network_has_the_correlations_of_its_series_its_depth_and_its_checkpoints(
    name, axis, about, has
):
    row = verdicts_of(["net"], about={"net": about}, rows=[(name, axis, 0.5)]).iloc[0]
    assert (row[f"rho_{axis}"] == 0.9) == has
    if axis != "loss":
        assert row[f"{axis}_trend"] == ("rises" if has else "not assessable")
        assert (row[f"{axis}_slope"] == 0.5) == has


def test_early_checkpoints_have_no_row():
    about = {"net": {}, "early": {"pretraining": 0.5}}
    assert verdicts_of(["net", "early"], about=about)["model"].tolist() == ["net"]


def test_verdict_and_flags_stand_last_whatever_the_references():
    table = pd.concat([differences(["net"], {"onehot": GAIN}), differences(["other"])])
    found = verdicts_of(["net", "other"], table.reset_index(drop=True))
    assert list(found)[-3:] == ["controls_ahead", "reason", "verdict"]
    assert len(found) == 2


def test_a_study_without_networks_has_tables_without_rows(tmp_path):
    table = verdicts_of([], differences([]), about={})
    table.to_csv(tmp_path / "x.tsv", sep="\t", index=False)
    again = read_table(tmp_path / "x.tsv")
    assert {"dataset", "model", "layer", "seeds", "controls_ahead", "verdict"} <= set(again)
    assert task_verdict_table(again, {}).empty
    assert "verdict" in task_verdict_table(again, {})
