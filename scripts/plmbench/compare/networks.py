"""One line per network, over all tasks: what pretraining gives on average, and which networks
cannot be told apart.

Tasks are the units. They are few and were chosen, so the interval says what to expect of another
task like these, and nothing of tasks unlike them.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from plmbench.compare.tails import student_ppf, student_sf
from plmbench.core.columns import TASK
from plmbench.core.selections import VALIDATION

FEWEST_TASKS = 3
CONFIDENCE, SIGNIFICANCE = 0.975, 0.05
NETWORK_COLUMNS = ["rank", "model", "tasks", "gain", "low", "high", "tied_with", "reason"]


def gains_by_task(gains: pd.DataFrame) -> pd.DataFrame:
    """Return the gains [task, network] at the layer chosen on validation; a task under several
    probes and poolings counts once, as their mean. NaN where one of them is undefined."""
    chosen = gains[gains["layer_selection"] == VALIDATION]
    groups = chosen.groupby([*TASK, "model"], sort=False)["gain"]
    means = groups.agg(lambda values: values.mean(skipna=False))
    return means.unstack("model", sort=False) if len(means) else pd.DataFrame()


def mean_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values [task], by Student's t."""
    half = student_ppf(CONFIDENCE, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return values.mean() - half, values.mean() + half


def told_apart(first: pd.Series, second: pd.Series) -> bool:
    """Tell whether the mean gains of two networks differ by a paired t-test over their tasks."""
    apart = (first - second).dropna().to_numpy()
    if len(apart) < FEWEST_TASKS:
        return False
    error = apart.std(ddof=1) / np.sqrt(len(apart))
    if error == 0:
        return bool(apart.mean() != 0)
    return bool(2 * student_sf(abs(apart.mean()) / error, len(apart) - 1) < SIGNIFICANCE)


def network_rows(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield one row of NETWORK_COLUMNS per network; table: gains [task, network], best first."""
    for rank, model in enumerate(table, 1):
        values = table[model].dropna().to_numpy()
        ties = [m for m in table if m != model and not told_apart(table[model], table[m])]
        few = len(values) < FEWEST_TASKS
        low, high = (np.nan, np.nan) if few else mean_interval(values)
        reason = f"{len(values)} task(s): an interval needs {FEWEST_TASKS}" if few else ""
        row = {"rank": rank, "model": model, "tasks": len(values), "gain": values.mean()}
        yield row | {"low": low, "high": high, "tied_with": ", ".join(ties), "reason": reason}


def network_table(gains: pd.DataFrame, models: list[str]) -> pd.DataFrame:
    """Return the table, the largest mean gain first. gains: of all tasks; models: the networks that
    have a line."""
    table = gains_by_task(gains)
    table = table[[model for model in table if model in models]].dropna(axis=1, how="all")
    order = table.mean().sort_values(ascending=False, kind="stable").index
    return pd.DataFrame(network_rows(table[order]), columns=NETWORK_COLUMNS)
