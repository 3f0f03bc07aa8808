"""Made-up studies of which the truth is known, judged by the rules as shipped and as they were.

A network, one-hot and two ablations answer the same test sequences: right or wrong, as difficult
for one as for the other to half, with an accuracy that is known. An ablation's networks differ by
a spread, and so does the pretrained network from what its pretraining would give on average.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from plmbench.compare.bootstrap import Arm, difference, holm, resamples
from plmbench.compare.decisions import p_above, with_holm
from plmbench.compare.exact import discordant_part
from plmbench.compare.moderation import Prior, prior_of
from plmbench.compare.noise import unit_noise
from plmbench.core.columns import NETWORK_ROW
from plmbench.core.verdicts import ALPHA, BENEFITS, NO_BENEFIT, UNCLEAR, WORSE

SHARES = (0.0, 1.0)
MARGIN = 0.01  # of a gain worth having
SHARED = 0.5  # of what makes a sequence difficult, by variance, that all arms have in common
RESAMPLES = 300
NETWORKS = 6  # of a task
METRIC = "accuracy"


class Truth(NamedTuple):
    """The accuracies of one row: network, one-hot and two ablations; how far networks of one kind
    spread; how many seeds and test sequences there are."""

    network: float = 0.5
    onehot: float = 0.5
    reinit: float = 0.5
    resample: float = 0.5
    spread: float = 0.01
    seeds: int = 3
    units: int = 300

    @property
    def gain(self) -> float:
        """Return the gain over the best reference."""
        return self.network - max(self.onehot, self.reinit, self.resample)


def right(rng: np.random.Generator, shared: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """Return which test sequences each network has right [network, unit]."""
    own = rng.standard_normal((len(accuracies), len(shared)))
    difficulty = np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own
    return (difficulty < norm.ppf(np.clip(accuracies, 0.001, 0.999))[:, None]).astype(float)


def arms_of(
    rng: np.random.Generator, truth: Truth, counts: np.ndarray, shared: np.ndarray
) -> dict[str, Arm]:
    """Return the arms of one row on one test subset."""
    arms = {}
    for name, networks in {"network": 1, "reinit": truth.seeds, "resample": truth.seeds}.items():
        own = truth.spread * rng.standard_normal(networks)
        arms[name] = arm_of(right(rng, shared, getattr(truth, name) + own), counts, networks)
    return arms


def arm_of(hits: np.ndarray, counts: np.ndarray, networks: int = 0) -> Arm:
    """Return the Arm of what each network has right [network, unit]."""
    return Arm(hits.mean(1), hits @ counts.T / counts.shape[1], networks=networks)


def percentiles_with_noise(
    first: Arm, second: Arm, rng: np.random.Generator, units: int
) -> tuple[float, float, float]:
    """Return interval and p as they were: the spread of seeds with its test noise, and none of it
    for a single seed, nor for the pretrained network."""
    centre = first.resampled.mean(0) - second.resampled.mean(0)
    value, k = float(first.points.mean() - second.points.mean()), len(second.points)
    spread = second.points.var(ddof=1) / k if k > 1 else 0.0
    noise = rng.standard_t(k - 1, len(centre)) * np.sqrt(spread) if k > 1 else 0.0
    low, high = np.percentile(centre + noise, (2.5, 97.5))
    test = centre.var(ddof=1)
    if test + spread == 0:
        return 0.0, 0.0, 1.0
    freedom = (test + spread) ** 2 / (test**2 / (units - 1) + spread**2 / max(k - 1, 1))
    return low, high, 2 * student.sf(abs(value) / np.sqrt(test + spread), freedom)


def rows_of(
    rng: np.random.Generator, arms: dict[str, Arm], units: int, prior: Prior | None
) -> list[dict]:
    """Return the differences of one row of a study, by the rules as shipped and as they were."""
    rows, others = [], [discordant_part(units, SHARES)]
    for name, role in (("onehot", "baseline"), ("reinit", "ablation"), ("resample", "ablation")):
        sides = arms["network"], arms[name]
        found = difference(*sides, units, SHARES, others, prior)
        low, high, p = percentiles_with_noise(*sides, rng, units)
        before = {"low_before": low, "high_before": high, "p_before": p}
        names = {"reference": name, "role": role, "difference": found.value, "metric": METRIC}
        names |= {"layer_selection": "validation", "layer": 1.0, "units": units}
        rows.append(names | found._asdict() | before)
    return rows


def prior_from(ablations: Sequence[Arm]) -> Prior | None:
    """Return what the ablations of a task tell of the spread of one of its networks."""
    known = [arm for arm in ablations if len(arm.points) > 1]
    variances = [arm.points.var(ddof=1) for arm in known]
    noises = [unit_noise(arm.resampled) for arm in known]
    return prior_of(variances, [len(arm.points) - 1 for arm in known], noises)


def task_rows(rng: np.random.Generator, truths: Sequence[Truth], counts: np.ndarray) -> list:
    """Return the differences [network] of a task: its networks have one-hot in common, and their
    ablations tell of one another's spread."""
    units = truths[0].units
    shared = rng.standard_normal(units)
    onehot = arm_of(right(rng, shared, np.array([truths[0].onehot])), counts)
    rows = [arms_of(rng, truth, counts, shared) | {"onehot": onehot} for truth in truths]
    prior = prior_from([arms[name] for arms in rows for name in ("reinit", "resample")])
    return [rows_of(rng, arms, units, prior) for arms in rows]


def study(rng: np.random.Generator, truths: Sequence[Truth], counts: np.ndarray) -> pd.DataFrame:
    """Return the differences of one study, a row of it per truth, in tasks of NETWORKS rows."""
    tasks = [truths[i : i + NETWORKS] for i in range(0, len(truths), NETWORKS)]
    found = [rows for task in tasks for rows in task_rows(rng, task, counts)]
    parts = [
        row | dict.fromkeys(NETWORK_ROW, "x") | {"model": str(i)}
        for i, rows in enumerate(found)
        for row in rows
    ]
    return with_holm(pd.DataFrame(parts), {}, {METRIC: MARGIN})


def shipped(table: pd.DataFrame) -> list[str]:
    """Return the verdict of each row of a study by the rules as shipped: their order is that of
    `verdict_of`, and nothing is missing."""
    q = p_above(table["difference"], table)
    worse = (table["p_holm"] < ALPHA) & (table["difference"] < 0)
    rows = table.assign(q=q, worse=worse).groupby("model", sort=False)
    p_benefits = holm(rows["q"].max())
    facts = zip(rows["worse"].any(), rows["p_no_gain"].min() < ALPHA, p_benefits, strict=True)
    return [
        WORSE if worse else NO_BENEFIT if excluded else BENEFITS if p < ALPHA else UNCLEAR
        for worse, excluded, p in facts
    ]


def as_before(table: pd.DataFrame) -> list[str]:
    """Return the verdict of each row by the rules as they were: Holm over all differences, and a
    gain excluded by the interval of any one of them."""
    better = (holm(table["p_before"]) < ALPHA) & (table["difference"] > 0)
    rows = table.assign(better=better).groupby("model", sort=False)
    facts = zip(rows["high_before"].min() < MARGIN, rows["better"].all(), strict=True)
    return [NO_BENEFIT if less else BENEFITS if all_ else UNCLEAR for less, all_ in facts]


def counts_of(units: int) -> np.ndarray:
    """Return resamples of so many units, as numbers that multiply fast."""
    return resamples(units, RESAMPLES, 0).astype(np.float64)
