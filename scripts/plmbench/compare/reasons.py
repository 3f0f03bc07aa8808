"""Why a network has no verdict, in words: too few test sequences, nothing to compare with, or a
difference without an interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.compare.decisions import Detectable
from plmbench.core.metrics import METRICS
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import VALIDATION

SIZE_COLUMNS = ["units", "units_needed"]  # test sequences there, and for a verdict


def size_columns(own_rows: pd.DataFrame) -> dict[str, int]:
    """Return how many test sequences a network was compared on, and how many a verdict needs."""
    needed = METRICS[own_rows["metric"].iloc[0]].fewest_units
    return {"units": int(own_rows["units"].iloc[0]), "units_needed": needed}


def too_few(sizes: Mapping[str, int]) -> str:
    """Return why a task of few test sequences has no verdict."""
    return "{units} test sequence(s); a verdict needs {units_needed}".format(**sizes)


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
    """Return that not even a large gain would have been found, and what it would take."""
    takes = f"; it takes more {detectable.most_noise}" if detectable.most_noise else ""
    return (
        f"not even a gain of {large:g} would have been found: the smallest one found with 80 % "
        f"power is {detectable.gain:.2g}{takes}"
    )


def without_margin(metric: str) -> str:
    """Return why `no benefit` cannot be said by a metric without a smallest gain worth having."""
    return f"`no benefit` cannot be said: statistics.min_effect sets no gain for {metric}"
