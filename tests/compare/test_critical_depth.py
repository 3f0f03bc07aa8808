"""Tables of networks that are ablated in part, from predictions of known quality."""

import numpy as np
import pytest

from helpers.arms import made, task_of
from plmbench.compare.critical_depth import COLUMNS, Sweep, compare_parts
from plmbench.core.errors import InputError

POINTS = [
    *(("none", ""), ("all", "")),
    *(("top 1", "top"), ("top 2", "top"), ("top 3", "top")),
    *(("bottom 1", "bottom"), ("bottom 2", "bottom"), ("bottom 3", "bottom")),
    *(("norm", "roles"), ("block 1", "window")),
]
SWEEP = Sweep([{"name": name, "kind": kind} for name, kind in POINTS], 4)
LOW = {"none": 0.5, "all": 2.0}  # errors of a network whose gain lies in its lowest block
LOW |= {"top 1": 0.5, "top 2": 0.5, "top 3": 0.5, "norm": 0.3, "block 1": 2.0}
LOW |= {"bottom 1": 2.0, "bottom 2": 2.0, "bottom 3": 2.0}
EVEN = dict.fromkeys(LOW, 1.0)


def tables(folder, errors=LOW, seeds=3, metric="rmse", sweeps=None):
    """Return the tables of one network whose points miss the truth by these errors."""
    arms = [
        made("net", f"parts-{seed}", *(errors[name] for name, _ in POINTS), salt=seed)
        for seed in range(seeds)
    ]
    same = [arm._replace(values={**arm.values, 0: arms[0].values[0]}) for arm in arms]
    task = task_of(folder, same, metric)
    weights = [arm.weights for arm in arms]
    comparison = {
        "arms": [("net", text, "ridge") for text in weights],
        "actions": {"parts": "reinit"},
        "metric": metric,
        "n_bootstrap": 200,
        "seed": 0,
    }
    found = sweeps or {("net", text): SWEEP for text in weights}
    paths = [task.files["net", text, "ridge"] for text in weights]
    scores = [folder / f"{i}.tsv" for i in range(seeds)]
    from plmbench.probe.scores import collect_scores

    return compare_parts(collect_scores(scores), paths, found, comparison)


@pytest.mark.parametrize("metric", ["rmse", "spearman"])
def test_a_gain_in_the_lowest_block_is_found_there(tmp_path, metric):
    depth = tables(tmp_path, metric=metric)["critical_depth"].set_index(["direction", "k"])
    assert depth.loc["top", "k50"].iloc[0] == pytest.approx(3.5, abs=0.1)
    assert depth.loc["bottom", "k50"].iloc[0] == pytest.approx(0.5, abs=0.1)
    assert depth.loc["top", "area"].iloc[0] > 0.8 > 0.2 > depth.loc["bottom", "area"].iloc[0]
    assert depth.loc[("top", 0), "left"] == 1
    assert depth.loc[("bottom", 4), "left"] == 0
    better, worse = depth.loc[("top", 0), "value"], depth.loc[("top", 4), "value"]
    assert (better < worse) == (metric == "rmse")  # as the metric has it, not signed
    assert (depth["low"] <= depth["value"]).all()
    assert (depth["value"] <= depth["high"]).all()
    assert (depth["reason"] == "").all()


def test_shares_of_parts_are_below_0_where_the_part_did_harm(tmp_path):
    parts = tables(tmp_path)["parts"].set_index("part")
    assert list(parts.index) == ["none", "all", "norm", "block 1"]
    assert parts.loc["norm", "share"] < 0
    assert parts.loc["norm", "share_high"] < 0
    assert parts.loc["block 1", "share"] == pytest.approx(1, abs=0.2)
    assert parts.loc[["none", "all"], "share"].tolist() == pytest.approx([0, 1])


def test_without_a_gain_nothing_is_divided_and_the_reason_is_there(tmp_path):
    found = tables(tmp_path, EVEN)
    depth, parts = found["critical_depth"], found["parts"]
    assert depth[["left", "area", "k50", "area_low", "k50_high"]].isna().all(axis=None)
    assert parts[["share", "share_low"]].isna().all(axis=None)
    assert depth[["value", "low", "high"]].notna().all(axis=None)
    words = "no gain to take a share of"
    assert depth["reason"].str.contains(words).all()
    assert parts["reason"].str.contains(words).all()


def test_a_network_that_is_better_ablated_has_no_gain_either(tmp_path):
    depth = tables(tmp_path, LOW | {"none": 3.0, "all": 0.5})["critical_depth"]
    assert depth["reason"].str.contains("is below 0").all()
    assert depth["k50"].isna().all()


@pytest.mark.parametrize("seeds", [1, 3])
def test_rows_say_of_what_they_are(tmp_path, seeds):
    for name, table in tables(tmp_path, seeds=seeds).items():
        assert list(table) == COLUMNS[name][2:]
        assert (table[["model", "weights", "action"]] == ["net", "parts", "reinit"]).all(axis=None)
        assert (table["seeds"] == seeds).all()


def test_a_point_has_one_interval_wherever_it_stands(tmp_path):
    found = tables(tmp_path)
    depth = found["critical_depth"].set_index(["direction", "k"])
    limits = ["value", "low", "high"]
    for k in (0, 4):
        assert np.array_equal(depth.loc[("top", k), limits], depth.loc[("bottom", k), limits])
    parts = found["parts"].set_index("part")
    assert np.array_equal(depth.loc[("top", 0), limits], parts.loc["none", limits])


def test_seeds_of_other_points_are_refused(tmp_path):
    sweeps = {("net", f"parts-{seed}"): SWEEP for seed in range(3)}
    sweeps["net", "parts-2"] = SWEEP._replace(blocks=5)
    with pytest.raises(InputError, match="parts-2 has other points than parts-0"):
        tables(tmp_path, sweeps=sweeps)
