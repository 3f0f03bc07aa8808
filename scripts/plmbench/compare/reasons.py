"""Why a network has no verdict, in words: too few test sequences, nothing to compare with, or a
difference without an interval."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from plmbench.core.metrics import METRICS
from plmbench.core.roles import ABLATION, BASELINE
from plmbench.core.selections import VALIDATION
from plmbench.core.verdicts import UNCLEAR

SIZE_COLUMNS = ["units", "units_needed"]  # test sequences there, and for a verdict


def size_columns(own_rows: pd.DataFrame) -> dict[str, int]:
    """Return how many test sequences a network was compared on, and how many a verdict needs."""
    needed = METRICS[own_rows["metric"].iloc[0]].fewest_units
    return {"units": int(own_rows["units"].iloc[0]), "units_needed": needed}


def too_few(sizes: Mapping[str, int]) -> str:
    """Return why a task of few test sequences has no verdict."""
    return "{units} test sequence(s); a verdict needs {units_needed}".format(**sizes)


def reason_of(verdict: str, deciding: pd.DataFrame, own_arms: pd.DataFrame) -> str:
    """Return what kept an `unclear` verdict from being another, where no number says it: what was
    not there to compare with, and each reason of a missing interval with what it is of."""
    if verdict != UNCLEAR:
        return ""
    own = own_arms[own_arms["layer_selection"] == VALIDATION]
    if own.empty:
        return "undefined on validation: no layer was chosen"
    absent = [role for role in (BASELINE, ABLATION) if role not in set(deciding["role"])]
    if absent:
        return f"nothing to compare with: no {' and no '.join(absent)} ran that bears on a verdict"
    named = [("the network", row) for _, row in own.iterrows()]
    named += [(f"minus {reference}", row) for reference, row in deciding.iterrows()]
    found: dict[str, list[str]] = {}
    for name, row in named:
        if np.isnan(row["high"]):
            found.setdefault(row["reason"], []).append(name)
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in found.items())
