"""Time the parts of a study beside the forward pass, each against a plain way to the same end.

usage: python -m benchmarks.parts [--rounds N] [PART ...]

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

from benchmarks.machines import peak_bytes
from benchmarks.networks import NETWORKS
from benchmarks.tables import keep
from plmbench.compare.bootstrap import bootstrapped, resamples
from plmbench.core.families import Ablation
from plmbench.core.metrics import Target
from plmbench.models.ablations import ablate
from plmbench.probe.ridge_path import RidgePath
from plmbench.study.families import table

ROOT = Path(__file__).resolve().parents[1]
NETWORK, FAMILY = "esm1b_t33_650M", "esm1b"
ALPHAS = (1e-3, 1e-1, 1, 10, 1000)
EXAMPLES, FEATURES = 8000, 768
RESAMPLES, TESTED = 1000, 1745


def ablations(name, module):
    """Return how an ablation rewrites a network, with its ledger of digests and statistics."""
    entries = yaml.safe_load((ROOT / "config/ablations.yaml").read_text(encoding="utf-8"))
    ablation = Ablation(entries[name]["action"], table(FAMILY))
    return lambda: ablate(module, ablation, 0)


@torch.no_grad()
def shuffle(module):
    """Shuffle every parameter by torch alone, without generators of their own and a ledger."""
    for parameter in module.parameters():
        flat = parameter.view(-1)
        flat.copy_(flat[torch.randperm(len(flat))])


def ridges(peer):
    """Return our fits of all alphas, and scikit-learn's, one after the other, on one core."""
    draw = np.random.default_rng(0)
    X, y = draw.standard_normal((EXAMPLES, FEATURES)), draw.standard_normal(EXAMPLES)

    def ours():
        with threadpool_limits(1):
            return RidgePath(X, y[:, None]).coefficients(ALPHAS)[:, 0].T

    def theirs():
        with threadpool_limits(1):
            return np.stack([Ridge(alpha=alpha).fit(X, y).coef_ for alpha in ALPHAS])

    np.testing.assert_allclose(ours(), theirs(), rtol=0, atol=1e-9 * np.abs(theirs()).max())
    return ours, peer, theirs


def bootstraps(peer):
    """Return our bootstrap of Spearman's correlation, and a loop over scipy's."""
    draw = np.random.default_rng(0)
    y_true, predicted = draw.integers(0, 500, TESTED).astype(float), draw.standard_normal(TESTED)
    counts = resamples(TESTED, RESAMPLES, 0)
    target = Target("regression", (), float(y_true.min()))

    def theirs():
        rows = [np.repeat(np.arange(TESTED), row) for row in counts]
        return [spearmanr(y_true[row], predicted[row]).statistic for row in rows]

    def ours():
        return bootstrapped("spearman", y_true, predicted, target, counts)

    np.testing.assert_allclose(ours(), theirs(), rtol=0, atol=1e-12)
    return ours, peer, theirs


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


def ablation(name, most, peer, theirs):
    """Return the part of an ablation; theirs: of a module, how the peer does it."""
    module = NETWORKS[NETWORK].encoder().module
    return f"{name} of {NETWORK}", most, ablations(name, module), peer, partial(theirs, module)


def constructor(module):
    """Build the network anew, as its library does."""
    NETWORKS[NETWORK].encoder()


START = "snakemake --version", snakemake_alone
PARTS = {  # what is timed, the seconds it may take, how it is done, its peer, how that does it
    "reinit": lambda: ablation("reinit", 2, "the library's constructor", constructor),
    "resample": lambda: ablation("resample", 20, "torch.randperm", shuffle),
    "ridge": lambda: (
        f"ridge, {EXAMPLES:,} x {FEATURES}, five alphas, one core",
        *(0.25, *ridges("scikit-learn's Ridge")),
    ),
    "bootstrap": lambda: (
        f"Spearman's bootstrap, {RESAMPLES:,} of {TESTED:,}",
        *(0.1, *bootstraps("scipy's spearmanr")),
    ),
    "demo": lambda: ("dry run of the demo", 3, dry_run(), *START),
    "paper": lambda: (
        "dry run of the study",
        *(8, dry_run("--configfile", "config/paper.yaml"), *START),
    ),
}


def seconds_of(work):
    """Return the wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(part, rounds):
    """Return the row of a part."""
    what, most, ours, peer, theirs = PARTS[part]()
    pairs = [(seconds_of(ours), seconds_of(theirs)) for _ in range(rounds + 1)][1:]
    mine, other = zip(*pairs, strict=True)
    return {
        "name": part,
        "part": what,
        "seconds": round(statistics.median(mine), 3),
        "seconds_min": round(min(mine), 3),
        "seconds_max": round(max(mine), 3),
        "goal": most,
        "peer": peer,
        "peer_seconds": round(statistics.median(other), 3),
        "peak_mb": round(peak_bytes() / 1e6),
        "rounds": rounds,
    }


def main():
    """Measure parts, and write their rows into the table, in the place of those that it has."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for part in asked.parts:
        row = measure(part, asked.rounds)
        print(pd.DataFrame([row]).to_string(index=False), flush=True)
        keep("parts", [row], "name", PARTS)


if __name__ == "__main__":
    main()
