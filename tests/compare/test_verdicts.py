"""Verdicts: what is corrected for, what each verdict needs, and where the data do not say."""

import numpy as np
import pandas as pd
import pytest

from helpers.verdicts import (
    ALL,
    EXCLUDED,
    GAIN,
    NONE,
    UNDEFINED,
    WORSE,
    differences,
    found_of,
    verdicts_of,
)
from plmbench.compare.tables import read_table
from plmbench.compare.task_verdicts import task_verdict_table

WIDE = found_of(0.1, 0.1)  # would have found 0.25 at the least


def row_of(found, **settings):
    """Return the row of one network."""
    return verdicts_of(["net"], differences(["net"], found), **settings).iloc[0]


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ("benefits", ALL),
        ("benefits", {"onehot": GAIN, "reinit": GAIN}),
        ("benefits", ALL | {"reinit": found_of(0.085, 0.05)}),  # one-sided p .045
        ("unclear", ALL | {"reinit": found_of(0.080, 0.05)}),  # one-sided p .055
        ("unclear", ALL | {"reinit": NONE}),
        ("no benefit", ALL | {"onehot": EXCLUDED}),
        ("no benefit", ALL | {"resample": EXCLUDED}),
        ("no benefit", dict.fromkeys(ALL, EXCLUDED)),
        ("no benefit", ALL | {"reinit": found_of(0.004, 0.001)}),  # a gain too small to count
        ("worse", ALL | {"reinit": WORSE}),
        ("worse", ALL | {"onehot": WORSE, "reinit": EXCLUDED}),
        ("unclear", ALL | {"onehot": found_of(-0.09, 0.05)}),  # two-sided p .07
        ("too few", ALL | {"reinit": WIDE}),
        ("not assessable", ALL | {"reinit": UNDEFINED}),
        ("not assessable", {"onehot": GAIN}),
        ("not assessable", {"onehot": WORSE}),
        ("not assessable", {"reinit": GAIN, "resample": GAIN}),
        ("not assessable", {"length": GAIN}),
    ],
)
def test_a_verdict_by_a_minimal_table(verdict, found):
    assert row_of(found)["verdict"] == verdict


@pytest.mark.parametrize(
    ("margin", "verdict"), [(0.01, "no benefit"), (0.0, "benefits"), (0.05, "no benefit")]
)
def test_a_gain_below_the_margin_of_its_metric_is_no_benefit(margin, verdict):
    small = ALL | {"onehot": found_of(0.005, 0.001)}
    row = row_of(small, min_effect={"spearman": margin})
    assert (row["verdict"], row["min_effect"]) == (verdict, margin)


def test_without_a_margin_nothing_is_no_benefit_and_the_row_says_so():
    row = row_of(ALL | {"onehot": EXCLUDED}, min_effect={})
    assert row["verdict"] == "unclear"
    assert (
        row["reason"]
        == "`no benefit` cannot be said: statistics.min_effect sets no gain for spearman"
    )
    assert np.isnan(row["min_effect"])


@pytest.mark.parametrize(
    ("seeds", "verdict"), [(1, "unclear"), (2, "unclear"), (3, "benefits"), (5, "benefits")]
)
def test_below_three_seeds_of_an_ablation_nothing_is_said(seeds, verdict):
    for found in (ALL, ALL | {"onehot": WORSE}):
        row = row_of(found | {"reinit": found["reinit"] | {"seeds": seeds}})
        if seeds < 3:
            assert row["verdict"] == verdict
            expected = f"seeds: {seeds} of reinit; their spread is unknown below 3, take five"
            assert row["reason"] == expected
    assert row_of(ALL | {"reinit": GAIN | {"seeds": seeds}})["verdict"] == verdict


def test_references_that_are_better_and_over_which_there_is_no_gain_are_named():
    row = row_of(ALL | {"onehot": WORSE, "reinit": EXCLUDED})
    assert (row["ahead"], row["no_gain_over"]) == ("onehot", "onehot, reinit")
    row = row_of(ALL)
    assert (row["ahead"], row["no_gain_over"]) == ("", "")


def test_the_gain_that_would_have_been_found_is_that_of_the_hardest_reference():
    row = row_of(ALL | {"reinit": found_of(0.0, 0.05)})
    assert row["detectable_gain"] == pytest.approx((1.65 + 0.842) * 0.05, rel=0.01)
    many = differences([f"net{i}" for i in range(20)], ALL)
    found = verdicts_of([f"net{i}" for i in range(20)], many)["detectable_gain"]
    assert found.to_numpy() == pytest.approx((2.83 + 0.842) * 0.05, rel=0.01)  # p .05 / 20


def test_a_gain_of_that_size_is_found_in_80_percent_of_cases():
    draw, detectable = np.random.default_rng(0), (1.65 + 0.842) * 0.05
    values = detectable + 0.05 * draw.normal(size=60)
    verdicts = [row_of(ALL | {"reinit": found_of(v, 0.05)})["verdict"] for v in values]
    assert 0.7 <= np.mean(np.array(verdicts) == "benefits") <= 0.9


def test_the_share_of_the_gain_is_that_of_the_better_ablation():
    lower = GAIN | {"difference": 0.1, "share_of_gain": 0.3}
    assert row_of(ALL | {"reinit": lower})["share_of_gain"] == 0.3
    assert row_of(ALL | {"resample": lower})["share_of_gain"] == 0.3


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
        assert verdicts_of(["net"], table, in_verdict=in_verdict)["verdict"].tolist() == ["worse"]


def test_a_partial_ablation_alone_gives_no_verdict():
    table = differences(["net"], {"onehot": GAIN, "reinit_heads": GAIN})
    row = verdicts_of(["net"], table, in_verdict=PARTIAL).iloc[0]
    assert (row["verdict"], row["seeds"]) == ("not assessable", 0)


def test_a_row_is_a_network_with_its_values_differences_and_verdict():
    row = verdicts_of(["net"], rows=[("net", "depth", 0.5)]).iloc[0]
    assert (row["verdict"], row["seeds"], row["n"]) == ("benefits", 3, 60)
    assert (row["metric"], row["published_rule"]) == ("spearman", "benefits")
    assert (row["layer"], row["value"], row["last_layer"]) == (7, 0.4, 16)
    assert (row["low_last_layer"], row["high"]) == (-0.6, 1.4)
    limits = row["minus_onehot"], row["minus_onehot_low"], row["minus_reinit_high"]
    assert limits == pytest.approx((0.2, 0.1, 0.3))
    assert row["minus_onehot_p"] == pytest.approx(3 * GAIN["p"])
    assert row["minus_resample_last_layer_p"] == pytest.approx(3 * GAIN["p"])
    assert row["p_benefits"] == pytest.approx(GAIN["p"] / 2, rel=0.5)
    assert (row["depth_slope"], row["depth_trend"]) == (0.5, "rises")
    assert np.isnan(row["rho_size"])


def test_the_verdict_is_of_the_chosen_layer_not_of_the_last():
    table = differences(["net"])
    last = table["layer_selection"] == "last"
    columns = [*GAIN]
    table.loc[last, columns] = [WORSE[name] for name in columns]
    assert verdicts_of(["net"], table)["verdict"].tolist() == ["benefits"]
    table.loc[~last, columns] = [WORSE[name] for name in columns]
    assert verdicts_of(["net"], table)["verdict"].tolist() == ["worse"]


KEPT = {"difference": 0.0, "low": 0.0, "high": 0.0, "p": 1.0, "error": 0.0, "freedom": np.inf}


@pytest.mark.parametrize(("layer", "verdict"), [(1, "no benefit"), (0, "unclear")])
def test_a_network_best_at_its_input_has_no_benefit_only_if_its_last_layer_has_none(layer, verdict):
    found = {"onehot": GAIN, "reinit": KEPT, "resample": KEPT}
    table = differences(["net"], found, best=layer)
    last = table["layer_selection"] == "last"
    columns = [*GAIN]
    table.loc[last, columns] = [NONE[name] for name in columns]
    row = verdicts_of(["net"], table, best=layer).iloc[0]
    assert row["verdict"] == verdict
    if layer == 0:  # what would have been found is known from the last layer
        assert row["detectable_gain"] == pytest.approx((1.65 + 0.842) * 0.05, rel=0.01)
    table.loc[last & (table["reference"] == "reinit"), columns] = [EXCLUDED[n] for n in columns]
    assert verdicts_of(["net"], table, best=layer)["verdict"].tolist() == ["no benefit"]


@pytest.mark.parametrize(("last", "verdict"), [(WORSE, "worse"), (NONE, "unclear")])
def test_a_network_best_at_its_input_is_worse_only_if_its_last_layer_is(last, verdict):
    table = differences(["net"], dict.fromkeys(ALL, NONE) | {"onehot": WORSE}, best=0)
    at_last = table["layer_selection"] == "last"
    columns = [*GAIN]
    table.loc[at_last, columns] = [NONE[name] for name in columns]
    table.loc[at_last & (table["reference"] == "onehot"), columns] = [last[n] for n in columns]
    assert verdicts_of(["net"], table, best=0)["verdict"].tolist() == [verdict]


def test_the_seeds_are_those_of_the_ablation_that_has_fewest():
    table = differences(["net"])
    table.loc[table["reference"] == "resample", "seeds"] = 1
    assert verdicts_of(["net"], table)["seeds"].tolist() == [1]


def test_without_a_chosen_layer_there_is_nothing_to_assess():
    row = verdicts_of(["net"], differences(["net"], layer_selections=("last",))).iloc[0]
    assert row["verdict"] == "not assessable"


def test_without_ablations_there_is_nothing_to_assess_and_there_are_no_seeds():
    row = verdicts_of(["net"], differences(["net"], {"onehot": GAIN})).iloc[0]
    assert (row["verdict"], row["seeds"]) == ("not assessable", 0)


def test_controls_that_beat_a_network_are_named_and_decide_nothing():
    found = ALL | {"length": WORSE}
    row = verdicts_of(["net"], differences(["net"], found)).iloc[0]
    assert (row["controls_ahead"], row["verdict"]) == ("length", "benefits")
    not_clearly = found_of(-0.05, 0.05)
    for other in (GAIN, NONE, not_clearly):
        row = verdicts_of(["net"], differences(["net"], ALL | {"length": other})).iloc[0]
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
    assert list(found)[-4:] == ["controls_ahead", "published_rule", "reason", "verdict"]
    assert len(found) == 2


def test_a_study_without_networks_has_tables_without_rows(tmp_path):
    table = verdicts_of([], differences([]), about={})
    table.to_csv(tmp_path / "x.tsv", sep="\t", index=False)
    again = read_table(tmp_path / "x.tsv")
    assert {"dataset", "model", "layer", "seeds", "controls_ahead", "verdict"} <= set(again)
    assert task_verdict_table(again, {}).empty
    assert "verdict" in task_verdict_table(again, {})
