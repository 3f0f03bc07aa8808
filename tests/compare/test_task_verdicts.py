"""Verdicts of tasks: that of most networks, beside the published one."""

import pandas as pd
import pytest

from plmbench.compare.task_verdicts import task_verdict_table

WHERE = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}
WHERE |= {"metric": "mcc", "units": 90, "units_needed": 50}


def verdicts(*found, published=None):
    """Return the one row of verdicts of networks."""
    rows = [WHERE | {"model": f"net{i}", "verdict": v} for i, v in enumerate(found)]
    return task_verdict_table(pd.DataFrame(rows), published or {}).iloc[0]


def test_the_verdict_of_a_task_is_that_of_most_networks():
    row = verdicts("benefits", "no benefit", "benefits", "unclear")
    assert row["verdict"] == "benefits"
    counts = ["models", "scales", "benefits", "no_benefit", "unclear", "too_few"]
    assert row[counts].tolist() == [4, 0, 2, 1, 1, 0]


def test_on_a_tie_the_verdict_of_a_task_is_unclear():
    assert verdicts("benefits", "no benefit")["verdict"] == "unclear"


@pytest.mark.parametrize(
    ("published", "published_verdict", "matches_published"),
    [
        ({}, "", ""),
        ({"toy/first": "scales"}, "scales", "yes"),
        ({"toy/first": "benefits"}, "benefits", "no"),
    ],
)
def test_the_published_verdict_stands_beside_ours(published, published_verdict, matches_published):
    row = verdicts("scales", published=published)
    assert (row["published_verdict"], row["matches_published"]) == (
        published_verdict,
        matches_published,
    )


def test_each_task_probe_and_pooling_has_a_verdict_of_its_own():
    row = WHERE | {"model": "net", "verdict": "scales"}
    others = [{"split": "second"}, {"probe": "mlp"}, {"pooling": "max"}, {"model": "other"}]
    table = pd.DataFrame([row | other for other in others])
    assert task_verdict_table(table, {})["models"].tolist() == [1, 1, 1, 1]
