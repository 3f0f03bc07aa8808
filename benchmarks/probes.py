"""Time the probes that are slow by nature against scikit-learn, on one core.

usage: python -m benchmarks.probes [--quick]

The contenders take turns in one process: C by C for logistic regression, epoch by epoch for the
networks. Writes benchmarks/results/probes/<processor>.tsv; --quick writes nothing, and leaves out
what takes longest. The features are drawn, with a spectrum that falls as an embedding's does.
"""

import argparse
import time
import tracemalloc

import numpy as np
import pandas as pd

from benchmarks.features import drawn, objective
from benchmarks.tables import keep
from plmbench.core.metrics import Target
from plmbench.core.threads import limited_threads
from plmbench.probe.logistic_path import FastPath
from plmbench.probe.logistic_reference import ReferencePath
from plmbench.probe.mlp_heads import head_of
from plmbench.probe.mlp_reference import ReferenceStack
from plmbench.probe.mlp_stack import Stack

CS = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
ALPHAS, SEEDS, HIDDEN, BATCH, RATE = (1e-3, 1.0), (0, 1, 2), (128,), 128, 1e-3
MOST_ITERATIONS = 5000
OURS, THEIRS, TIGHT = "plmbench", "scikit-learn", "scikit-learn, tol 1e-6"
SIZES = {"logistic": (20_000, 100_000), "mlp": (20_000, 100_000)}
NAMES = [f"{probe} {size}" for probe, sizes in SIZES.items() for size in sizes]
FEATURES, HELD_OUT = 1280, 20_000
EPOCHS = 3


class Timed:
    """CPU and wall time of what one contender does, in turns."""

    def __init__(self):
        self.cpu = self.wall = 0.0

    def __call__(self, work, *arguments):
        """Return what work returns, with its time added."""
        cpu, wall = time.process_time(), time.perf_counter()
        found = work(*arguments)
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall
        return found


def peak_of(work):
    """Return the megabytes that a call allocates at most, beside what it is given."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 1e6)


class TightPath(ReferencePath):
    """scikit-learn at a tolerance a hundred times smaller than its own."""

    tol = 1e-6


PATHS = {OURS: FastPath, THEIRS: ReferencePath, TIGHT: TightPath}


def logistic(data, contenders):
    """Return {contender: row} of logistic regression for every C."""
    classes = int(data.y.max()) + 1
    timed = {name: Timed() for name in contenders}
    paths = {name: timed[name](PATHS[name], data.X, data.y, classes) for name in contenders}
    last = {name: path.start for name, path in paths.items()}
    values = {name: [] for name in contenders}
    classes_of = {name: [] for name in contenders}
    for C in CS:
        for name, path in paths.items():
            last[name], converged = timed[name](path.fit, C, MOST_ITERATIONS, last[name])
            if not converged:
                raise ValueError(f"{name} did not converge at C {C:g}")
            values[name].append(objective(last[name], C, data))
            classes_of[name].append((data.held_out @ last[name].W + last[name].b).argmax(1))
            print(f"  C {C:g}: {name}, {timed[name].cpu:.1f} s of CPU so far", flush=True)
    rows = {}
    for name in contenders:
        rows[name] = {"cpu_s": timed[name].cpu, "wall_s": timed[name].wall}
        for other in set(contenders) & {THEIRS, TIGHT}:
            excess = np.array(values[OURS]) / values[other] - 1
            rows[name][f"excess over {other}"] = excess.max() if name == OURS else np.nan
            same = np.equal(classes_of[OURS], classes_of[other]).mean(1).min()
            rows[name][f"agreement with {other}"] = same if name == OURS else np.nan
        rows[name]["peak_mb"] = peak_of(lambda path=PATHS[name]: first_fit(path, data, classes))
    return rows


def first_fit(path, data, classes):
    """Fit the first C."""
    path = path(data.X, data.y, classes)
    path.fit(CS[0], MOST_ITERATIONS, path.start)


def first_epoch(kind, given):
    """Train the networks of one seed for an epoch, from nothing."""
    kind(*given, 0, BATCH, RATE).train_epoch()


STACKS = {OURS: Stack, THEIRS: ReferenceStack}


def mlp(data, contenders):
    """Return {contender: row} of epochs of training six networks, two penalties by three seeds."""
    head = head_of(data.y, Target("classification", ("a", "b", "c")))
    given = data.X, data.y, head, HIDDEN, ALPHAS
    stacks = {
        name: [STACKS[name](*given, seed, BATCH, RATE) for seed in SEEDS] for name in contenders
    }
    timed = {name: Timed() for name in contenders}
    for epoch in range(EPOCHS):
        for name in contenders:
            for stack in stacks[name]:
                timed[name](stack.train_epoch)
            print(f"  epoch {epoch + 1}: {name}, {timed[name].cpu:.1f} s of CPU so far", flush=True)
    return {
        name: {
            "cpu_s": timed[name].cpu / EPOCHS,
            "wall_s": timed[name].wall / EPOCHS,
            "peak_mb": peak_of(
                lambda kind=STACKS[name]: kind(*given, 0, BATCH, RATE).train_epoch()
            ),
        }
        for name in contenders
    }


PROBES = {"logistic": logistic, "mlp": mlp}


def measure(probe, size, contenders, features=FEATURES, held_out=HELD_OUT):
    """Return the rows of a probe at a size, one per contender."""
    data = drawn(size, features, held_out)
    print(f"{probe}, {size:,} x {features}", flush=True)
    with limited_threads(1):
        found = PROBES[probe](data, contenders)
    facts = {"name": f"{probe} {size}", "probe": probe, "examples": size, "features": features}
    return [facts | {"contender": name} | row for name, row in found.items()]


def summary(rows):
    """Return in one line how much less CPU we take, from the rows at the smallest size."""
    cpu = {(row["probe"], row["contender"]): row["cpu_s"] for row in rows}
    ratio = {probe: cpu[probe, THEIRS] / cpu[probe, OURS] for probe in PROBES}
    excess = next(row for row in rows if row["contender"] == OURS)[f"excess over {THEIRS}"]
    return (
        f"logistic: {ratio['logistic']:.1f} x less CPU than scikit-learn, objective excess "
        f"{excess:.0e}; mlp: {ratio['mlp']:.1f} x"
    )


def main():
    """Measure the probes, and write their rows into the table unless it is to be quick."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rows = []
    for probe, (size, large) in SIZES.items():
        tight = [TIGHT] if probe == "logistic" and not quick else []
        found = measure(probe, size, [OURS, THEIRS, *tight])
        rows += found
        if not quick:
            keep("probes", found, "name", NAMES)
            keep("probes", measure(probe, large, [OURS], held_out=100), "name", NAMES)
    print(pd.DataFrame(rows).drop(columns="name").to_string(index=False))
    print(summary(rows))


if __name__ == "__main__":
    main()
