"""How often a gain is said to rise along an axis where it does not, and where it does.

before: Spearman's correlation of the score, its percentile interval over test sequences above 0, as
it was. after: the rules of `compare.trends` on the gain over the ablation; a word needs p < 0.05,
so that at most 2.5 % of flat truths are said to rise. Architectures: a pretrained network against
three seeds of its ablation, with and without the spread of its own pretrainings.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import Arm, difference, rank_correlations, resamples
from plmbench.compare.trends import Rule, judged, rule_of_networks, rule_of_paths

CHAIN_SD, SHARED = 0.12, 0.8  # of a chain's accuracy, and its share that all networks have
SEEDS, SEED_SD = 3, 0.005  # of the ablation
QUICK, TRIALS = (100, 100), (800, 200)  # trials, resamples
SIGNIFICANCE = 0.05
Truth = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def networks(spread: float, slope: float = 0.0) -> Truth:
    """Return what draws networks whose trainings spread; slope: per step along the axis."""
    return lambda rng, x: slope * x + spread * rng.normal(size=len(x))


def shapes(spread: float) -> Truth:
    """Return what draws networks whose sizes spread, too: each shape is good or bad by chance."""

    def drawn(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
        places, place = np.unique(x, return_inverse=True)
        return spread * (rng.normal(size=len(places))[place] + rng.normal(size=len(x)))

    return drawn


def walk(step: float, slope: float = 0.0) -> Truth:
    """Return what draws the layers of one network as a walk."""
    return lambda rng, x: slope * x + step * rng.normal(size=len(x)).cumsum()


class Scene(NamedTuple):
    """Points along an axis, and what their true gains are."""

    axis: str
    x: np.ndarray
    truth: Truth
    words: str
    rises: bool
    chains: int = 80
    context: float = 0.0  # what the last layer has of it by its architecture, trained or not


FIVE, THREE, NINE = np.arange(5.0), np.arange(3.0), np.repeat(np.arange(3.0), 3)
LAYERS = np.arange(17.0)
FLAT = [
    Scene("size", x, networks(0.02), f"trainings spread .02: {words}", False, chains)
    for x, words in ((THREE, "3 sizes"), (FIVE, "5 sizes"), (NINE, "3 pretrainings at 3 sizes"))
    for chains in (80, 1000)
]
NINE_OF_FIVE = np.repeat(FIVE, [1, 1, 3, 1, 3])
FLAT += [
    Scene("size", x, shapes(0.02), f"trainings and shapes spread .02: {words}", False)
    for x, words in (
        (FIVE, "5 sizes"),
        (NINE, "3 pretrainings at 3 sizes"),
        (NINE_OF_FIVE, "5 sizes, 2 of them with 3 pretrainings"),
    )
]
WALKS = [
    Scene("depth", LAYERS[:count], walk(step), f"a walk of step {step}: {count} layers", False)
    for step in (0.005, 0.02)
    for count in (9, 17)
]
SAME = [
    Scene("depth", LAYERS, networks(0.0), "every layer the same: 17 layers", False),
    Scene("depth", LAYERS, networks(0.0), "an ablated network: 17 layers", False, 80, 0.05),
]
RISING = [
    Scene("size", x, networks(0.01, 0.02), f"rises .02 a doubling: {words}", True, 1000)
    for x, words in ((FIVE, "5 sizes"), (NINE, "3 pretrainings at 3 sizes"))
] + [Scene("depth", LAYERS, walk(0.005, 0.005), "rises .005 a layer, steps .005: 17 layers", True)]
SCENES = [*FLAT, *WALKS, *SAME, *RISING]


def scored(
    rng: np.random.Generator, means: np.ndarray, chains: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the accuracy of networks [network], and on each resample [network, resample]."""
    common, own = rng.normal(size=chains), rng.normal(size=(len(means), chains))
    noise = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
    values = means[:, None] + CHAIN_SD * noise  # [network, chain]
    counts = resamples(chains, count, int(rng.integers(2**31)))
    return values.mean(1), values @ counts.T / chains


def rises_before(x: np.ndarray, resampled: np.ndarray) -> bool:
    """Tell whether the rank correlation of the score was said to be above 0."""
    found = rank_correlations(x, resampled)
    return bool(np.percentile(found[np.isfinite(found)], 2.5) > 0)


def rises_after(scene: Scene, gains: np.ndarray, resampled: np.ndarray) -> bool | None:
    """Tell whether the gain is said to rise; None where that cannot be assessed."""
    x, kept = scene.x, slice(scene.axis == "depth", None)  # without layer 0
    rule: Rule | str
    if scene.axis == "depth":
        rule = rule_of_paths(x[kept], gains[kept], np.zeros(len(x) - 1), "layers")
    else:
        rule = rule_of_networks(x, gains)
    if isinstance(rule, str):
        return None
    noise = float((rule.weights @ resampled[kept]).var(ddof=1))
    trend = judged(float(rule.weights @ gains[kept]), rule, noise)
    return trend.p < SIGNIFICANCE and trend.slope > 0


def rates(scene: Scene, seed: int, trials: int, count: int) -> dict[str, float]:
    """Return how often the scene is said to rise, before and after."""
    rng = np.random.default_rng([seed, scene.chains])
    before, after = [], []
    context = scene.context * np.log1p(scene.x) / np.log1p(scene.x.max())  # of more residues
    for _ in range(trials):
        means = 0.6 + context + scene.truth(rng, scene.x)
        values, resampled = scored(rng, means, scene.chains, count)
        before.append(rises_before(scene.x, resampled))
        ablated, drawn = scored(rng, 0.5 + context, scene.chains, count)
        ablated = ablated + SEED_SD / np.sqrt(SEEDS) * rng.normal(size=len(means))
        after.append(rises_after(scene, values - ablated, resampled - drawn))
    assessed = [found for found in after if found is not None]
    rate = float(np.mean(assessed)) if assessed else np.nan
    return {"before": float(np.mean(before)), "after": rate}


def architecture_rate(spread: float, pretrainings: int, trials: int, count: int) -> float:
    """Return how often pretraining is said to give something where it gives nothing: networks of
    both kinds are drawn about the same mean, with the same spread."""
    rng, found = np.random.default_rng([pretrainings, int(1000 * spread)]), []
    for _ in range(trials):
        means = 0.6 + spread * rng.normal(size=pretrainings + SEEDS)
        values, resampled = scored(rng, means, 1000, count)
        own = slice(pretrainings), slice(pretrainings, None)
        sides = [Arm(values[s], resampled[s], networks=len(values[s])) for s in own]
        gain = difference(*sides, 1000)
        found.append(gain.p < SIGNIFICANCE and gain.value > 0)
    return float(np.mean(found))


def before_rate(spread: float, trials: int, count: int) -> float:
    """Return the same for one pretraining whose spread is left out."""
    rng, found = np.random.default_rng(int(1000 * spread)), []
    for _ in range(trials):
        means = 0.6 + spread * rng.normal(size=1 + SEEDS)
        values, resampled = scored(rng, means, 1000, count)
        sides = [Arm(values[:1], resampled[:1]), Arm(values[1:], resampled[1:], networks=SEEDS)]
        gain = difference(*sides, 1000)
        found.append(gain.p < SIGNIFICANCE and gain.value > 0)
    return float(np.mean(found))


def rows(trials: int, count: int) -> Iterator[dict[str, object]]:
    """Yield the rows of the table."""
    for seed, scene in enumerate(SCENES):
        names = {"axis": scene.axis, "scene": scene.words, "chains": scene.chains}
        yield names | {"rises": scene.rises, "trials": trials} | rates(scene, seed, trials, count)
    for spread in (0.02, 0.04):
        words = f"architecture: {SEEDS} pretrainings, spread {spread}"
        yield (
            {"axis": "pretrainings", "scene": words, "chains": 1000, "rises": False}
            | {"trials": trials, "before": before_rate(spread, trials, count)}
            | {"after": architecture_rate(spread, SEEDS, trials, count)}
        )


def measure(quick: bool) -> pd.DataFrame:
    """Return the table: how often each scene is said to rise, or to benefit."""
    return pd.DataFrame(rows(*(QUICK if quick else TRIALS)))
