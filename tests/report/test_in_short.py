"""The panel "in short": sentences that say what the numbers say."""

import numpy as np
import pandas as pd
import pytest

from plmbench.core.noise_sources import NETWORKS, PROBE, TEST
from plmbench.report.in_short import headline, number, points

ABOUT = {"onehot": {"title": "one-hot"}, "a": {"title": "Net A"}}
TASK = {"dataset": "toy", "split": "first", "title": "Toy, first", "metric": "accuracy"}
FACTS = {"units": 300, "units_needed": 50, "detectable_gain": 0.07, "min_effect": 0.01}
FACTS |= {"ahead": "", "reason": "", "most_noise": ""}
MANY = "abcdef"


def row(model, verdict, gain=0.1, pooling="mean", **facts):
    """Return one row of the table of verdicts with its gain."""
    where = {"dataset": "toy", "split": "first", "probe": "ridge", "pooling": pooling}
    return where | FACTS | {"model": model, "verdict": verdict, "gain": gain} | facts


def said(rows, metric="accuracy", test_units=300, **task):
    """Return the sentences of one task."""
    verdicts = pd.DataFrame(rows)
    differences = verdicts.assign(reference="onehot", in_verdict="yes", metric=metric)
    differences = differences.rename(columns={"gain": "difference"}).assign(low=0.0, high=1.0)
    differences["layer_selection"] = "validation"
    tables = {"verdicts": verdicts.drop(columns="gain"), "differences": differences}
    tables["datasets"] = pd.DataFrame([{**TASK, "test_units": test_units}])
    [point] = points(tables, [TASK | {"metric": metric} | task], ABOUT)
    assert (point.title, point.anchor) == ("Toy, first", "task-0")
    return point.sentences


BENEFITS = [row(m, "benefits", g) for m, g in zip(MANY, np.linspace(0.05, 0.12, 6), strict=True)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (BENEFITS, ["Pretraining helps all 6 networks, by 0.05 to 0.12 in accuracy."]),
        (
            [*BENEFITS[:5], row("f", "unclear")],
            [
                "Pretraining helps 5 of 6 networks, by 0.05 to 0.11 in accuracy. 300 test "
                "sequences cannot say whether it helps 1 of 6 networks (f); 80 % power would have "
                "found a gain of 0.07."
            ],
        ),
        (
            [row(m, "no benefit", 0.001) for m in "ab"],
            ["For both networks, a gain worth having (0.01 or more) is excluded."],
        ),
        (
            [row("a", "worse", -0.2, ahead="onehot, reinit"), row("b", "benefits")],
            [
                "Pretraining helps 1 of 2 networks (b), by 0.10 in accuracy. For 1 of 2 networks "
                "(Net A), one-hot or reinit is clearly better than the pretrained network."
            ],
        ),
        (
            [row("a", "unclear", detectable_gain=np.nan)],
            ["300 test sequences cannot say whether it helps the one network (Net A)."],
        ),
        (
            [row(m, "too few", units=20) for m in "abc"],
            ["20 families of test sequences are too few for all 3 networks; a verdict needs 50."],
        ),
        (
            [row(m, "unclear", most_noise=s) for m, s in (("a", TEST), ("b", NETWORKS))],
            [
                "300 test sequences cannot say whether it helps both networks; 80 % power would "
                "have found a gain of 0.07, and a smaller one takes more test sequences or seeds "
                "of the ablations."
            ],
        ),
        (
            [row(m, "too few", detectable_gain=0.25, most_noise=PROBE) for m in "abc"],
            [
                "Not even a large gain would have been found for all 3 networks; 80 % power takes "
                "a gain of 0.25, and a smaller one takes more seeds of the probe."
            ],
        ),
        (
            [row("a", "not assessable", np.nan, reason="no layer was chosen")],
            ["There is no verdict for the one network (Net A): no layer was chosen."],
        ),
        (
            [row("a", "benefits"), row("a", "no benefit", pooling="max")],
            [
                "ridge, mean pooling: Pretraining helps the one network (Net A), by 0.10 in "
                "accuracy.",
                "ridge, max pooling: For the one network (Net A), a gain worth having (0.01 or "
                "more) is excluded.",
            ],
        ),
    ],
    ids=[
        *("all", "most", "none", "worse", "one", "what it takes", "too few", "too weak"),
        *("no verdict", "settings"),
    ],
)
def test_sentences_say_what_the_numbers_say(rows, words):
    assert said(rows) == words


@pytest.mark.parametrize(
    ("modality", "units", "words"),
    [
        ("protein", 300, "test sequences"),
        ("protein", 40, "families of test sequences"),
        ("image", 300, "test images"),
        ("text", 300, "test texts"),
    ],
)
def test_units_are_named_by_the_modality(modality, units, words):
    rows = [row("a", "unclear", units=units, most_noise=TEST), row("b", "too few", units=20)]
    (text,) = said([rows[0]], modality=modality)
    assert text.startswith(f"{units} {words} cannot say ")
    assert text.endswith(f"and a smaller one takes more {words}.")
    (text,) = said(rows[1:], modality=modality, test_units=20)
    assert text.startswith(f"20 test {words.split()[-1]} are too few for ")


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("spearman", "Spearman's ρ"),
        ("rmse", "RMSE (lower is better)"),
        ("ndcg_corrected", "NDCG above chance"),
        ("cross_entropy", "cross-entropy (lower is better)"),
    ],
)
def test_a_gain_names_its_metric(metric, unit):
    assert said([row("a", "benefits", 12.345)], metric) == [
        f"Pretraining helps the one network (Net A), by 12.3 in {unit}."
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.05, "0.05"), (0.1242, "0.12"), (0.00123, "0.0012"), (0.0, "0.00"), (-0.2, "−0.20")),
        *((12.34, "12.3"), (1e-7, "0.0000001"), (1234.5, "1,234")),
    ],
)
def test_a_number_has_the_digits_that_a_sentence_bears(value, text):
    assert number(value) == text


def verdicts_of(*tasks, models=6):
    """Return task_verdicts of tasks, each a list of verdicts by probe."""
    return pd.DataFrame(
        {"dataset": "toy", "split": str(i), "models": models, "verdict": verdict}
        for i, own in enumerate(tasks)
        for verdict in own
    )


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([["benefits"]], "On 1 of 1 task pretraining helps most networks (T0)."),
        (
            [["benefits"], ["unclear"], ["too few"]],
            "On 1 of 3 tasks pretraining helps most networks (T0); on 2 of 3 tasks the data cannot "
            "say (T1; T2).",
        ),
        (
            [["no benefit", "worse"], ["no benefit"]],
            "On none of 2 tasks pretraining helps most networks; on 2 of 2 tasks it gives most "
            "networks nothing worth having (T0; T1).",
        ),
        (
            [["benefits", "unclear"]],
            "On none of 1 task pretraining helps most networks; on 1 of 1 task this depends on "
            "probe or pooling (T0).",
        ),
        (
            [["no benefit", "unclear"]],
            "On none of 1 task pretraining helps most networks; on 1 of 1 task the data cannot say "
            "(T0).",
        ),
    ],
)
def test_the_headline_counts_every_task_once(tasks, words):
    described = [TASK | {"split": str(i), "title": f"T{i}"} for i in range(len(tasks))]
    assert headline(verdicts_of(*tasks), described) == words


def test_the_headline_of_one_network_speaks_of_one():
    text = headline(verdicts_of(["benefits"], models=1), [TASK])
    assert text == "On 1 of 1 task pretraining helps the network (toy/0)."


def test_without_a_verdict_nothing_is_said(write, study):
    assert headline(verdicts_of().reindex(columns=["verdict"]), [TASK]) == ""
