"""What other training data would have given: the spread of differences between refits.

Every refit of every arm has the same redraw of train and validation and is tested on the same test
subset, so that the spread of a paired difference over refits holds no noise of test.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from plmbench.compare.exact import EXACT
from plmbench.compare.noise import Part
from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.compare.summary import selected_layers
from plmbench.core.columns import ARM
from plmbench.core.metrics import better_first
from plmbench.core.noise_sources import TRAINING
from plmbench.core.test_sets import Place
from plmbench.core.training_data import GIVEN, REDRAWN
from plmbench.probe.scores import collect_scores

FEWEST = 5  # refits whose spread says something
# A bootstrap holds this share of the rows; fits on so few vary more, by its inverse.
DISTINCT = 1 - float(np.exp(-1))

Names = tuple[str, ...]  # of an arm: probe, pooling, model, ablation
Values = Mapping[str, np.ndarray]  # layer_selection -> [refit]


def chosen_values(arm: pd.DataFrame, metric: str) -> dict[str, float]:
    """Return {layer_selection: the mean over seeds on test} of one refit of an arm, its layer
    chosen on the refit's own validation; higher is better."""
    tested = arm[arm["subset"] == "test"].set_index("layer")["mean"]
    order = better_first(metric)
    return {name: order * tested[layer] for name, layer in selected_layers(arm, metric).items()}


def values_by_arm(table: pd.DataFrame, metric: str) -> dict[Names, Values]:
    """Return {arm: its Values} of a table of refits; NaN for a refit in which no layer could be
    chosen, or the metric is undefined."""
    table = with_ablation(table)
    table = table[table["metric"] == metric]
    found: dict[Names, dict[int, dict[str, float]]] = {}
    for refit, rows in table.groupby("refit"):
        for (_, _, model, ablation, pooling, probe), arm in over_seeds(rows).groupby(ARM):
            own = found.setdefault((probe, pooling, model, ablation), {})
            own[refit] = chosen_values(arm, metric)
    return {
        names: {column: frame[column].to_numpy() for column in frame}
        for names, refits in found.items()
        for frame in [pd.DataFrame.from_dict(refits, orient="index").sort_index()]
    }


def part_between(first: np.ndarray, second: np.ndarray | float = 0.0) -> list[Part]:
    """Return the Part of the training data in first - second, each [refit]; none where fewer than
    FEWEST refits have a value.

    It is DISTINCT times the variance between refits: see docs/refits.md.
    """
    values = first - second
    values = values[np.isfinite(values)]
    if len(values) < FEWEST:
        return []
    variance = DISTINCT * float(values.var(ddof=1))
    return [Part(variance, len(values) - 1, source=TRAINING)]


class Refits:
    """The refits of a task's arms; there may be none."""

    def __init__(self, paths: Iterable[Place] = (), metric: str = "") -> None:
        """paths: the tables of the arms that were refit; metric: by which layers are chosen."""
        paths = list(paths)
        self.values = values_by_arm(collect_scores(paths), metric) if paths else {}

    def known(self, layer_selection: str, *arms: Names) -> list[np.ndarray]:
        """Return the values [refit] of arms; [] where one of them was not refit."""
        found = [self.values.get(tuple(names), {}) for names in arms]
        if not all(layer_selection in values for values in found):
            return []
        return [values[layer_selection] for values in found]

    def parts(self, layer_selection: str, *arms: Names) -> list[Part]:
        """Return the Part of the training data in an arm, or in its difference from another; none
        where one of them was not refit."""
        values = self.known(layer_selection, *arms)
        return part_between(*values) if values else []

    def covariance(self, layer_selection: str, arm: Names, *others: Names) -> float:
        """Return what the differences of an arm from two others have in common, beside test; 0
        where that is not known."""
        values = self.known(layer_selection, arm, *others)
        if not values:
            return 0.0
        both = values[0] - np.array(values[1:])  # [other, refit]
        both = both[:, np.isfinite(both).all(0)]
        return DISTINCT * float(np.cov(both)[0, 1]) if both.shape[1] >= FEWEST else 0.0


def of_all(found: Iterable[str]) -> str:
    """Return what several intervals together take the training data for."""
    return REDRAWN if set(found) == {REDRAWN} else GIVEN


def training_data(parts: Iterable[Part], reason: str) -> str:
    """Return what an interval takes the training data for; an exact one holds the test units alone.

    reason: of its Estimate.
    """
    return REDRAWN if list(parts) and reason != EXACT else GIVEN
