"""The probes' benchmark on a subset: ratios to scikit-learn, which hold on a busy machine, too."""

import numpy as np
import pytest

from benchmarks import probes
from benchmarks.gpu import cards, run, summary
from benchmarks.gpu import probes as on_cards
from benchmarks.gpu.records import RIGHT, WRONG, Clock, Record
from benchmarks.gpu.scales import TINY
from benchmarks.probes import OURS, THEIRS

SHAPE = {"size": 4000, "features": 200, "held_out": 1000}


@pytest.fixture(scope="module")
def rows():
    """Return the rows of both probes, small."""
    return [
        row
        for probe in probes.PROBES
        for row in probes.measure(probe, contenders=[OURS, THEIRS], **SHAPE)
    ]


def test_logistic_regression_costs_less_than_scikit_learns_and_ends_as_low(rows):
    ours, theirs = (row for row in rows if row["probe"] == "logistic")
    assert theirs["cpu_s"] > 2 * ours["cpu_s"]
    assert ours[f"excess over {THEIRS}"] < 1e-6
    assert ours[f"agreement with {THEIRS}"] > 0.98


def test_networks_side_by_side_cost_less_than_one_after_the_other(rows):
    ours, theirs = (row for row in rows if row["probe"] == "mlp")
    assert theirs["cpu_s"] > 1.2 * ours["cpu_s"]


def test_the_last_line_says_how_much_less_and_how_far_off(rows):
    words = probes.summary(rows)
    assert words.startswith("logistic: ")
    assert " x less CPU than scikit-learn, objective excess " in words
    assert words.endswith(" x")


def off(by):
    """Return a fit that finds something else on a card, by so much."""
    return lambda X, data: on_cards.host(X.mean(0)) + by * (not isinstance(X, np.ndarray))


@pytest.mark.parametrize(("by", "verdict"), [(0, RIGHT), (1e-3, WRONG), (np.nan, WRONG)])
def test_a_probe_that_finds_something_else_on_a_card_is_wrong(tmp_path, monkeypatch, by, verdict):
    monkeypatch.setattr(
        on_cards, "PROBES", {"ridge": (off(by), lambda a, b, data: np.abs(a - b).max(), 1e-4)}
    )
    record = Record(tmp_path / "x.tsv")
    on_cards.run(run.Bench(cards.CpuCard(), Clock(600), record, TINY))
    assert [row.verdict for row in record.of(quantity="difference")] == [verdict]
    assert f" {verdict}, " in summary.probe_line(record)
