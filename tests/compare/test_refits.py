"""The spread between refits: which layer each one chooses, and what it adds to intervals."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import small_study, task_of
from plmbench.compare.arms import ArmKey
from plmbench.compare.bootstrap import Arm, difference, mean_with_interval
from plmbench.compare.differences import comparison_tables
from plmbench.compare.exact import EXACT
from plmbench.compare.noise import Part
from plmbench.compare.refits import DISTINCT, Refits, part_between, training_data
from plmbench.core.noise_sources import TRAINING
from plmbench.probe.refits import write_refits

ROLES = {"onehot": "baseline", "length": "control", "net": "network", "early": "network"}
LABEL_CONTROLS = {"ridge": "ridge_shuffled"}
NET = ArmKey("ridge", "mean", "net", "pretrained")
REINIT = NET._replace(ablation="reinit")


def written(folder, model, weights, values, pooling="mean", metric="spearman"):
    """Write the refits of one file, and return its path; values: {(refit, layer, seed):
    (validation, test)}."""
    rows = [
        {"refit": refit, "pooling": pooling, "layer": layer, "seed": seed, "subset": subset}
        | {"n": 9, "metric": metric, "value": value, "reason": ""}
        for (refit, layer, seed), pair in values.items()
        for subset, value in zip(("validation", "test"), pair, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    job = {"dataset": "toy", "split": "first", "model": model, "weights": weights}
    write_refits(folder / f"{model}.{weights}.tsv", rows, **job, probe="ridge")
    return folder / f"{model}.{weights}.tsv"


def drawn(count, spread, salt, layers=(0, 1)):
    """Return values of `written` that differ between refits by so much."""
    rng = np.random.default_rng(salt)
    return {
        (refit, layer, 0): (1.0 - layer, 0.5 + spread * rng.normal())
        for refit in range(1, count + 1)
        for layer in layers
    }


def written_study(folder, spread=0.2, count=5):
    """Write refits of the network, its ablations and the baseline of `small_study`."""
    arms = [("net", "pretrained"), *(("net", f"reinit-{i}") for i in range(3))]
    arms += [("net", "resample-0"), ("onehot", "none")]
    return [
        written(
            folder, *names, drawn(count, spread, salt), "flat" if names[0] == "onehot" else "mean"
        )
        for salt, names in enumerate(arms)
    ]


@pytest.mark.parametrize(
    ("first", "second", "part"),
    [
        ([0, 1, 2, 3, 4], 0.0, [Part(DISTINCT * 2.5, 4, source=TRAINING)]),
        ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [Part(0.0, 4, source=TRAINING)]),
        ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [Part(DISTINCT * 10.0, 4, source=TRAINING)]),
        ([0, 1, 2, 3, 4, np.nan], 0.0, [Part(DISTINCT * 2.5, 4, source=TRAINING)]),
        ([0, 1, 2, 3, np.nan], 0.0, []),
        ([0, 1, 2, 3], 0.0, []),
    ],
)
def test_the_part_is_the_variance_of_paired_differences_over_five_refits_or_more(
    first, second, part
):
    assert part_between(np.array(first, float), np.array(second, float)) == part


def test_each_refit_chooses_its_own_layer_by_the_mean_over_seeds(tmp_path):
    values = {
        (refit, layer, seed): (float(layer == refit % 2), 10 * refit + layer)
        for refit in range(1, 6)
        for layer in (0, 1)
        for seed in (0, 1)
    }
    # One seed of one refit prefers layer 0 by more than the other prefers layer 1.
    values |= {(1, 0, 1): (9.0, 10.0)}
    found = Refits([written(tmp_path, "net", "pretrained", values)], "spearman").values[NET]
    assert found["validation"].tolist() == [10, 20, 31, 40, 51]
    assert found["last"].tolist() == [11, 21, 31, 41, 51]


def test_seeds_of_an_ablation_choose_one_layer_together(tmp_path):
    files = []
    for seed, best in enumerate([0.0, 1.0, 0.9]):
        values = {
            (r, layer, 0): (best * layer, r + 10 * layer) for r in range(1, 6) for layer in (0, 1)
        }
        values |= {(r, 0, 0): (0.5, r + 3 * seed) for r in range(1, 6)}
        files.append(written(tmp_path, "net", f"reinit-{seed}", values))
    found = Refits(files, "spearman").values[REINIT]
    assert found["validation"].tolist() == [11, 12, 13, 14, 15]


@pytest.mark.parametrize(("metric", "sign"), [("spearman", 1), ("rmse", -1)])
def test_values_are_signed_so_that_higher_is_better(tmp_path, metric, sign):
    values = {(r, layer, 0): (float(layer), r + layer) for r in range(1, 6) for layer in (0, 1)}
    file = written(tmp_path, "net", "pretrained", values, metric=metric)
    best = 1 if sign > 0 else 0
    found = Refits([file], metric).values[NET]["validation"]
    assert found.tolist() == [sign * (r + best) for r in range(1, 6)]


def test_a_refit_that_chose_no_layer_has_no_value(tmp_path):
    values = drawn(6, 0.1, 0) | {(2, layer, 0): (np.nan, 0.5) for layer in (0, 1)}
    found = Refits([written(tmp_path, "net", "pretrained", values)], "spearman")
    assert np.isnan(found.values[NET]["validation"]).tolist() == [False, True] + 4 * [False]
    assert found.parts("validation", NET)[0].freedom == 4
    assert found.parts("last", NET)[0].freedom == 5


def test_both_sides_must_have_been_refit(tmp_path):
    found = Refits([written(tmp_path, "net", "pretrained", drawn(5, 0.1, 0))], "spearman")
    assert found.parts("validation", NET)
    assert found.parts("validation", NET, REINIT) == []
    assert Refits().parts("validation", NET) == []


def compared(folder, spread=None):
    """Return the tables of `small_study`, with refits that spread by so much."""
    task = task_of(folder / "arms", small_study())
    if spread is not None:
        task.refits = Refits(written_study(folder / "refits", spread), "spearman")
    return comparison_tables(task, ROLES, LABEL_CONTROLS)


def test_intervals_say_what_they_take_the_training_data_for(tmp_path):
    for table in compared(tmp_path / "without"):
        assert set(table["training_data"]) == {"given"}
    arms, differences = compared(tmp_path / "with", 0.1)
    known = differences.drop_duplicates(["model", "reference"]).set_index(["model", "reference"])
    found = known["training_data"].to_dict()
    assert found == {
        ("net", "onehot"): "redrawn",
        ("net", "length"): "given",
        ("net", "reinit"): "redrawn",
        ("net", "resample"): "redrawn",
        ("net", "shuffled labels"): "given",
        **{("early", name): "given" for name in ("onehot", "length")},
    }
    redrawn = arms[arms["training_data"] == "redrawn"][["model", "ablation", "probe"]]
    assert set(redrawn.itertuples(index=False, name=None)) == {
        ("net", name, "ridge") for name in ("pretrained", "reinit", "resample")
    } | {("onehot", "none", "ridge")}


def test_refits_widen_intervals_and_change_no_value(tmp_path):
    plain, small, large = (
        compared(tmp_path / str(spread), spread)[1] for spread in (None, 0.01, 0.3)
    )
    own = large["training_data"] == "redrawn"
    # Against ablations of few seeds, whose spread is hardly known, freedom is gained, too.
    baseline = plain["reference"] == "onehot"
    widths = [(table["high"] - table["low"])[own & baseline] for table in (plain, small, large)]
    assert (widths[0] < widths[1]).all()
    assert (widths[1] < widths[2]).all()
    assert (large["p"] > plain["p"])[own & baseline].all()
    pd.testing.assert_series_equal(plain["difference"], large["difference"])
    pd.testing.assert_frame_equal(
        plain[~own].drop(columns="training_data"), large[~own].drop(columns="training_data")
    )


def test_an_exact_bound_holds_the_test_units_alone():
    assert training_data([Part(0.1, 4)], "") == "redrawn"
    assert training_data([Part(0.1, 4)], EXACT) == "given"
    assert training_data([], "") == "given"


@pytest.mark.parametrize("ours", [0.0, 0.1], ids=["an arm", "a difference"])
def test_coverage_is_that_of_the_interval_and_drops_without_the_part(ours):
    rng, held = np.random.default_rng(3), {"with": [], "without": []}
    for _ in range(400):
        trained, tested = 0.05 * rng.normal(), 0.03 * rng.normal()
        resampled = trained + tested + 0.03 * rng.normal(size=(1, 200))
        arm = Arm(np.array([trained + tested + ours]), resampled + ours)
        other = Arm(np.array([ours]), np.full((1, 200), ours))
        again = trained + tested + 0.05 / np.sqrt(DISTINCT) * rng.normal(size=5)
        parts = part_between(again)
        for name, others in (("with", parts), ("without", [])):
            estimate = (
                difference(arm, other, 300, None, others)
                if ours
                else mean_with_interval(arm, 300, None, others)
            )
            held[name].append(estimate.low <= 0.0 <= estimate.high)
    assert 0.93 <= np.mean(held["with"]) <= 0.99
    assert np.mean(held["without"]) < 0.75
