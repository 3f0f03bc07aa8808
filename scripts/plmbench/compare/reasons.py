"""Why a network has no verdict, in words: too few test units or seeds, nothing to compare with, or
a difference without an interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.compare.limits import MOST_SEEDS, Detectable
from plmbench.core.metrics import METRICS
from plmbench.core.noise_sources import NETWORKS, TEST
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import VALIDATION

SIZE_COLUMNS = ["units", "units_needed"]  # test units there, and for a verdict
# What it takes where most noise comes from there: a number of these, or where none is enough more.
TAKES = {
    TEST: ("about {n:,} test units would do", "more test units alone would not do"),
    NETWORKS: ("about {n} seeds would do", f"not even {MOST_SEEDS} seeds would do alone"),
}


def size_columns(own_rows: pd.DataFrame) -> dict[str, int]:
    """Return how many test units a network was compared on, and how many a verdict needs."""
    needed = METRICS[own_rows["metric"].iloc[0]].fewest_units
    return {"units": int(own_rows["units"].iloc[0]), "units_needed": needed}


def too_few(sizes: Mapping[str, int]) -> str:
    """Return why a task of few test units has no verdict."""
    return "{units} test unit(s); a verdict needs {units_needed}".format(**sizes)


def missing(deciding: pd.DataFrame, own_arms: pd.DataFrame) -> str:
    """Return which numbers a verdict needs and lacks, and why; "" where it has all: something to
    compare with, a chosen layer, and intervals."""
    own = own_arms[own_arms["layer_selection"] == VALIDATION]
    if own.empty:
        return "undefined on validation: no layer was chosen"
    absent = [role for role in (BASELINE, ABLATION) if role not in set(deciding["role"])]
    if absent:
        return f"nothing to compare with: no {' and no '.join(absent)} ran that bears on a verdict"
    named = [("the network", row) for _, row in own.iterrows()]
    named += [(f"minus {row['reference']}", row) for _, row in deciding.iterrows()]
    found: dict[str, list[str]] = {}
    for name, row in named:
        if np.isnan(row["high"]):
            found.setdefault(row["reason"], []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in found.items())


def too_few_seeds(deciding: pd.DataFrame, needed: int) -> str:
    """Return which ablations have fewer seeds than a verdict needs; "" where none has."""
    few = deciding[(deciding["role"] == ABLATION) & (deciding["seeds"] < needed)]
    named = [f"{row['seeds']} of {row['reference']}" for _, row in few.iterrows()]
    words = f"seeds: {', '.join(named)}; their spread is unknown below {needed}, take five"
    return words if named else ""


def not_found(large: float, detectable: Detectable) -> str:
    """Return that not even a large gain would have been found, where most of the noise comes from,
    and what it would take."""
    enough, none = TAKES.get(detectable.most_noise, ("", "it takes more of these"))
    remedy = enough.format(n=detectable.would_take) if detectable.would_take else none
    noise = f"; most noise comes from the {detectable.most_noise}: {remedy}"
    return (
        f"not even a gain of {large:g} would have been found: the smallest one found with 80 % "
        f"power is {detectable.gain:.2g}{noise if detectable.most_noise else ''}"
    )


def without_margin(metric: str) -> str:
    """Return why `no benefit` cannot be said by a metric without a smallest gain worth having."""
    return f"`no benefit` cannot be said: statistics.min_effect sets no gain for {metric}"
