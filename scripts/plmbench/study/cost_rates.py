"""What was measured of each kind of work, in benchmarks/results, in terms of a plain matrix
product: so many operations of a product take as long. Any machine is then known by its product.

A number that is in no file stands below with the run it is from, or as the assumption it is.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError

OURS, REFERENCE = "plmbench", "scikit-learn"
CLASSES, CS, NETWORKS, WIDTH = 3, 6, 6, 128  # of benchmarks.probes
MEASURED = {  # parameters of the networks of benchmarks.extraction
    "carp_600k": 0.608e6,
    "esm2_t12_35M": 33.5e6,
    "carp_38M": 37.9e6,
    "esm1_t6_43M": 42.6e6,
    "esm2_t30_150M": 148e6,
    "esm1b_t33_650M": 652e6,
}
RIDGE = (8000, 768)  # examples and features of benchmarks.parts
SEVEN = 652e6  # parameters that benchmarks.parts redraws
EIGEN = 45.0  # operations of a product per element d^3 of an eigendecomposition; numpy, one core
GPU_SHARE = 0.4  # of a card's product that a network holds: an assumption, no GPU was measured
THREADS = 2  # of the machine of benchmarks.extraction


class Rates(NamedTuple):
    """Operations of a plain product that take as long as a unit of work."""

    source: str  # the machine that was measured
    product: float  # operations per second of one of its cores
    parameters: tuple[float, ...]  # of networks, rising
    shares: tuple[float, ...]  # of the product that they hold, 2 operations per parameter
    gram: float  # per example and square of the features
    logistic: float  # per example, feature, class and C
    warm: float  # per square of the features, class and C
    mlp: float  # per example, feature, hidden unit, network and epoch
    redraws: tuple[float, float]  # per parameter: drawn anew, and shuffled


def one_of(folder: Path) -> Path:
    """Return the file of the first machine in a folder of benchmarks/results."""
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise InputError(f"{folder}: holds no measurement; restore it, or run `make bench`")
    return files[0]


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return what a benchmark measured on the first machine."""
    return pd.read_csv(one_of(folder / name), sep="\t")


def shares_of(extraction: pd.DataFrame) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the parameters of measured networks, rising, and the share of a product they hold, at
    2 operations per parameter and residue: the best of the data sets, because one thread holds more
    of a small network than the two that were measured."""
    rows = extraction[extraction["contender"] == OURS]
    rates = rows["residues_per_s"] / (rows["gemm_gflops"] * 1e9)
    best = rates.groupby(rows["network"]).max()
    pairs = sorted((size, 2 * size * best[name]) for name, size in MEASURED.items() if name in best)
    sizes, shares = zip(*pairs, strict=True)
    return sizes, shares


def cpu_seconds(probes: pd.DataFrame, probe: str, contender: str) -> dict[tuple[int, int], float]:
    """Return {(examples, features): CPU-seconds} of a probe by a contender."""
    rows = probes[(probes["probe"] == probe) & (probes["contender"] == contender)]
    return {(row.examples, row.features): row.cpu_s for row in rows.itertuples()}


def logistic_rates(
    seconds: dict[tuple[int, int], float], product: float, gram: float
) -> tuple[float, float]:
    """Return what a logistic fit takes beside its Gram matrix and its decomposition: per example,
    feature, class and C, and per square of the features, class and C."""
    n, d = (np.array(column, float) for column in zip(*seconds, strict=True))
    cost = np.array(list(seconds.values())) * product
    if len(n) == 1:  # scikit-learn's, which has neither
        return float(cost[0] / (n[0] * d[0] * CLASSES * CS)), 0.0
    rest = cost - gram * n * d**2 - EIGEN * d**3
    units = np.stack([n * d, d**2], 1) * CLASSES * CS
    row, warm = np.linalg.lstsq(units, rest, rcond=None)[0]
    return max(float(row), 0.0), max(float(warm), 0.0)


def read_rates(folder: Path, contender: str = OURS) -> Rates:
    """Return the Rates that benchmarks/results holds; contender: whose probes."""
    extraction, probes = read_table(folder, "extraction"), read_table(folder, "probes")
    parts = read_table(folder, "parts").set_index("name")["seconds"]
    product = extraction["gemm_gflops"].median() * 1e9 / THREADS
    n, d = RIDGE
    gram = max(parts["ridge"] * product - EIGEN * d**3, 2 * n * d**2) / (n * d**2)
    fits = cpu_seconds(probes, "logistic", contender)
    row, warm = logistic_rates(fits, product, gram)
    epochs = cpu_seconds(probes, "mlp", contender)
    mlp = np.median([s * product / (n * d * WIDTH * NETWORKS) for (n, d), s in epochs.items()])
    numbers, shares = shares_of(extraction)
    return Rates(
        source=one_of(folder / "probes").stem,
        product=product,
        parameters=tuple(numbers),
        shares=tuple(shares),
        gram=gram,
        logistic=row,
        warm=warm,
        mlp=float(mlp),
        redraws=(parts["reinit"] * product / SEVEN, parts["resample"] * product / SEVEN),
    )
