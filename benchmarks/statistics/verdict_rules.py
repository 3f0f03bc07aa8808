"""How often the verdicts of a study of 24 rows are in error, and find a gain that is there: rules
as shipped, as they were, and others that are valid.

- before: Holm over all differences; a gain excluded by the interval of any one of them.
- shipped: the largest one-sided p of a row, then Holm over rows; an excluded gain by one-sided
  tests, Holm over all differences.
- two-sided, hochberg: `benefits` with other p-values or another correction.
- equivalence: `no benefit` by two one-sided tests against each reference.
- oracle: `benefits` with all variances known, which no rule can surpass by knowing more of them.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import multivariate_normal, norm

from benchmarks.statistics.studies import (
    MARGIN,
    SHARED,
    Truth,
    as_before,
    counts_of,
    shipped,
    study,
)
from plmbench.compare.bootstrap import holm
from plmbench.compare.decisions import p_above
from plmbench.core.verdicts import BENEFITS, NO_BENEFIT, UNCLEAR, WORSE

ROWS, QUICK, STUDIES = 24, 200, 100
HEADLINE_STUDIES = 400
BEFORE, SHIPPED, ORACLE = "before", "shipped", "oracle"
ABOVE_ABLATIONS = {"reinit": 0.35, "resample": 0.35}
TIE = Truth(**ABOVE_ABLATIONS)
Rule = Callable[[pd.DataFrame], list[str]]


class Scene(NamedTuple):
    """A study: its rows, and what it is about."""

    name: str
    truths: Sequence[Truth]


def scene(name: str, truth: Truth) -> Scene:
    """Return a Scene of which all rows are alike."""
    return Scene(name, [truth] * ROWS)


SPREAD = Truth(onehot=0.3, resample=0.3, spread=0.04)
HEADLINE = {  # scenes of the last line: false benefits, false no benefit, power
    "false benefits": "gain 0 over one-hot, n 300",
    "false no benefit": "gain .03, n 150",
    "power": "gain .10, n 300",
}
UNEVEN = [SPREAD] * 3 + [SPREAD._replace(spread=0.0)] * 3
SCENES = [
    scene("gain 0 over one-hot, n 300", TIE),
    scene("gain 0 over one-hot, n 1000", TIE._replace(units=1000)),
    scene("gain 0 over reinit, spread .02", Truth(onehot=0.3, resample=0.3, spread=0.02)),
    scene("gain 0 over reinit, spread .04", SPREAD),
    Scene("the same, and none of it in half of the networks", UNEVEN * 4),
    scene("the same in all, 5 seeds", SPREAD._replace(seeds=5)),
    scene("gain .01 over one-hot, n 300", TIE._replace(network=0.51)),
    scene("gain .03, n 150", Truth(network=0.53, units=150)),
    scene("gain .03 over one-hot, n 300", TIE._replace(network=0.53)),
    scene("gain .10, n 150", Truth(network=0.6, units=150)),
    scene("gain .10, n 300", Truth(network=0.6)),
    scene("gain .10, n 300, 5 seeds", Truth(network=0.6, seeds=5)),
    Scene("12 of gain .10, 12 of 0, n 300", [Truth(network=0.6)] * 12 + [TIE] * 12),
    scene("gain 0, n 300", Truth()),
    scene("gain -.10 over one-hot, n 300", TIE._replace(onehot=0.6)),
]


def one_sided(correct: Callable, sides: int = 1) -> Rule:
    """Return a rule for `benefits` by the largest p of a row and a correction over rows."""

    def verdicts(table: pd.DataFrame) -> list[str]:
        p = sides * table.assign(q=p_above(table["difference"], table)).groupby("model")["q"].max()
        found = correct(np.minimum(p.loc[table["model"].unique()], 1))
        return [BENEFITS if value < 0.05 else UNCLEAR for value in found]

    return verdicts


def hochberg(p: Sequence[float]) -> np.ndarray:
    """Return p adjusted by steps from the largest down (Hochberg 1988)."""
    p = np.asarray(p)
    order = np.argsort(-p)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum.accumulate(p[order] * np.arange(1, len(p) + 1))
    return np.minimum(adjusted, 1)


def equivalence(table: pd.DataFrame) -> list[str]:
    """Return `no benefit` by two one-sided tests against each reference, Holm over all."""
    above, below = (p_above(MARGIN + s * table["difference"], table) for s in (1, -1))
    p = table.assign(q=holm(np.maximum(above, below))).groupby("model", sort=False)["q"].min()
    return [NO_BENEFIT if value < 0.05 else UNCLEAR for value in p]


RULES: dict[str, Rule] = {
    BEFORE: as_before,
    SHIPPED: shipped,
    "two-sided": one_sided(holm, 2),
    "hochberg": one_sided(hochberg),
    "equivalence": equivalence,
}


def true_error(truth: Truth, reference: str) -> float:
    """Return the standard error of a difference that its truth gives: of test sequences that are
    right or wrong together, and of networks that spread."""
    ours, theirs = truth.network, getattr(truth, reference)
    networks = 1 if reference == "onehot" else truth.seeds
    both, pair = (joint(p, theirs) - p * theirs for p in (ours, theirs))
    own = (theirs * (1 - theirs) + (networks - 1) * pair) / networks
    test = (ours * (1 - ours) + own - 2 * both) / truth.units
    draws = 1 if reference == "onehot" else 1 + 1 / networks
    return float(np.sqrt(test + draws * truth.spread**2))


@cache
def joint(first: float, second: float) -> float:
    """Return how often two networks of these accuracies have a test sequence right together."""
    limits, covariance = norm.ppf([first, second]), [[1, SHARED], [SHARED, 1]]
    return float(multivariate_normal.cdf(limits, cov=covariance))


def with_known_error(
    truths: Sequence[Truth], tables: Sequence[pd.DataFrame]
) -> Iterator[list[str]]:
    """Yield the verdicts of each study where the errors are known: those of its truth."""
    names = zip(tables[0]["model"].astype(int), tables[0]["reference"], strict=True)
    own = np.array([true_error(truths[model], reference) for model, reference in names])
    for table in tables:
        p = table.assign(q=norm.sf(table["difference"] / own)).groupby("model", sort=False)["q"]
        yield [BENEFITS if value < 0.05 else UNCLEAR for value in holm(p.max())]


def row_of(rule: str, one: Scene, found: Sequence[list[str]]) -> dict[str, object]:
    """Return how a rule does on a scene: errors per study, and what is found per row."""
    words, gains = np.array(found), np.array([round(truth.gain, 6) for truth in one.truths])
    none, worth = gains <= 0, gains >= MARGIN
    errors = {
        "false_benefits": (words[:, none] == BENEFITS).any(1).mean() if none.any() else np.nan,
        "false_no_benefit": np.isin(words[:, worth], (NO_BENEFIT, WORSE)).any(1).mean()
        if worth.any()
        else np.nan,
    }
    power = (words[:, worth] == BENEFITS).mean() if worth.any() else np.nan
    lost = np.isin(words[:, none], (NO_BENEFIT, WORSE)).mean() if none.any() else np.nan
    names = {"scene": one.name, "rule": rule, "studies": len(found)}
    return names | errors | {"benefits_found": power, "no_benefit_found": lost}


def measure(quick: bool) -> pd.DataFrame:
    """Return one row per scene and rule; quick: of the scenes of the last line alone."""
    rows = []
    for i, one in enumerate(SCENES):
        if quick and one.name not in HEADLINE.values():
            continue
        print(f"verdicts: {one.name}", file=sys.stderr, flush=True)
        known = HEADLINE_STUDIES if one.name in HEADLINE.values() else STUDIES
        studies = QUICK if quick else known
        rng, counts = np.random.default_rng([3, i]), counts_of(one.truths[0].units)
        tables = [study(rng, one.truths, counts) for _ in range(studies)]
        rows += [row_of(name, one, [*map(rule, tables)]) for name, rule in RULES.items()]
        rows.append(row_of(ORACLE, one, [*with_known_error(one.truths, tables)]))
    return pd.DataFrame(rows)
