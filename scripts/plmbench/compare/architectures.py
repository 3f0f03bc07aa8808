"""Several pretrainings of one network: how far they spread, and whether pretraining an architecture
gives anything, whichever pretraining one gets.

Pretrainings and test sequences are both drawn (the Multi-Bootstrap, Sellam et al. 2022): the mean
over pretrainings has the noise of both, as that of an ablation has the noise of its seeds.
"""

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from plmbench.compare.arms import ArmKey, TaskPredictions, joined
from plmbench.compare.bootstrap import UNKNOWN, Arm, Estimate, difference, holm
from plmbench.compare.decisions import word_of
from plmbench.compare.differences import matching_arm
from plmbench.compare.gains import ablations_of, drawn_points, finished, pretrained_keys
from plmbench.compare.trends import FEWEST_RUNS
from plmbench.core.facts import Models
from plmbench.core.metrics import better_first
from plmbench.core.roles import BASELINE
from plmbench.core.selections import VALIDATION
from plmbench.core.verdicts import BENEFITS, WORSE

ARCHITECTURE_COLUMNS = ["probe", "pooling", "model", "metric", "pretrainings", "value"]
ARCHITECTURE_COLUMNS += ["pretraining_sd", "reference", "reference_value", "reference_seeds"]
ARCHITECTURE_COLUMNS += ["reference_sd", "gain", "low", "high", "p", "reason"]
Row = dict[str, object]


def pretrainings_of(
    task: TaskPredictions, keys: Collection[ArmKey], about: Models
) -> dict[str, list[ArmKey]]:
    """Return {network: the arms of its pretrainings, by seed}, of those with a chosen layer."""
    found: dict[str, list[ArmKey]] = {}
    for key in sorted(keys, key=lambda key: about[key.model].get("pretraining_seed", 0)):
        if finished(about[key.model]) and VALIDATION in task.layers[key]:
            found.setdefault(about[key.model].get("network", key.model), []).append(key)
    return found


def references_of(
    task: TaskPredictions, key: ArmKey, about: Models, left_out: Collection[str]
) -> dict[str, ArmKey]:
    """Return {name: arm} of what bears on a verdict: the ablations, and the baselines."""
    found = {other.ablation: other for other in ablations_of(task, key, about, left_out)}
    for model, facts in about.items():
        match = matching_arm(task, key, model) if facts.get("role") == BASELINE else None
        found |= {model: match} if match else {}
    return {name: other for name, other in found.items() if VALIDATION in task.layers[other]}


def chosen_arm(task: TaskPredictions, key: ArmKey) -> Arm:
    """Return an arm at its layer chosen on validation."""
    return task.arm(key, task.layers[key][VALIDATION])


def spread(points: np.ndarray) -> float:
    """Return the standard deviation of points [seed]; NaN for one."""
    return float(points.std(ddof=1)) if len(points) > 1 else np.nan


def hardest(
    task: TaskPredictions, mean: Arm, references: dict[str, ArmKey]
) -> tuple[str, Estimate]:
    """Return the reference over which the gain is least, and that gain: a network benefits only if
    it beats every reference, so this one decides."""
    found = {
        name: difference(mean, chosen_arm(task, key), task.units, task.unit_range)
        for name, key in references.items()
    }
    return min(found.items(), key=lambda item: (item[1].value, item[0]), default=("", UNKNOWN))


def architecture_row(
    task: TaskPredictions,
    network: str,
    keys: list[ArmKey],
    about: Models,
    left_out: Collection[str],
) -> Row:
    """Return the row of ARCHITECTURE_COLUMNS of one network of several pretrainings."""
    order = better_first(task.metric)
    mean = joined([chosen_arm(task, key) for key in keys])
    references = references_of(task, keys[0], about, left_out)
    name, gain = hardest(task, mean, references)
    other = drawn_points(chosen_arm(task, references[name])) if name else np.array([np.nan])
    reason = gain.reason if name else "nothing to compare with"
    if len(keys) < FEWEST_RUNS:
        gain = UNKNOWN._replace(value=gain.value)
        reason = f"{len(keys)} pretrainings: needs {FEWEST_RUNS}"
    names = {"probe": keys[0].probe, "pooling": keys[0].pooling, "model": network}
    own = {"pretrainings": len(keys), "value": order * mean.points.mean()}
    own |= {"pretraining_sd": spread(drawn_points(mean)), "reference": name, "reason": reason}
    own |= {"reference_value": order * other.mean(), "reference_seeds": len(other)}
    own |= {"reference_sd": spread(other), "gain": gain.value, "p": gain.p}
    return names | own | {"metric": task.metric, "low": gain.low, "high": gain.high}


def architecture_rows(
    task: TaskPredictions, about: Models, probes: Collection[str], left_out: Collection[str]
) -> Iterator[Row]:
    """Yield one row per probe, pooling and network that has more than one pretraining."""
    for keys in pretrained_keys(task, probes).values():
        for network, own in pretrainings_of(task, [*keys.values()], about).items():
            if len(own) > 1:
                yield architecture_row(task, network, own, about, left_out)


def architecture_table(
    task: TaskPredictions,
    about: Models,
    probes: Collection[str],
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """Return the table of one task. probes: those that are no control; left_out: the ablations that
    bear on no verdict."""
    rows = architecture_rows(task, about, probes, left_out)
    return pd.DataFrame(rows, columns=ARCHITECTURE_COLUMNS)


def with_verdicts(architectures: pd.DataFrame) -> pd.DataFrame:
    """Return the table of all tasks with p_holm, over its rows, and the verdict."""
    p = holm(architectures["p"].astype(float))
    pairs = zip(architectures["gain"], p, strict=True)
    words = [word_of(*pair, BENEFITS, WORSE) for pair in pairs]
    return architectures.assign(p_holm=p, verdict=words)
