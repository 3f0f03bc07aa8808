"""Where there is no verdict a row says why: too few sequences, nothing beside it, no interval."""

import numpy as np
import pytest

from helpers.verdicts import (
    ALL,
    EXCLUDED,
    GAIN,
    NONE,
    UNDEFINED,
    WORSE,
    differences,
    found_of,
    verdicts_of,
)
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.core.metrics import METRICS
from plmbench.core.units import FEWEST_UNITS

NEEDED = METRICS["spearman"].fewest_units
UNLIKE = "the same on every resample of test"


def row_of(found=ALL, **settings):
    """Return the row of one network."""
    return verdicts_of(["net"], differences(["net"], found), **settings).iloc[0]


def with_units(units, found=ALL):
    """Return differences on so many test sequences."""
    return {name: row | {"units": units} for name, row in found.items()}


@pytest.mark.parametrize("metric", METRICS)
def test_a_verdict_needs_more_units_than_an_interval(metric):
    assert METRICS[metric].fewest_units >= FEWEST_UNITS


@pytest.mark.parametrize("found", [ALL, ALL | {"onehot": EXCLUDED}, {"onehot": WORSE}])
@pytest.mark.parametrize("units", [1, 2, 3, NEEDED - 1])
def test_a_task_of_too_few_test_sequences_has_no_verdict_and_says_the_number_needed(found, units):
    row = row_of(with_units(units, found))
    assert (row["verdict"], row["units"], row["units_needed"]) == ("too few", units, NEEDED)
    assert row["reason"] == f"{units} test unit(s); a verdict needs {NEEDED}"


@pytest.mark.parametrize(
    ("found", "verdict"),
    [(ALL, "benefits"), (ALL | {"onehot": EXCLUDED}, "no benefit")],
)
def test_a_task_of_enough_test_sequences_has_the_verdict_of_its_differences(found, verdict):
    row = row_of(with_units(NEEDED, found))
    assert (row["verdict"], row["reason"]) == (verdict, "")


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_needs_its_own_number(metric):
    needed = METRICS[metric].fewest_units
    for units, few in ((needed - 1, True), (needed, False)):
        table = differences(["net"], with_units(units), metric=metric)
        row = verdicts_of(["net"], table).iloc[0]
        assert (row["verdict"] == "too few") == few


def test_tasks_that_lack_sequences_are_counted_as_such():
    verdicts = verdicts_of(["net", "other"], differences(["net", "other"], with_units(2)))
    row = task_verdict_table(verdicts, {"toy/first": "benefits"}).iloc[0]
    assert (row["verdict"], row["too_few"], row["models"]) == ("too few", 2, 2)
    assert (row["units"], row["units_needed"]) == (2, NEEDED)
    assert row["matches_published"] == "yes"  # by the study's own rule, whatever our verdict


MISSING = UNDEFINED | {"reason": UNLIKE}
OTHER = UNDEFINED | {"reason": "defined on 62 % of the resamples of test"}


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"onehot": GAIN}, "nothing to compare with: no ablation ran that bears on a verdict"),
        ({"reinit": GAIN}, "nothing to compare with: no baseline ran that bears on a verdict"),
        ({"length": GAIN}, "nothing to compare with: no baseline and no ablation ran"),
        (ALL | {"reinit": MISSING}, f"minus reinit: {UNLIKE}"),
        (ALL | {"onehot": MISSING, "reinit": MISSING}, f"minus onehot, minus reinit: {UNLIKE}"),
        (
            ALL | {"onehot": OTHER, "reinit": MISSING},
            f"minus onehot: {OTHER['reason']}; minus reinit: {UNLIKE}",
        ),
    ],
)
def test_what_cannot_be_assessed_says_what_is_missing(found, reason):
    row = row_of(found)
    assert row["verdict"] == "not assessable"
    assert row["reason"].startswith(reason)


def test_the_numbers_of_an_unclear_verdict_say_why():
    row = row_of(ALL | {"reinit": NONE})
    assert (row["verdict"], row["reason"]) == ("unclear", "")


def test_a_task_that_would_not_find_a_large_gain_says_which_it_would():
    row = row_of(ALL | {"reinit": found_of(0.1, 0.1)})
    assert row["verdict"] == "too few"
    assert row["reason"] == (
        "not even a gain of 0.2 would have been found: the smallest one found with 80 % power is "
        "0.25; most noise comes from the test units: about 467 test units would do"
    )
    rmse = differences(["net"], ALL | {"reinit": found_of(1.0, 10.0)}, metric="rmse")
    assert verdicts_of(["net"], rmse).iloc[0]["verdict"] == "unclear"  # its unit is the target's


SEEDS = {"most_noise": "seeds of the ablations", "test_error": 0.0}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "test units: about 467 test units would do"),
        (
            {"test_error": 0.08, "seed_error": 0.06, "freedom": 4.0},
            "test units: about 3,018 test units would do",
        ),
        (
            {"test_error": 0.3, "seed_error": 0.2, "error": 0.361},
            "test units: more test units alone would not do",
        ),
        (
            SEEDS | {"seed_error": 0.08, "error": 0.08, "freedom": 2.0},
            "seeds of the ablations: about 10 seeds would do",
        ),
        (
            SEEDS | {"seed_error": 0.08, "error": 0.08, "freedom": 4.0},
            "seeds of the ablations: about 7 seeds would do",
        ),
        (
            SEEDS | {"seed_error": 0.1},
            "seeds of the ablations: not even 20 seeds would do alone",
        ),
        ({"most_noise": "training data"}, "training data: it takes more of these"),
        ({"most_noise": "seeds of the probe"}, "seeds of the probe: it takes more of these"),
    ],
)
def test_a_reason_names_what_makes_most_of_the_noise_and_what_it_would_take(parts, words):
    row = row_of(ALL | {"reinit": found_of(0.1, 0.1) | parts})
    assert row["verdict"] == "too few"
    assert row["reason"].endswith(f"; most noise comes from the {words}")
    assert row["most_noise"] == words.partition(":")[0]


def test_a_network_without_a_chosen_layer_says_so():
    table = differences(["net"], layer_selections=("last",))
    row = verdicts_of(["net"], table, layer_selections=("last",)).iloc[0]
    assert row["reason"] == "undefined on validation: no layer was chosen"


def test_at_the_input_embedding_a_missing_interval_of_the_last_layer_is_the_reason():
    table = differences(["net"], ALL | {"reinit": NONE}, best=0)
    last = (table["layer_selection"] == "last") & (table["reference"] == "reinit")
    table.loc[last, ["high", "low"]] = np.nan
    table.loc[last, "reason"] = UNLIKE
    row = verdicts_of(["net"], table, best=0).iloc[0]
    assert (row["verdict"], row["reason"]) == ("not assessable", f"minus reinit: {UNLIKE}")
