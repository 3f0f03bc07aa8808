"""What pretraining gives on one task: every arm with its interval, and differences between arms.

All from the predictions on test that probes have kept: nothing is fit here. Every arm is resampled
alike; the layers compared were chosen on validation (`validation`), or are the last ones (`last`).
"""

import hashlib
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.compare.bootstrap import Arm, Estimate, bootstrapped, difference, level, resamples
from plmbench.compare.summary import ARM, chosen_layers, over_seeds, with_ablation
from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.core.metrics import better_first, measured
from plmbench.core.roles import ABLATION, CONTROL, NETWORK, SHUFFLED
from plmbench.core.weights import NONE, PRETRAINED
from plmbench.probe.predictions import of_units, read_predictions, read_tested

# Noise is drawn under the names that selections first had, so that published intervals stay.
DRAWN_AS = {"validation": "best", "last": "last"}


class Key(NamedTuple):
    """Which arm, of the task."""

    probe: str
    pooling: str
    model: str
    ablation: str


ARMS = [*Key._fields, "metric", "layer_selection", "layer", "value", "low", "high", "seeds", "n"]
DIFFERENCES = ["probe", "pooling", "model", "metric", "layer_selection", "reference", "role"]
DIFFERENCES += ["reference_pooling", "difference", "low", "high", "p", "seeds", "n"]


def questions(test):
    """Return of each unit of a TestSet its name and what is to be predicted of it, [unit]."""
    offsets = np.arange(len(test.y_true) + 1) if test.offsets is None else test.offsets
    y_trues = [test.y_true[start:stop].tobytes() for start, stop in pairwise(offsets)]
    return list(zip(test.names, y_trues, strict=True))


def on_common_units(tests):
    """Return {file: (TestSet, mask of its examples)} of the units that all files share.

    A model with another max_length leaves out other sequences (policy `drop`), or keeps other
    residues of them (`truncate`, `keep_ends`).

    Raises InputError where there are none, or where they stand in another order.
    """
    asked = {file: questions(test) for file, test in tests.items()}
    common = set.intersection(*map(set, asked.values()))
    if not common:
        raise InputError(
            "no test sequence is common to all arms; see long_sequences of the data set"
        )
    if len(common) < (most := max(map(len, asked.values()))):
        log.info("comparing on the %d of %d units that every arm has alike", len(common), most)
    found = {
        file: of_units(test, np.array([unit in common for unit in asked[file]]))
        for file, test in tests.items()
    }
    first, _ = next(iter(found.values()))
    for file, (test, _) in found.items():
        if not np.array_equal(test.names, first.names):
            raise InputError(
                f"predictions of {', '.join(file)} are of sequences in another order than those of "
                "other arms; delete results/predictions and run again"
            )
    return found


class Task:
    """The predictions of every arm of a task on its test subset, and a metric of any of them."""

    def __init__(self, scores, predictions, metric, count, seed):
        """scores: the task's score table; predictions: {(model, weights, probe): path}; metric: by
        which layers are compared; count: of resamples, drawn by `seed`."""
        self.metric, self.files = metric, predictions
        self.tests = on_common_units({key: read_tested(path) for key, path in predictions.items()})
        self.units = len(next(iter(self.tests.values()))[0].names)
        self.counts = resamples(self.units, count, seed)
        table = with_ablation(scores)
        self.table = over_seeds(table[table["metric"] == metric])
        weights = table[["model", "weights", "ablation"]].drop_duplicates()
        self.weights = weights.groupby(["model", "ablation"])["weights"].agg(sorted).to_dict()
        self.layers = {
            Key(probe, pooling, model, ablation): chosen_layers(arm, metric)
            for (_, _, model, ablation, pooling, probe), arm in self.table.groupby(ARM, sort=False)
        }
        self.found = {}

    def files_of(self, key):
        """Return the names of the files of an arm, one a seed of its ablation."""
        return [(key.model, name, key.probe) for name in self.weights[key.model, key.ablation]]

    def of_file(self, file, pooling, layer):
        """Return points [seed] and resampled [seed, resample] of the metric for one file, in which
        higher is better."""
        (_, y_true, offsets, target), mask = self.tests[file]
        points, resampled = [], []
        for prediction in read_predictions(self.files[file], pooling, layer)[:, mask]:
            arguments = self.metric, y_true, prediction, target
            points.append(measured(*arguments)[0])
            resampled.append(bootstrapped(*arguments, self.counts, offsets))
        order = better_first(self.metric)
        return order * np.array(points), order * np.array(resampled)

    def arm(self, key, layer):
        """Return the Arm of a layer, in which higher is better.

        Its seeds are those of the ablation, each the mean over probe seeds; without an ablation,
        the probe's.
        """
        if (key, layer) not in self.found:
            parts = [self.of_file(file, key.pooling, layer) for file in self.files_of(key)]
            if key.ablation not in (NONE, PRETRAINED):
                parts = [[side.mean(0, keepdims=True) for side in part] for part in parts]
            self.found[key, layer] = Arm(*map(np.concatenate, zip(*parts, strict=True)))
        return self.found[key, layer]

    def examples(self, key):
        """Return the number of test examples that an arm is compared on."""
        test, _ = self.tests[self.files_of(key)[0]]
        return len(test.y_true)


def generator_for(*names):
    """Return a numpy generator of its own for what these names say, in any order of work."""
    digest = hashlib.sha256("\t".join(map(str, names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


def arm_rows(task):
    """Yield a row of ARMS for each arm at each selection of a layer."""
    order = better_first(task.metric)
    for key, layers in task.layers.items():
        for layer_selection, layer in layers.items():
            found = level(task.arm(key, layer), generator_for(*key, DRAWN_AS[layer_selection]))
            low, high = sorted((order * found.low, order * found.high))
            about = {"metric": task.metric, "layer_selection": layer_selection, "layer": layer}
            value = {"value": order * found.value, "low": low, "high": high}
            yield key._asdict() | about | value | {"seeds": found.seeds, "n": task.examples(key)}


def alike(task, key, model):
    """Return the Key of another model's own arm of the same probe: of the same pooling, or its
    first; None where there is none."""
    own = [
        other
        for other in task.layers
        if (other.probe, other.model) == (key.probe, model) and other.ablation in (NONE, PRETRAINED)
    ]
    same = [other for other in own if other.pooling == key.pooling]
    return next(iter(same or own), None)


def references_of(task, key, roles, label_controls):
    """Yield name, role and Key of what a pretrained arm is compared with.

    roles: {model: role}; shuffles: {probe: its control on shuffled labels}.
    """
    for model, role in roles.items():
        if role != NETWORK and model != key.model and (other := alike(task, key, model)):
            yield model, role, other
    for ablation in dict.fromkeys(other.ablation for other in task.layers):
        if ablation != PRETRAINED and (other := key._replace(ablation=ablation)) in task.layers:
            yield ablation, ABLATION, other
    if (other := key._replace(probe=label_controls.get(key.probe))) in task.layers:
        yield SHUFFLED, CONTROL, other


def difference_at(task, layer_selection, key, other, name):
    """Return the Estimate of one arm minus another, named `name`, at a selection of the layer.

    NaN where one of them has no such layer."""
    layers = [task.layers[side].get(layer_selection) for side in (key, other)]
    if None in layers:
        return Estimate(np.nan, np.nan, np.nan)
    sides = [task.arm(*side) for side in zip((key, other), layers, strict=True)]
    return difference(*sides, generator_for(*key, DRAWN_AS[layer_selection], name), task.units)


def difference_rows(task, roles, label_controls):
    """Yield a row of DIFFERENCES per pretrained network, selection of the layer, and reference.

    A positive difference says that the pretrained network is better, whatever the metric.
    """
    for key, layers in task.layers.items():
        if key.ablation != PRETRAINED or key.probe in label_controls.values():
            continue
        about = key._asdict() | {"metric": task.metric, "n": task.examples(key)}
        for name, role, other in references_of(task, key, roles, label_controls):
            reference = {"reference": name, "role": role, "reference_pooling": other.pooling}
            for layer_selection in layers:
                found = difference_at(task, layer_selection, key, other, name)._asdict()
                yield (
                    about
                    | reference
                    | {"layer_selection": layer_selection, "difference": found["value"]}
                    | found
                )


def compared(task, roles, label_controls):
    """Return the tables of arms and of differences of a task."""
    arms = pd.DataFrame(arm_rows(task), columns=ARMS)
    return arms, pd.DataFrame(difference_rows(task, roles, label_controls), columns=DIFFERENCES)
