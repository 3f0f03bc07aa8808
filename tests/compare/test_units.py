"""Families of test sequences are the units of intervals, and parts of a task are drawn anew."""

import numpy as np
import pandas as pd
import pytest

from helpers.arms import NAMES, RESAMPLES, TEST, TRUTH, UNITS, made, small_study, task_of
from plmbench.compare.arms import ArmKey, TaskPredictions
from plmbench.compare.bootstrap import bootstrapped, resamples
from plmbench.compare.differences import comparison_tables
from plmbench.compare.intraclass import icc
from plmbench.compare.units import in_families
from plmbench.core.metrics import Target

PAIRS = {name: f"family {i % (UNITS // 2)}" for i, name in enumerate(NAMES)}  # i and i + 30
NET = ArmKey("ridge", "mean", "net", "pretrained")
CHAINS = TEST._replace(
    names=NAMES[:4],
    y_true=np.arange(10),
    offsets=np.array([0, 3, 4, 6, 10]),
    target=Target("residue_classification", ("C",)),
)


def test_units_of_an_interval_are_families(tmp_path):
    task = task_of(tmp_path, small_study(), families=PAIRS)
    assert task.units == UNITS // 2
    counts = resamples(UNITS // 2, RESAMPLES, 0)
    order = np.arange(UNITS).reshape(2, -1).T.ravel()  # 0, 30, 1, 31 ...
    values = made("net", "pretrained", 0.4, 0.7, salt=3).values[0][0]
    facts = TRUTH[order], values[order], TEST.target, counts, np.arange(0, UNITS + 1, 2)
    found = task.arm(NET, 0)
    assert found.resampled[0] == pytest.approx(bootstrapped("spearman", *facts))
    assert task.examples(NET) == UNITS


@pytest.mark.parametrize("families", [{}, {n: n for n in NAMES}, dict.fromkeys(NAMES[:1], "alone")])
def test_families_of_one_change_no_digit(tmp_path, families):
    tables = [
        comparison_tables(task_of(tmp_path / str(i), small_study(), families=each), {}, {})[0]
        for i, each in enumerate(({}, families))
    ]
    pd.testing.assert_frame_equal(*tables, check_exact=True)


def test_residues_of_a_family_stay_together():
    families = {NAMES[0]: "a", NAMES[1]: "b", NAMES[2]: "a", NAMES[3]: "b"}
    grouped, positions = in_families(CHAINS, np.arange(100, 110), families)
    assert positions.tolist() == [100, 101, 102, 104, 105, 103, 106, 107, 108, 109]
    assert grouped.y_true.tolist() == (positions - 100).tolist()
    assert grouped.offsets.tolist() == [0, 5, 10]
    assert grouped.names.tolist() == [NAMES[0], NAMES[1]]


def test_few_families_have_no_interval(tmp_path):
    families = {name: f"family {i % 7}" for i, name in enumerate(NAMES)}
    table, _ = comparison_tables(task_of(tmp_path, small_study(), families=families), {}, {})
    assert set(table["units"]) == {7}
    assert table["low"].isna().all()
    assert (table["reason"] != "").all()


def test_a_part_of_a_task_has_its_own_units_and_the_layers_of_the_whole(tmp_path):
    task = task_of(tmp_path, small_study(), families=PAIRS)
    part = task.part(NAMES[:40])
    assert (part.units, part.examples(NET)) == (30, 40)
    assert (task.units, task.examples(NET)) == (30, 60)
    assert part.layers == task.layers
    values = made("net", "pretrained", 0.4, 0.7, salt=3).values[0][0][:40]
    assert part.arm(NET, 0).points[0] == pytest.approx(
        pd.Series(values).corr(pd.Series(TRUTH[:40]), method="spearman")
    )
    assert isinstance(part, TaskPredictions)


@pytest.mark.parametrize("truth", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("sizes", ["equal", "unequal"])
def test_the_intraclass_correlation_is_that_of_the_draw(truth, sizes):
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(2000), 4 if sizes == "equal" else rng.integers(1, 8, 2000))
    shared, own = rng.normal(size=2000)[groups], rng.normal(size=len(groups))
    assert icc(np.sqrt(truth) * shared + np.sqrt(1 - truth) * own, groups) == pytest.approx(
        truth, abs=0.04
    )


@pytest.mark.parametrize("groups", [[0, 1, 2], [0, 0, 0], []])
def test_there_is_no_intraclass_correlation_without_families(groups):
    assert np.isnan(icc(np.arange(len(groups), dtype=float), np.array(groups, int)))
