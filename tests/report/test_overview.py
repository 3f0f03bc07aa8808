"""The table that a run prints."""

import numpy as np
import pandas as pd
import pytest

from plmbench.report.overview import markdown, overview

TITLES = {"onehot": "one-hot", "net": "The Net"}
WHERE = {"dataset": "toy", "split": "first", "probe": "ridge"}


def arms(*rows):
    """Return a table of arms of (model, pooling, ablation, value, half its interval), each at the
    layer chosen on validation and, lower by 1, at the last."""
    made = [
        WHERE
        | {
            "model": model,
            "pooling": pooling,
            "ablation": ablation,
            "layer_selection": layer_selection,
        }
        | {"value": value - below, "low": value - below - half, "high": value - below + half}
        for model, pooling, ablation, value, half in rows
        for layer_selection, below in (("last", 1), ("validation", 0))
    ]
    return pd.DataFrame(made)


BESIDE = {"units": 300, "units_needed": 50, "ahead": "", "no_gain_over": ""}
BESIDE |= {"controls_ahead": "", "detectable_gain": 0.123, "training_data": "given"}
ARMS = (
    ("onehot", "flat", "none", 0.45, 0.01),
    ("net", "mean", "pretrained", 0.6, 0.02),
    ("net", "mean", "reinit", 0.3, 0.05),
    ("net", "max", "pretrained", 0.7, 0.02),
)


def verdicts(*poolings, layer=3):
    """Return a verdicts table of one network."""
    row = WHERE | {"model": "net", "layer": layer, "verdict": "benefits"} | BESIDE
    columns = [*WHERE, "pooling", "model", "layer", "verdict", *BESIDE]
    return pd.DataFrame([row | {"pooling": pooling} for pooling in poolings], columns=columns)


def cells(text, line=0):
    """Return a row of a Markdown table, {column: text}."""
    header, _, *rows = [[cell.strip() for cell in r.split("|")] for r in text.splitlines()]
    return dict(zip(header, rows[line], strict=True))


def test_a_row_shows_every_arm_at_the_chosen_layer_with_half_its_interval():
    row = cells(overview(verdicts("mean"), arms(*ARMS), ["onehot"], TITLES))
    assert (row["task"], row["probe"], row["pooling"]) == ("toy/first", "ridge", "mean")
    assert (row["network"], row["layer"], row["verdict"]) == ("The Net", "3", "benefits")
    assert row["one-hot"] == "0.450 ± 0.010"
    assert row["reinit"] == "0.300 ± 0.050"
    assert row["pretrained"] == "0.600 ± 0.020"


def test_poolings_have_rows_of_their_own_and_share_the_baseline():
    text = overview(verdicts("mean", "max"), arms(*ARMS), ["onehot"], TITLES)
    second = cells(text, 1)
    assert (second["pooling"], second["pretrained"]) == ("max", "0.700 ± 0.020")
    assert (second["one-hot"], second["reinit"]) == ("0.450 ± 0.010", "-")


def test_a_baseline_of_several_poolings_shows_that_of_the_network():
    both = (*ARMS, ("onehot", "max", "none", 0.2, 0.01))
    text = overview(verdicts("mean", "max"), arms(*both), ["onehot"], TITLES)
    assert cells(text, 0)["one-hot"] == "0.450 ± 0.010"
    assert cells(text, 1)["one-hot"] == "0.200 ± 0.010"


@pytest.mark.parametrize("value", [np.nan, 0.5])
def test_what_is_undefined_is_a_dash_or_has_no_spread(value):
    row = ("net", "mean", "pretrained", value, np.nan)
    shown = cells(overview(verdicts("mean"), arms(row), ["onehot"], {}))["pretrained"]
    assert shown == ("-" if np.isnan(value) else "0.500")


def test_a_network_without_a_chosen_layer_shows_a_dash():
    last = arms(*ARMS)
    last = last[(last["layer_selection"] == "last") | (last["model"] != "net")]
    row = cells(overview(verdicts("mean", layer=np.nan), last, ["onehot"], TITLES))
    assert (row["pretrained"], row["layer"], row["one-hot"]) == ("-", "-", "0.450 ± 0.010")


def test_what_predicts_by_itself_stands_beside_every_probe():
    alone = arms(("nearest", "none", "none", 0.5, 0.04)).assign(probe="direct")
    shown = pd.concat([arms(*ARMS), alone])
    row = cells(overview(verdicts("mean"), shown, ["onehot", "nearest"], TITLES))
    assert (row["one-hot"], row["nearest"]) == ("0.450 ± 0.010", "0.500 ± 0.040")


def test_another_task_lends_no_arm():
    elsewhere = arms(*ARMS).assign(split="second")
    row = cells(overview(verdicts("mean"), elsewhere, ["onehot"], TITLES))
    assert {row["one-hot"], row["reinit"], row["pretrained"]} == {"-"}


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (ARMS[:1], "No pretrained network ran. The scores are in results/tables/"),
        (ARMS, "Nothing to compare with: a verdict needs a network that was pretrained to its end"),
        (ARMS[1:2], "Nothing to compare with: a verdict needs"),
    ],
)
def test_without_a_row_it_says_what_is_needed_and_where_the_scores_are(shown, words):
    text = overview(verdicts(), arms(*shown), ["onehot"], TITLES)
    assert text.startswith(words)
    assert text.endswith("The scores are in results/tables/summary.tsv.\n")


def test_a_task_of_too_few_sequences_says_how_many_it_needs():
    few = verdicts("mean").assign(verdict="too few", units=20)
    assert cells(overview(few, arms(*ARMS), ["onehot"], TITLES))["verdict"] == "too few (needs 50)"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"verdict": "unclear"}, "would have found +0.12"),
        ({"verdict": "unclear", "detectable_gain": np.nan}, ""),
        ({"verdict": "too few"}, "would have found +0.12"),
        ({"verdict": "worse", "ahead": "reinit"}, "a random network of this shape does better"),
        (
            {"verdict": "worse", "ahead": "onehot, resample", "no_gain_over": "onehot, reinit"},
            "one-hot does better; shuffled weights do better; no gain over reinit",
        ),
        ({"verdict": "no benefit", "no_gain_over": "onehot"}, "no gain over one-hot"),
        ({"controls_ahead": "length, random"}, "control ahead: length, random"),
    ],
)
def test_what_is_better_and_what_would_have_been_found_stands_beside_the_verdict(facts, words):
    text = overview(verdicts("mean").assign(**facts), arms(*ARMS), ["onehot"], TITLES)
    assert cells(text)["beside it"] == words


def test_markdown_is_aligned():
    lines = markdown(pd.DataFrame({"a": ["longer", "b"], "name": [1, 22]})).splitlines()
    assert lines[:2] == ["| a      | name |", "| ------ | ---- |"]
    assert lines[2:] == ["| longer | 1    |", "| b      | 22   |"]
