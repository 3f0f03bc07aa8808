"""What the simulation of whole studies gave, and that the oracle knows what it says."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics.studies import Truth, counts_of, study
from benchmarks.statistics.verdict_rules import HEADLINE, ORACLE, ROWS, SHIPPED, true_error
from docs.simulations import STATISTICS

TABLE = pd.read_csv(STATISTICS / "verdict_rules.tsv", sep="\t").set_index(["rule", "scene"])
NOMINAL = 0.05


def noise(rate: pd.Series, draws: pd.Series) -> pd.Series:
    """Return three standard errors of a rate over so many draws."""
    return 3 * np.sqrt(rate.clip(0.01, 0.99) * (1 - rate.clip(0.01, 0.99)) / draws)


@pytest.mark.parametrize("column", ["false_benefits", "false_no_benefit"])
def test_no_scene_has_more_errors_than_5_percent_beyond_noise(column):
    rates, studies = TABLE.loc[SHIPPED, column].dropna(), TABLE.loc[SHIPPED, "studies"]
    assert (rates <= NOMINAL + noise(rates * 0 + NOMINAL, studies[rates.index])).all()


def test_headlines_rest_on_enough_studies():
    assert TABLE.loc[SHIPPED].loc[list(HEADLINE.values()), "studies"].min() >= 200


def test_the_rules_do_not_find_more_than_the_oracle_beyond_noise():
    shipped, known = (TABLE.loc[rule, "benefits_found"].dropna() for rule in (SHIPPED, ORACLE))
    draws = TABLE.loc[SHIPPED, "studies"][known.index] * ROWS / 6  # rows of a task go together
    assert (shipped <= known + noise(known, draws)).all()


@pytest.mark.parametrize(
    "truth", [Truth(0.5, 0.5, 0.35, 0.35), Truth(0.6, spread=0.04), Truth(0.6, seeds=5, units=150)]
)
def test_the_error_of_the_oracle_is_that_of_made_up_studies(truth):
    rng, counts = np.random.default_rng(0), counts_of(truth.units)[:2]
    # one row of each task, so that rows are independent
    found = pd.concat([study(rng, [truth] * 6, counts).iloc[:3] for _ in range(60)])
    spread = found.groupby("reference")["difference"].std()
    for name, sd in spread.items():
        assert sd == pytest.approx(true_error(truth, name), rel=0.3)
