"""Notes: why there is no verdict, no interval, or no row."""

import pandas as pd
import pytest

from plmbench.report.notes import notes_of, some_named, verdict_text, why_no_rows

ABOUT = {"net": {"title": "The Net"}, "onehot": {"title": "one-hot"}}
FEW = "2 test units are too few: an interval needs 20"


def verdicts(verdict, reason, models=("net",)):
    """Return rows of verdicts.tsv."""
    return pd.DataFrame([{"model": m, "verdict": verdict, "reason": reason} for m in models])


def differences(*reasons, role="ablation", layer_selection="validation"):
    """Return rows of differences.tsv, minus one-hot, minus `1`, minus `2` and so on."""
    rows = [
        {"model": "net", "reference": name, "reason": reason}
        for name, reason in zip(["onehot", *"1234"], reasons, strict=False)
    ]
    columns = ["model", "reference", "reason"]
    return pd.DataFrame(rows, columns=columns).assign(role=role, layer_selection=layer_selection)


@pytest.mark.parametrize(
    ("verdict", "units", "text"),
    [
        ("too few", 20, "too few (needs 50)"),
        ("too few", 300, "too few"),  # by what it would have found
        ("unclear", 300, "unclear"),
        ("benefits", 50, "benefits"),
    ],
)
def test_a_verdict_of_too_few_units_says_how_many_it_needs(verdict, units, text):
    row = {"verdict": verdict, "units": units, "units_needed": 50.0}
    assert verdict_text(row) == text


@pytest.mark.parametrize(
    ("ran", "words"),
    [
        (["none"], "No pretrained network ran"),
        ([], "No pretrained network ran"),
        (["none", "reinit"], "No pretrained network ran"),
        (["pretrained"], "Nothing to compare with"),
        (["none", "pretrained"], "Nothing to compare with"),
    ],
)
def test_that_no_network_ran_is_said_only_where_none_ran(ran, words):
    assert why_no_rows(pd.Series(ran, dtype=object)).startswith(words)


@pytest.mark.parametrize(
    ("found", "notes"),
    [
        (differences("", ""), []),
        (differences(FEW, ""), [f"The Net minus one-hot: {FEW}."]),
        (differences(FEW, FEW), [f"The Net minus one-hot, The Net minus 1: {FEW}."]),
        (differences(FEW, "x"), [f"The Net minus one-hot: {FEW}.", "The Net minus 1: x."]),
        (differences(FEW, role="control"), []),
        (differences(FEW, layer_selection="last"), []),
    ],
)
def test_each_reason_of_a_missing_interval_is_one_note(found, notes):
    assert list(notes_of(verdicts("benefits", ""), found, ABOUT)) == notes


def test_the_reason_of_a_verdict_comes_first_and_once():
    told = verdicts("too few", "2 test unit(s); a verdict needs 50", ["net", "net", "b"])
    found = list(notes_of(told, differences(FEW), ABOUT))
    assert found[0] == "The Net, b: too few: 2 test unit(s); a verdict needs 50."
    assert len(found) == 2


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b", "c"], "a, b, c"), ([*"abcde"], "a, b, c and 2 more")],
)
def test_a_note_names_three_and_counts_the_rest(names, text):
    assert some_named(names) == text
