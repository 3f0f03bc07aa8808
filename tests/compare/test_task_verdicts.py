"""Verdicts of tasks: that of most networks, beside the published one."""

import pandas as pd
import pytest

from plmbench.compare.task_verdicts import task_verdict_table

WHERE = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": "mean"}
WHERE |= {"metric": "mcc", "units": 90, "units_needed": 50, "published_rule": ""}


def verdicts(*found, published=None, rule=()):
    """Return the one row of verdicts of networks."""
    rows = [WHERE | {"model": f"net{i}", "verdict": v} for i, v in enumerate(found)]
    table = pd.DataFrame(rows)
    table["published_rule"] = list(rule) or [""] * len(table)
    return task_verdict_table(table, published or {}).iloc[0]


def test_the_verdict_of_a_task_is_that_of_most_networks():
    row = verdicts("benefits", "no benefit", "benefits", "worse", "not assessable")
    assert row["verdict"] == "benefits"
    counts = ["models", "benefits", "no_benefit", "worse", "unclear", "too_few", "not_assessable"]
    assert row[counts].tolist() == [5, 2, 1, 1, 0, 0, 1]


def test_on_a_tie_the_verdict_of_a_task_is_unclear():
    assert verdicts("benefits", "no benefit")["verdict"] == "unclear"


@pytest.mark.parametrize(
    ("rule", "published", "matches"),
    [
        (["scales", "scales", "benefits"], {}, ""),
        (["scales", "scales", "benefits"], {"toy/first": "scales"}, "yes"),
        (["scales", "scales", "benefits"], {"toy/first": "benefits"}, "no"),
        (["scales", "benefits", ""], {"toy/first": "benefits"}, ""),  # a tie says nothing
        (["", "", "benefits"], {"toy/first": "benefits"}, ""),
    ],
)
def test_the_published_verdict_is_compared_with_that_of_its_own_rule(rule, published, matches):
    row = verdicts("unclear", "unclear", "unclear", published=published, rule=rule)
    assert row["verdict"] == "unclear"
    assert (row["published_verdict"], row["matches_published"]) == (
        published.get("toy/first", ""),
        matches,
    )


def test_each_task_probe_and_pooling_has_a_verdict_of_its_own():
    row = WHERE | {"model": "net", "verdict": "benefits"}
    others = [{"split": "second"}, {"probe": "mlp"}, {"pooling": "max"}, {"model": "other"}]
    table = pd.DataFrame([row | other for other in others])
    assert task_verdict_table(table, {})["models"].tolist() == [1, 1, 1, 1]
