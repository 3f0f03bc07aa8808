"""Arms of one task: predictions of every model, weights and probe on the same test units."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import Arm, bootstrapped, by_network, resamples
from plmbench.compare.exact import Range, discordant_part
from plmbench.compare.moderation import Prior, prior_of
from plmbench.compare.noise import Part, unit_noise
from plmbench.compare.refits import Refits
from plmbench.compare.seeds import over_seeds, with_ablation
from plmbench.compare.summary import selected_layers
from plmbench.compare.units import in_families
from plmbench.core.columns import ARM
from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import METRICS, better_first, measured
from plmbench.core.test_sets import Place
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.probe.predictions import TestSet, of_units, read_predictions, read_test_set

FileKey = tuple[str, str, str]  # model, weights, probe


class ArmKey(NamedTuple):
    """Which arm of a task."""

    probe: str
    pooling: str
    model: str
    ablation: str


def unit_targets(test: TestSet) -> list[tuple[str, bytes]]:
    """Return of each unit of a TestSet its name and what is to be predicted of it, [unit]."""
    offsets = np.arange(len(test.y_true) + 1) if test.offsets is None else test.offsets
    y_trues = [test.y_true[start:stop].tobytes() for start, stop in pairwise(offsets)]
    return list(zip(test.names, y_trues, strict=True))


def on_common_units(
    tests: Mapping[FileKey, TestSet],
) -> dict[FileKey, tuple[TestSet, np.ndarray]]:
    """Return {file: (TestSet, mask of its examples)} of the units that all files share.

    A model with another max_length leaves out other sequences (policy `drop`), or keeps other
    residues of them (`truncate`, `keep_ends`).

    Raises InputError where there are none, or where they stand in another order.
    """
    targets = {file: unit_targets(test) for file, test in tests.items()}
    common = set.intersection(*map(set, targets.values()))
    if not common:
        raise InputError(
            "no test sequence is common to all arms; see long_sequences of the data set"
        )
    if len(common) < (most := max(map(len, targets.values()))):
        log.info(
            "comparing on %d of %d units: those that are the same in all arms", len(common), most
        )
    shared = {
        file: of_units(test, np.array([unit in common for unit in targets[file]]))
        for file, test in tests.items()
    }
    first, _ = next(iter(shared.values()))
    for file, (test, _) in shared.items():
        if not np.array_equal(test.names, first.names):
            raise InputError(
                f"predictions of {', '.join(file)} are of sequences in another order than those of "
                "other arms; delete results/predictions and run again"
            )
    return shared


def digest_of(prediction: np.ndarray) -> str:
    """Return a digest of predictions, equal for two arms only where they read equal embeddings.

    Numbers of 24 bits do not agree by chance. Probabilities of exactly 0 and 1 do, and have "".
    """
    certain = np.isin(prediction, (0, 1)).all()
    return "" if certain else hashlib.sha256(prediction.tobytes()).hexdigest()


def unit_range_of(metric: str) -> Range | None:
    """Return between which values a metric of one unit lies, signed so that higher is better; None
    where the metric is no mean over units."""
    ends = METRICS[metric].unit_range
    if ends is None:
        return None
    low, high = sorted(better_first(metric) * end for end in ends)
    return low, high


def noise_of_shares(units: int, unit_range: Range | None) -> list[Part]:
    """Return the parts of noise that a share of single examples has beside test units and seeds."""
    return [] if unit_range is None else [discordant_part(units, unit_range)]


def joined(parts: Sequence[Arm]) -> Arm:
    """Return the Arm of several networks, of each its part."""
    return Arm(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.resampled for part in parts]),
        next((part.reason for part in parts if part.reason), ""),
        frozenset().union(*(part.predictions for part in parts)),
        len(parts),
    )


class TaskPredictions:
    """The predictions of every arm of one task on its test subset, and a metric of any of them."""

    def __init__(
        self,
        scores: pd.DataFrame,
        predictions: Mapping[FileKey, Place],
        metric: str,
        count: int,
        seed: int,
        families: Mapping[str, str] = MappingProxyType({}),
        refits: Refits | None = None,
    ) -> None:
        """scores: the task's score table; predictions: {(model, weights, probe): path}; metric: by
        which layers are compared; count: of resamples, drawn by `seed`; families: {name of a test
        sequence: its family}, which are the units; a sequence that is not there is one by itself.
        refits: of its arms, if they were fit again.
        """
        self.metric, self.files, self.refits = metric, predictions, refits or Refits()
        self.families, self.count, self.seed = families, count, seed
        self.unit_range = unit_range_of(metric)
        tests = on_common_units({key: read_test_set(path) for key, path in predictions.items()})
        self.draw({key: (test, np.flatnonzero(mask)) for key, (test, mask) in tests.items()})
        table = with_ablation(scores)
        self.table = over_seeds(table[table["metric"] == metric])
        weights = table[["model", "weights", "ablation"]].drop_duplicates()
        self.weights = weights.groupby(["model", "ablation"])["weights"].agg(sorted).to_dict()
        self.layers = {
            ArmKey(probe, pooling, model, ablation): selected_layers(arm, metric)
            for (_, _, model, ablation, pooling, probe), arm in self.table.groupby(ARM, sort=False)
        }
        self.priors: dict[tuple[str, str, str], Prior | None] = {}

    def draw(self, sequences: dict[FileKey, tuple[TestSet, np.ndarray]]) -> None:
        """Take these test sequences, in families, and draw the resamples.

        sequences: {file: (TestSet, positions of its examples in the file)}.
        """
        self.sequences = sequences
        self.tests = {key: in_families(*own, self.families) for key, own in sequences.items()}
        self.units = len(next(iter(self.tests.values()))[0].names)
        single = all(len(test.y_true) == len(test.names) for test, _ in self.tests.values())
        self.others = noise_of_shares(self.units, self.unit_range) if single else []
        self.counts = resamples(self.units, self.count, self.seed)
        self.computed: dict[tuple[ArmKey, int], Arm] = {}

    def part(self, names: Iterable[str]) -> "TaskPredictions":
        """Return the same task on these test sequences alone; layers stay as they were chosen."""
        part, kept = copy(self), sorted(set(names))
        sequences = {}
        for key, (test, positions) in self.sequences.items():
            own, mask = of_units(test, np.isin(test.names.astype(str), kept))
            sequences[key] = own, positions[mask]
        part.draw(sequences)
        return part

    def files_of(self, key: ArmKey) -> list[FileKey]:
        """Return the names of the files of an arm, one per seed of its ablation."""
        return [(key.model, name, key.probe) for name in self.weights[key.model, key.ablation]]

    def of_file(self, file: FileKey, pooling: str, layer: int) -> Arm:
        """Return the Arm of one file, its seeds those of the probe, in which higher is better."""
        (_, y_true, offsets, target), chosen = self.tests[file]
        points, resampled, reasons, digests = [], [], [], set()
        for prediction in read_predictions(self.files[file], pooling, layer)[:, chosen]:
            value, reason = measured(self.metric, y_true, prediction, target)
            drawn = bootstrapped(self.metric, y_true, prediction, target, self.counts, offsets)
            points.append(value)
            resampled.append(drawn)
            reasons.append(reason)
            digests.add(digest_of(prediction))
        order = better_first(self.metric)
        reason = next(filter(None, reasons), "")
        values = order * np.array(points), order * np.array(resampled)
        return Arm(values[0], values[1], reason, frozenset(digests))

    def arm(self, key: ArmKey, layer: int) -> Arm:
        """Return the Arm of a layer, in which higher is better: its networks are those of the
        ablation or the one that was pretrained, none without weights; each has the probe's seeds.
        """
        if (key, layer) not in self.computed:
            parts = [self.of_file(file, key.pooling, layer) for file in self.files_of(key)]
            networks = 0 if key.ablation == NONE else len(parts)
            self.computed[key, layer] = joined(parts)._replace(networks=networks)
        return self.computed[key, layer]

    def seed_sd(self, key: ArmKey, layer_selection: str) -> float:
        """Return the standard deviation between the networks of an ablation; NaN of one."""
        layer = self.layers[key].get(layer_selection)
        if layer is None or len(self.files_of(key)) < 2:
            return np.nan
        points, _ = by_network(self.arm(key, layer))
        return float(points.mean(1).std(ddof=1))

    def seed_noise(self, key: ArmKey, layer_selection: str) -> float:
        """Return what of the variance between the networks of an ablation the test units add."""
        _, resampled = by_network(self.arm(key, self.layers[key][layer_selection]))
        return unit_noise(resampled.mean(1))

    def prior(self, key: ArmKey, layer_selection: str) -> Prior | None:
        """Return what all ablations under the probe and pooling of an arm tell of their spread."""
        setting = key.probe, key.pooling, layer_selection
        if setting not in self.priors:
            keys = [other for other in self.layers if other.ablation not in (NONE, PRETRAINED)]
            keys = [other for other in keys if (other.probe, other.pooling) == setting[:2]]
            known = {o: sd for o in keys if np.isfinite(sd := self.seed_sd(o, layer_selection))}
            freedoms = [len(self.files_of(other)) - 1 for other in known]
            noises = [self.seed_noise(other, layer_selection) for other in known]
            self.priors[setting] = prior_of([sd**2 for sd in known.values()], freedoms, noises)
        return self.priors[setting]

    def examples(self, key: ArmKey) -> int:
        """Return the number of test examples that an arm is compared on."""
        test, _ = self.tests[self.files_of(key)[0]]
        return len(test.y_true)
