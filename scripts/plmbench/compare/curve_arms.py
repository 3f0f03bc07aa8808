"""Arms of one task's learning curves: the scores of every size, draw and seed on the test subset,
and the same on resamples of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, FileKey, on_common_units
from plmbench.compare.bootstrap import bootstrapped, resamples
from plmbench.compare.units import in_families
from plmbench.core.metrics import better_first, measured
from plmbench.core.test_sets import Place
from plmbench.core.weights import NONE, PRETRAINED, parse_weights
from plmbench.probe.description_length import uniform_bits
from plmbench.probe.predictions import read_predictions, read_test_set

DRAWS = "draws of training subsets"  # the name of their noise, which all arms share


def noise_generator(*names: str) -> np.random.Generator:
    """Return a numpy generator of its own for what these names say, in any order of work."""
    digest = hashlib.sha256("\t".join(names).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


class Cell(NamedTuple):
    """One size of an arm's curve, in which higher is better: points [seed, draw], and the same on
    resamples, [seed, draw, resample]."""

    points: np.ndarray
    resampled: np.ndarray
    reason: str = ""  # why a point is NaN


class CurveArm(NamedTuple):
    """The curve of an arm: a Cell per size that could be learned from, and what tells of it."""

    cells: Mapping[str, Cell]
    rows: pd.DataFrame  # of the chosen layers


def weights_of_mean(count: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Return weights [resample, element], each row of sum 1, under which a mean of so many elements
    spreads as it would if these were drawn again: by Student's t with count - 1 degrees of freedom,
    as few elements tell of their spread. One element has weight 1: nothing is known.

    They are a bootstrap by Gaussian multipliers, which has no steps where elements are few.
    """
    if count < 2:
        return np.ones((resamples, count))
    noise = rng.normal(size=(resamples, count))
    noise -= noise.mean(1, keepdims=True)
    heavy = np.sqrt((count - 1) / rng.chisquare(count - 1, resamples))
    return 1 / count + noise * heavy[:, None] / np.sqrt(count * (count - 1))


def drawn_curve(
    cells: Sequence[Cell], draw_weights: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the curve on each resample, [resample, size]: of test units, training draws and seeds.

    draw_weights: [resample, draw], the same for all arms, which have learned from the same subsets.
    """
    seeds = weights_of_mean(len(cells[0].points), len(draw_weights), rng)
    curves = []
    for cell in cells:
        draws = draw_weights if cell.points.shape[1] > 1 else np.ones_like(draw_weights[:, :1])
        curves.append(np.einsum("rs,rd,sdr->r", seeds, draws, cell.resampled))
    return np.stack(curves, axis=-1)


class TaskCurves:
    """The learning curves of every arm of one task."""

    def __init__(
        self,
        table: pd.DataFrame,
        predictions: Mapping[FileKey, Place],
        metric: str,
        count: int,
        seed: int,
        families: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """table: the rows of all files; predictions: {(model, weights, probe): path}; count: of
        resamples of the test subset, drawn by `seed`; families: {name of a test sequence: its
        family}, which are the units."""
        self.metric, self.files, self.seed = metric, predictions, seed
        tests = on_common_units({k: read_test_set(path) for k, path in predictions.items()})
        self.tests = {
            key: in_families(test, np.flatnonzero(mask), families)
            for key, (test, mask) in tests.items()
        }
        self.target = next(iter(self.tests.values()))[0].target
        self.units = len(next(iter(self.tests.values()))[0].names)
        self.counts = resamples(self.units, count, seed)
        ablations = table["weights"].map(lambda text: parse_weights(text).ablation)
        self.table = table.assign(ablation=ablations)
        fitted = self.table[self.table["fit"] >= 0]
        self.sizes = sorted(fitted["size"].unique(), key=Fraction)
        self.left_out = dict(self.table[self.table["fit"] < 0][["size", "reason"]].to_numpy())
        self.draws = int(fitted["draw"].max()) + 1
        noise = noise_generator(DRAWS, str(seed))
        self.draw_weights = weights_of_mean(self.draws, count, noise)
        self.keys = [
            ArmKey(*key) for key, _ in self.table.groupby(list(ArmKey._fields), sort=False)
        ]
        self.arms: dict[ArmKey, CurveArm] = {}
        self.curves: dict[ArmKey, np.ndarray] = {}

    def scored(self, file: FileKey, pooling: str, fit: int) -> tuple[np.ndarray, np.ndarray, str]:
        """Return points [seed], the same on resamples [seed, resample], and why one is NaN."""
        (_, y_true, offsets, target), mask = self.tests[file]
        points, drawn, reasons = [], [], []
        for prediction in read_predictions(self.files[file], pooling, fit)[:, mask]:
            value, reason = measured(self.metric, y_true, prediction, target)
            facts = y_true, prediction, target, self.counts, offsets
            points.append(value)
            drawn.append(bootstrapped(self.metric, *facts))
            reasons.append(reason)
        order = better_first(self.metric)
        reason = next(filter(None, reasons), "")
        return order * np.array(points), order * np.array(drawn), reason

    def cell(self, key: ArmKey, rows: pd.DataFrame) -> Cell:
        """Return the Cell of one size, whose rows of chosen layers these are: a seed of it is one
        of the ablation, each the mean over probe seeds; without an ablation, one of the probe."""
        ablated = key.ablation not in (NONE, PRETRAINED)
        points, drawn, reason = [], [], ""
        for name, own in rows.groupby("weights", sort=True):
            file = (key.model, name, key.probe)
            fits = [self.scored(file, key.pooling, fit) for fit in sorted(own["fit"].unique())]
            found = [np.stack([each[side] for each in fits], axis=1) for side in (0, 1)]
            found = [side.mean(0, keepdims=True) for side in found] if ablated else found
            points.append(found[0])  # [seed, draw]
            drawn.append(found[1])  # [seed, draw, resample]
            reason = reason or next((each[2] for each in fits if each[2]), "")
        return Cell(np.concatenate(points), np.concatenate(drawn), reason)

    def arm(self, key: ArmKey) -> CurveArm:
        """Return the CurveArm of a key; a size for which a layer could not be chosen in every draw
        has no Cell."""
        if key not in self.arms:
            own = self.table[(self.table[list(key._fields)] == list(key)).all(axis=1)]
            chosen = own[own["chosen"] == 1]
            cells = {}
            for size in self.sizes:
                rows, every = chosen[chosen["size"] == size], own[own["size"] == size]
                if rows["fit"].nunique() == every["fit"].nunique():
                    cells[size] = self.cell(key, rows)
            self.arms[key] = CurveArm(cells, chosen)
        return self.arms[key]

    def drawn(self, key: ArmKey) -> np.ndarray:
        """Return an arm's curve on each resample [resample, size]; NaN for a size without a
        Cell."""
        if key not in self.curves:
            cells = self.arm(key).cells
            curve = np.full((len(self.counts), len(self.sizes)), np.nan)
            if cells:
                rng = noise_generator(*key, DRAWS, str(self.seed))
                places = [place for place, size in enumerate(self.sizes) if size in cells]
                curve[:, places] = drawn_curve([*cells.values()], self.draw_weights, rng)
            self.curves[key] = curve
        return self.curves[key]

    def points(self, key: ArmKey) -> np.ndarray:
        """Return an arm's curve [size], the mean over seeds and draws; NaN where it is undefined in
        one of them."""
        cells = self.arm(key).cells
        return np.array([cells[s].points.mean() if s in cells else np.nan for s in self.sizes])

    def labels(self, key: ArmKey) -> np.ndarray:
        """Return how many labels an arm has learned from, the mean over draws [size]."""
        own = self.table[(self.table[list(key._fields)] == list(key)).all(axis=1)]
        means = own[own["fit"] >= 0].groupby("size")["labels"].mean()
        return means.loc[self.sizes].to_numpy(np.float64)

    def code_lengths(self, key: ArmKey) -> Iterator[tuple[float, float, str]]:
        """Yield for each size the bits of its labels by the online code, their share of the uniform
        code's, and why they are NaN: means over draws and seeds."""
        rows = self.arm(key).rows
        rows = rows.assign(place=rows["size"].map(self.sizes.index)).sort_values("place")
        classes, found = len(self.target.classes), []
        reasons = [""] * len(self.sizes)
        for _, own in rows[rows["place"] < len(self.sizes) - 1].groupby(
            ["weights", "seed", "draw"]
        ):
            reasons = [next(iter(own["bits_reason"]), "")] * len(self.sizes)
            known = own.set_index("place").reindex(range(len(self.sizes) - 1))
            first = uniform_bits(known["labels"].iloc[0], classes) if classes else np.nan
            bits = np.cumsum([first, *known["bits"]])
            labels = np.cumsum([known["labels"].iloc[0], *known["coded"]])
            found.append((bits, bits / (labels * np.log2(classes or 2))))
        means = np.mean(found, axis=0) if found else np.full((2, len(self.sizes)), np.nan)
        yield from zip(*means.tolist(), reasons, strict=True)
