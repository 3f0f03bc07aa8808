"""Time extraction of every layer against its peers, in one process, in turn.

usage: python -m benchmarks.extraction [--rounds N] [--seconds S] [NETWORK ...]

Networks have their real size and random weights, data are sequences of GB1, real chains of the
shipped secondary structure, and lognormal lengths; of each so many that a round of the slowest
contender takes about S seconds. The rate of plain matrix products is measured in the same rounds,
peak memory in a process of each contender's own, and every layer is compared with the library's
extract loop. Writes benchmarks/results/extraction/<processor>.tsv.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.contenders import (
    CPU,
    READERS,
    earlier_procedure,
    extract_loop,
    plmbench,
    transformers_loop,
)
from benchmarks.machines import peak_bytes
from benchmarks.networks import NETWORKS
from benchmarks.tables import keep
from benchmarks.transformers_esm import as_transformers
from plmbench.core.alphabet import STANDARD
from plmbench.data.splits import read_split
from plmbench.hardware.matmul import matmul_for
from plmbench.hardware.memory import keep_freed_memory

ROOT = Path(__file__).resolve().parents[1]
CHAINS = ROOT / "resources/datasets/secondary_structure_small"
REFERENCE = "extract loop"


def packed(precision, encoder):
    """Return an encoder whose weights are packed for the CPU in a precision."""
    encoder.pack(matmul_for(CPU, precision))
    return encoder


def in_transformers(encoder):
    """Return what `transformers_loop` takes, or None where there is no such model."""
    states_of = as_transformers(encoder) if find_spec("transformers") else None
    return states_of and (encoder.alphabet, states_of)


CONTENDERS = {  # how it embeds, and what it makes of the library's network first
    REFERENCE: (extract_loop, lambda encoder: encoder),
    "earlier procedure": (earlier_procedure, lambda encoder: encoder),
    "transformers": (transformers_loop, in_transformers),
    "plmbench": (plmbench, partial(packed, "float32")),
    "plmbench, bf16": (plmbench, partial(packed, "bfloat16")),
}
SIZE = 2048  # of the matrices of the plain product
MOST, LEAST = 400, 4  # sequences
BATCHFUL = 24  # of mixed lengths, so that the earlier procedure has a batch to pad


def gb1(count):
    """Return the first `count` sequences of the GB1 domain."""
    table = read_split(ROOT / "resources/datasets/gb1/sampled.csv.gz", slice=[0, 56])
    return table["sequence"].tolist()[:count]


def chains(count):
    """Return `count` real chains of at most 400 residues."""
    files = {"path": "labels", "sequences": "sequences", "mask": "mask"}
    paths = {key: CHAINS / f"{name}.fasta.gz" for key, name in files.items()}
    table = read_split(**paths, task_type="residue_classification", format="residue_fasta")
    return table["sequence"].sample(frac=1, random_state=0).tolist()[:count]


def mixed(count):
    """Return `count` random sequences of lognormal lengths, 50 to 1,022, about 300 on average."""
    draw = np.random.default_rng(0)
    lengths = np.clip(draw.lognormal(np.log(300) - 0.18, 0.6, 10_000), 50, 1022).astype(int)[:count]
    return ["".join(draw.choice(list(STANDARD), length)) for length in lengths]


DATA = {"GB1": gb1, "chains": chains, "mixed": mixed}
LARGE = ("esm2_t30_150M", "esm1b_t33_650M")  # on mixed lengths alone; and there, of all, the peaks
ON_GPUS = ("esm1_t34_670M", "esm2_t33_650M", "carp_640M")  # see benchmarks.gpu


def contender_of(name, network):
    """Return a function (sequences, folder) that embeds with a contender of a network, or None
    where it has no such network."""
    embed, prepare = CONTENDERS[name]
    model = prepare(NETWORKS[network].encoder())
    return model and partial(embed, model)


def timed(embed, sequences, read):
    """Return wall and CPU seconds of one run into a folder of its own, and what `read` reads."""
    with tempfile.TemporaryDirectory() as folder:
        start, begun = time.perf_counter(), time.process_time()
        embed(sequences, folder)
        spent = time.perf_counter() - start, time.process_time() - begun
        return *spent, read(folder, len(sequences))


def gemm_rate(multiply, x):
    """Return the operations a second of a plain product, the best of three."""
    best = np.inf
    with torch.inference_mode():
        for _ in range(3):
            start = time.perf_counter()
            multiply(x)
            best = min(best, time.perf_counter() - start)
    return 2 * SIZE**3 / best


def fitting(network, data, seconds):
    """Return so many sequences that the extract loop takes about so many seconds."""
    least = BATCHFUL if data == "mixed" and network not in LARGE else LEAST
    embed, few = contender_of(REFERENCE, network), DATA[data](LEAST)
    spent = min(timed(embed, few, READERS[REFERENCE])[0] for _ in range(2))
    return DATA[data](int(np.clip(LEAST * seconds / spent, least, MOST)))


def peak_mb(network, data, count, contender):
    """Return the peak memory of one contender in a process of its own, in MB."""
    command = [sys.executable, "-m", "benchmarks.extraction", "--peak"]
    arguments = json.dumps([network, data, count, contender])
    done = subprocess.run(  # noqa: S603
        [*command, arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return round(float(done.stdout))


def print_peak(network, data, count, contender):
    """Print the peak memory of this process in MB after one contender ran in it."""
    embed = contender_of(contender, network)
    keep_freed_memory()  # not before: what is unpacked would stay, and a job maps it from a file
    timed(embed, DATA[data](count), lambda folder, count: None)
    print(peak_bytes() / 1e6)


def differences(found, expected):
    """Return the largest difference at any layer, in units of that layer's mean magnitude."""
    scale = np.abs(expected).mean((1, 2))
    return float((np.abs(found - expected).max((1, 2)) / scale).max())


def measure(network, data, rounds, seconds):
    """Yield one row per contender: residues/s (median and range of rounds), and the rest."""
    sequences = fitting(network, data, seconds)
    contenders = {name: contender_of(name, network) for name in CONTENDERS}
    contenders = {name: embed for name, embed in contenders.items() if embed}
    weight = torch.randn(SIZE, SIZE)
    multiply, x = matmul_for(CPU)(weight, torch.zeros(SIZE)), torch.randn(SIZE, SIZE)
    wall, cpu = ({name: [] for name in contenders} for _ in range(2))
    gemm, values = [], {}
    for turn in range(rounds + 1):
        gemm.append(gemm_rate(multiply, x))
        for name, embed in contenders.items():
            *spent, values[name] = timed(embed, sequences, READERS[name])
            if turn:  # the first warms up
                wall[name].append(spent[0])
                cpu[name].append(spent[1])
    lengths = [len(sequence) for sequence in sequences]
    for name in contenders:
        rates = [sum(lengths) / spent for spent in wall[name]]
        ratios = [a / b for a, b in zip(wall[REFERENCE], wall[name], strict=True)]
        useful = NETWORKS[network].work(lengths) / statistics.median(wall[name])
        yield {
            "network": network,
            "data": data,
            "sequences": len(sequences),
            "contender": name,
            "residues_per_s": round(statistics.median(rates)),
            "residues_per_s_min": round(min(rates)),
            "residues_per_s_max": round(max(rates)),
            "cpu_s": round(statistics.median(cpu[name]), 3),
            "wall_s": round(statistics.median(wall[name]), 3),
            "ratio_to_extract_loop": round(statistics.median(ratios), 2),
            "gflops": round(useful / 1e9, 1),
            "gemm_gflops": round(statistics.median(gemm[1:]) / 1e9, 1),
            "difference": f"{differences(values[name], values[REFERENCE]):.1e}",
            "peak_mb": peak_mb(network, data, len(sequences), name) if data == "mixed" else None,
            "rounds": rounds,
        }


def main():
    """Measure the networks on all data, and write the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "networks",
        nargs="*",
        default=[name for name in NETWORKS if name not in ON_GPUS],
        metavar="NETWORK",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--peak", type=json.loads)
    asked = parser.parse_args()
    if asked.peak:
        print_peak(*asked.peak)
        return
    keep_freed_memory()  # for all contenders alike
    for network in asked.networks:
        rows = []
        for data in ("mixed",) if network in LARGE else DATA:
            found = list(measure(network, data, asked.rounds, asked.seconds))
            print(pd.DataFrame(found).to_string(index=False), flush=True)
            rows += found
        keep("extraction", rows, "network", NETWORKS)


if __name__ == "__main__":
    main()
