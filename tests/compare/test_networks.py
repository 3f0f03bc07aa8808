"""One line per network over all tasks: its mean gain, the interval over tasks, and ties."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from plmbench.compare.networks import network_table

TASKS = ["a", "b", "c", "d"]


def gains(**values):
    """Return a table of gains of networks, one value per task."""
    return pd.DataFrame(
        [
            {"dataset": task, "split": "first", "model": model, "gain": value}
            | {"layer_selection": "validation"}
            for model, own in values.items()
            for task, value in zip(TASKS, own, strict=False)
        ]
    )


def test_the_interval_is_students_over_tasks():
    (row,) = network_table(gains(net=[0.1, 0.2, 0.3, 0.2]), ["net"]).iloc
    values = np.array([0.1, 0.2, 0.3, 0.2])
    expected = student.interval(0.95, 3, values.mean(), values.std(ddof=1) / 2)
    assert (row["tasks"], row["gain"]) == (4, pytest.approx(0.2))
    assert (row["low"], row["high"]) == pytest.approx(expected)


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_than_three_tasks_have_no_interval_and_say_why(count):
    (row,) = network_table(gains(net=[0.1, 0.2][:count]), ["net"]).iloc
    assert np.isnan(row["low"])
    assert row["reason"] == f"{count} task(s): an interval needs 3"


def test_networks_that_tasks_do_not_tell_apart_are_tied():
    table = gains(
        low=[0.10, 0.21, 0.30, 0.22], near=[0.11, 0.20, 0.31, 0.21], high=[0.3, 0.4, 0.51, 0.4]
    )
    found = network_table(table, ["low", "near", "high"]).set_index("model")
    assert found["rank"].to_dict() == {"high": 1, "low": 2, "near": 2} | {
        found.index[1]: 2,
        found.index[2]: 3,
    }
    assert found["tied_with"].to_dict() == {"high": "", "low": "near", "near": "low"}


def test_two_tasks_tell_nothing_apart():
    found = network_table(gains(one=[0.1, 0.1], other=[0.9, 0.9]), ["one", "other"])
    assert found["tied_with"].tolist() == ["one", "other"]


def test_a_task_of_several_probes_and_poolings_counts_once():
    table = gains(net=[0.1, 0.2, 0.3])
    more = table.head(1).assign(gain=0.5)
    (row,) = network_table(pd.concat([table, more]), ["net"]).iloc
    assert (row["tasks"], row["gain"]) == (3, pytest.approx((0.3 + 0.2 + 0.3) / 3))


def test_checkpoints_and_layers_that_were_not_chosen_have_no_line():
    table = gains(net=[0.1, 0.2, 0.3], early=[0.1, 0.1, 0.1])
    layers = table.assign(layer_selection="each", gain=9.0)
    found = network_table(pd.concat([table, layers]), ["net"])
    assert found[["model", "gain"]].to_numpy().tolist() == [["net", pytest.approx(0.2)]]


def test_an_undefined_gain_is_a_task_less():
    (row,) = network_table(gains(net=[0.1, np.nan, 0.3, 0.2]), ["net"]).iloc
    assert (row["tasks"], row["gain"]) == (3, pytest.approx(0.2))


def test_without_gains_there_is_no_line():
    assert network_table(gains(net=[0.1]).head(0), ["net"]).empty
