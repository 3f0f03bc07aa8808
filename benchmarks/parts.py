"""Time the parts of a study beside the forward pass, each against a plain way to the same end.

usage: python -m benchmarks.parts [--rounds N]

Each part and its peer run in turn, in one process. Writes benchmarks/results/parts/<processor>.tsv.
"""

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_limits

from benchmarks.machines import peak_bytes, processor
from benchmarks.networks import NETWORKS
from plmbench.ablations import ablate
from plmbench.bootstraps import bootstrapped, resamples
from plmbench.metrics import Target
from plmbench.probes.ridge_path import RidgePath

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results/parts"
NETWORK, FAMILY = "esm1b_t33_650M", "esm1b"
ALPHAS = (1e-3, 1e-1, 1, 10, 1000)
EXAMPLES, FEATURES = 8000, 768
RESAMPLES, TESTED = 1000, 1745


def ablations(name, module):
    """Return how an ablation rewrites a network, with its ledger of digests and statistics."""
    table = yaml.safe_load((ROOT / "config/ablations.yaml").read_text(encoding="utf-8"))
    return lambda: ablate(module, table[name][FAMILY], 0)


@torch.no_grad()
def shuffle(module):
    """Shuffle every parameter by torch alone, without generators of their own and a ledger."""
    for parameter in module.parameters():
        flat = parameter.view(-1)
        flat.copy_(flat[torch.randperm(len(flat))])


def ridges():
    """Return our fits of all alphas, and scikit-learn's, one after the other, on one core."""
    draw = np.random.default_rng(0)
    X, y = draw.standard_normal((EXAMPLES, FEATURES)), draw.standard_normal(EXAMPLES)

    def ours():
        with threadpool_limits(1):
            return RidgePath(X, y[:, None]).coefficients(ALPHAS)[:, 0].T

    def theirs():
        with threadpool_limits(1):
            return np.stack([Ridge(alpha=alpha).fit(X, y).coef_ for alpha in ALPHAS])

    assert np.abs(ours() - theirs()).max() <= 1e-9 * np.abs(theirs()).max()  # noqa: S101
    return ours, theirs


def bootstraps():
    """Return our bootstrap of Spearman's correlation, and a loop over scipy's."""
    draw = np.random.default_rng(0)
    truth, predicted = draw.integers(0, 500, TESTED).astype(float), draw.standard_normal(TESTED)
    counts = resamples(TESTED, RESAMPLES, 0)
    target = Target("regression", (), float(truth.min()))

    def theirs():
        rows = [np.repeat(np.arange(TESTED), row) for row in counts]
        return [spearmanr(truth[row], predicted[row]).statistic for row in rows]

    def ours():
        return bootstrapped("spearman", truth, predicted, target, counts)

    assert np.abs(ours() - theirs()).max() <= 1e-12  # noqa: S101
    return ours, theirs


def dry_run(*arguments):
    """Return how Snakemake plans a study of the repository, in a folder where nothing is done."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "--cores", "1"]

    def plan():
        subprocess.run(  # noqa: S603
            [*command, "--directory", "results/nothing", *arguments], cwd=ROOT, check=True
        )

    return plan


def snakemake_alone():
    """Start Snakemake, and nothing more."""
    subprocess.run([sys.executable, "-m", "snakemake", "--version"], check=True)


def parts():
    """Yield the name of a part, its seconds at most, how it is done, and how its peer does it."""
    module = NETWORKS[NETWORK].encoder().module
    drawn = "the library's constructor", NETWORKS[NETWORK].encoder
    yield f"reinit of {NETWORK}", 2, ablations("reinit", module), *drawn
    shuffled = "torch.randperm", partial(shuffle, module)
    yield f"resample of {NETWORK}", 20, ablations("resample", module), *shuffled
    ours, theirs = ridges()
    yield "ridge, 8,000 x 768, five alphas, one core", 0.25, ours, "scikit-learn's Ridge", theirs
    ours, theirs = bootstraps()
    yield "Spearman's bootstrap, 1,000 of 1,745", 0.1, ours, "scipy's spearmanr", theirs
    start = "snakemake --version", snakemake_alone
    yield "dry run of the demo", 3, dry_run(), *start
    paper = dry_run("--configfile", "config/paper.yaml")
    yield "dry run of the study", 8, paper, *start


def seconds_of(work):
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    """Measure every part, and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds, rows = parser.parse_args().rounds, []
    for name, most, ours, peer, theirs in parts():
        pairs = [(seconds_of(ours), seconds_of(theirs)) for _ in range(rounds + 1)][1:]
        mine, other = zip(*pairs, strict=True)
        rows.append(
            {
                "part": name,
                "seconds": round(statistics.median(mine), 3),
                "seconds_min": round(min(mine), 3),
                "seconds_max": round(max(mine), 3),
                "goal": most,
                "peer": peer,
                "peer_seconds": round(statistics.median(other), 3),
                "peak_mb": round(peak_bytes() / 1e6),
                "rounds": rounds,
            }
        )
        print(rows[-1], flush=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(RESULTS / f"{processor()}.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main()
