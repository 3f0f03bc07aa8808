"""What an interval of a gain over one-hot is worth on real data: 300 rows of GB1 to learn from, 300
to choose on and 300 to test on, drawn again and again.

The expected gain is the mean over draws of the gain on all test variants. Validation is drawn from
the rows of train and validation together, as FLIP drew it. Rules:
given: what there was before; test units alone, given the training data.
refits: the shipped rule, 5 refits on bootstraps of train and of validation; their variance counts
0.632 times, for a bootstrap holds that share of the rows.
unscaled: the same, their variance as it is.
half-samples: 5 refits on random halves without replacement, their variance as it is.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.statistics.gb1 import BASELINE, Population, population, study_of
from plmbench.compare.bootstrap import (
    Arm,
    bootstrapped,
    difference,
    rank_correlations,
    resamples,
)
from plmbench.compare.noise import Part
from plmbench.compare.refits import DISTINCT, part_between
from plmbench.core.metrics import Target
from plmbench.core.threads import limited_threads
from plmbench.probe.redraws import drawn_times
from plmbench.probe.ridge_path import RidgePath

NETWORK, POOLINGS, METRIC = "mini_esm2_100k", ("mean", "sites"), "spearman"
SIZE, REFITS, RESAMPLES = 300, 5, 300
TRIALS, QUICK_TRIALS = 200, 150
LEAST, MOST = 0.93, 0.97  # the goal for the coverage of a 95 % interval
GIVEN, SHIPPED, UNSCALED, HALVES = "given", "refits", "unscaled", "half-samples"
Rows = np.ndarray  # int [row], of the population
Redraw = Callable[[Rows, np.random.Generator], Rows]


def bootstrap(rows: Rows, rng: np.random.Generator) -> Rows:
    """Return the rows that a refit sees, copies one after the other."""
    return np.repeat(rows, drawn_times(len(rows), rng))


def half(rows: Rows, rng: np.random.Generator) -> Rows:
    """Return half of the rows."""
    return rng.choice(rows, len(rows) // 2, replace=False)


REDRAWS: dict[str, Redraw] = {SHIPPED: bootstrap, HALVES: half}


class Scene(NamedTuple):
    """A population, and the penalties of the ridge probe."""

    whole: Population
    alphas: list[float]

    def predictions(
        self, layers: list[np.ndarray], train: Rows, validation: Rows, tested: Rows
    ) -> np.ndarray:
        """Return the predictions [row] of the layer and the penalty that validation chooses."""
        y = self.whole.y
        targets = y[train] - y[train].mean()
        paths = [RidgePath(X[train], targets[:, None]) for X in layers]
        values = [
            rank_correlations(y[validation], path.predict(X[validation], self.alphas)[:, 0])
            for path, X in zip(paths, layers, strict=True)
        ]
        table = np.nan_to_num(values, nan=-1.0)  # [layer, alpha]
        layer, alpha = np.unravel_index(table.argmax(), table.shape)
        return paths[layer].predict(layers[layer][tested], [self.alphas[alpha]])[:, 0, 0]

    def value(self, rows: Rows, predictions: np.ndarray) -> float:
        """Return the metric of predictions [row]."""
        return float(rank_correlations(self.whole.y[rows], predictions[:, None])[0])


def scene_of(folder: Path) -> Scene:
    """Return the Scene, its embeddings kept in a folder."""
    whole = population(folder, [NETWORK], ["pretrained"])
    return Scene(whole, study_of([NETWORK], ["pretrained"]).probe("ridge", "gb1")["alphas"])


def arm_of(scene: Scene, predictions: np.ndarray, drawn: Rows, counts: np.ndarray) -> Arm:
    """Return the Arm of predictions [row] on the drawn test rows."""
    y = scene.whole.y[drawn]
    resampled = bootstrapped(METRIC, y, predictions, Target("regression"), counts)
    return Arm(np.array([scene.value(drawn, predictions)]), resampled[None])


class Trial(NamedTuple):
    """What one draw of 300 / 300 / 300 gives: of every arm the value on all test variants, the Arm
    on those drawn, and the values [refit] there by each way to redraw."""

    wholes: list[float]
    arms: list[Arm]
    refits: dict[str, list[np.ndarray]]


def trial_of(
    scene: Scene, arms: list[list[np.ndarray]], redraws: dict[str, Redraw], seed: int
) -> Trial:
    """Return one Trial of arms, each the layers of one representation."""
    rng = np.random.default_rng(seed)
    tested = np.flatnonzero(scene.whole.subset == "test")
    learned = rng.choice(np.flatnonzero(scene.whole.subset != "test"), 2 * SIZE, replace=False)
    train, validation = learned[:SIZE], learned[SIZE:]
    places = np.sort(rng.choice(len(tested), SIZE, replace=False))
    drawn, counts = tested[places], resamples(SIZE, RESAMPLES, seed)
    halves = {
        name: [(redraw(train, rng), redraw(validation, rng)) for _ in range(REFITS)]
        for name, redraw in redraws.items()
    }
    found = Trial([], [], {name: [] for name in redraws})
    for layers in arms:
        plain = scene.predictions(layers, train, validation, tested)
        found.wholes.append(scene.value(tested, plain))
        found.arms.append(arm_of(scene, plain[places], drawn, counts))
        for name, pairs in halves.items():
            again = (scene.predictions(layers, *pair, drawn) for pair in pairs)
            found.refits[name].append(np.array([scene.value(drawn, each) for each in again]))
    return found


def scaled(parts: list[Part], factor: float) -> list[Part]:
    """Return parts whose variance counts so many times more."""
    return [part._replace(variance=factor * part.variance) for part in parts]


def parts_of(trial: Trial, place: int) -> dict[str, list[Part]]:
    """Return {rule: what it adds to the noise of test} of the gain of an arm over the first one."""
    between = {
        name: part_between(values[place], values[0]) for name, values in trial.refits.items()
    }
    parts = {GIVEN: [], SHIPPED: between[SHIPPED]}
    if HALVES in between:
        parts |= {UNSCALED: scaled(between[SHIPPED], 1 / DISTINCT)}
        parts |= {HALVES: scaled(between[HALVES], 1 / DISTINCT)}
    return parts


def intervals(trial: Trial, place: int) -> Iterator[tuple[str, float, float]]:
    """Yield rule, low and high of the gain of an arm over the first one."""
    for rule, parts in parts_of(trial, place).items():
        yield rule, *difference(trial.arms[place], trial.arms[0], SIZE, None, parts)[1:3]


def rates(trials: list[Trial], place: int, pooling: str) -> Iterator[dict[str, object]]:
    """Yield the row of each rule for one pooling."""
    gains = np.array([trial.wholes[place] - trial.wholes[0] for trial in trials])
    rows = [row for trial in trials for row in intervals(trial, place)]
    table = pd.DataFrame(rows, columns=["rule", "low", "high"])
    for rule, own in table.groupby("rule", sort=False):
        held = (own["low"] <= gains.mean()) & (gains.mean() <= own["high"])
        yield {
            "rule": rule,
            "pooling": pooling,
            "gain": gains.mean(),
            "spread": gains.std(ddof=1),
            "coverage": held.mean(),
            "width": (own["high"] - own["low"]).mean(),
            "trials": len(trials),
        }


def measure(quick: bool) -> pd.DataFrame:
    """Return coverage and width of 95 % intervals of the expected gain, one row per rule and
    pooling; spread is the standard deviation of the gain over draws of the training data."""
    redraws = {SHIPPED: bootstrap} if quick else REDRAWS
    with tempfile.TemporaryDirectory() as folder, limited_threads(1):
        scene = scene_of(Path(folder))
        keys = [(BASELINE, "none", "flat"), *((NETWORK, "pretrained", p) for p in POOLINGS)]
        arms = [scene.whole.layers[key] for key in keys]
        trials = []
        for seed in range(QUICK_TRIALS if quick else TRIALS):
            trials.append(trial_of(scene, arms, redraws, seed))
            if seed % 20 == 0:
                print(f"GB1: draw {seed}", file=sys.stderr, flush=True)
    rows = [row for place, p in enumerate(POOLINGS, 1) for row in rates(trials, place, p)]
    return pd.DataFrame(rows).round(4)


def coverage(table: pd.DataFrame) -> float:
    """Return the coverage with refits over all draws of a table of `measure`."""
    own = table[table["rule"] == SHIPPED]
    return float((own["coverage"] * own["trials"]).sum() / own["trials"].sum())
