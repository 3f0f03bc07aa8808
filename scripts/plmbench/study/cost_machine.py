"""The machine at hand: what it does in a second, found in about five."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from plmbench.study.catalogues import Study
from plmbench.study.places import HERE

# What a process of a kind has loaded once it computes; most of a short job is this.
IMPORTS = {
    "store": ("h5py",),
    "table": ("pandas",),
    "probe": ("pandas", "h5py", "scipy.linalg"),
    "network": ("h5py", "torch"),
}
PREAMBLE = "snakemake.script"  # every script of a rule begins with it
WRITTEN = 32 * 2**20  # bytes
SIDE, ROUNDS = 1024, 12  # of the product

START = """
import importlib, json, pathlib, resource, sys, time
for name in sys.argv[1:]:
    try: importlib.import_module(name)
    except ImportError: pass  # Snakemake's own, in an environment without it
used = resource.getrusage(resource.RUSAGE_SELF)
peak, status = used.ru_maxrss, pathlib.Path("/proc/self/status")  # macOS counts in bytes
if status.exists():  # Linux counts that of the starting process, too
    peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
found = {"seconds": used.ru_utime + used.ru_stime, "megabytes": peak / 1e6}
"""
PRODUCT = """
import torch
def best(device, dtype, side, rounds):
    a = torch.rand(side, side, device=device, dtype=dtype)
    wait = torch.cuda.synchronize if device == "cuda" else int
    clock = time.perf_counter if device == "cuda" else time.process_time
    times = []
    for _ in range(rounds):
        start = clock(); a @ a; wait(); times.append(clock() - start)
    return 2 * side**3 / min(times)
torch.set_num_threads(1)
found["product"] = best("cpu", torch.float32, SIDE, ROUNDS)
if torch.cuda.is_available():
    found["card_name"] = torch.cuda.get_device_name()
    names = ("float32", "bfloat16", "float16")
    found["cards"] = {name: best("cuda", getattr(torch, name), 8192, 5) for name in names}
"""


class Start(NamedTuple):
    """What starting a process takes before it computes."""

    seconds: float  # of a core
    megabytes: float


class Card(NamedTuple):
    """A GPU, by its plain product."""

    name: str
    product: float  # operations per second


class Machine(NamedTuple):
    """What a machine does in a second."""

    cores: int
    product: float  # operations of a plain product in float32, by one core
    starts: Mapping[str, Start]  # of a kind of process
    write: float  # bytes to disk
    card: Card | None = None


def child(kind: str, code: str) -> dict:
    """Return what a process of a kind finds out about its start, and what `code` adds."""
    command = [sys.executable, "-c", START + code + "\nprint(json.dumps(found))"]
    paths = [str(HERE / "scripts"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(  # noqa: S603 - our own words, and no shell
        [*command, PREAMBLE, *IMPORTS[kind]],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict = json.loads(done.stdout.splitlines()[-1])
    return found


def written_per_second(folder: Path) -> float:
    """Return how many bytes a second a disk takes, until they are on it."""
    with tempfile.TemporaryFile(dir=folder) as file:
        start = time.perf_counter()
        file.write(os.urandom(1024) * (WRITTEN // 1024))
        file.flush()
        os.fsync(file.fileno())
        return WRITTEN / (time.perf_counter() - start)


def cores() -> int:
    """Return how many cores this process may use."""
    known = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1


def calibrated(folder: Path, precision: str = "float32") -> Machine:
    """Return the Machine at hand; folder: on whose disk results go; precision: of networks on its
    GPU, if it has one."""
    product = PRODUCT.replace("SIDE", str(SIDE)).replace("ROUNDS", str(ROUNDS))
    found = {kind: child(kind, product if kind == "network" else "") for kind in IMPORTS}
    starts = {kind: Start(each["seconds"], each["megabytes"]) for kind, each in found.items()}
    network, folder = found["network"], folder if folder.is_dir() else Path()
    card = None
    if "cards" in network:
        card = Card(network["card_name"], network["cards"][precision])
    return Machine(cores(), network["product"], starts, written_per_second(folder), card)


def machine_for(study: Study) -> Machine:
    """Return the Machine at hand, but for what the configuration's `cost` says."""
    asked = study.run.cost
    machine = calibrated(Path("results"), study.run.precision)
    if asked.cores:
        machine = machine._replace(cores=asked.cores)
    if asked.card_tflops:
        machine = machine._replace(card=Card("as stated", asked.card_tflops * 1e12))
    on_cores = study.run.compute.device == "cpu"
    return machine._replace(card=None) if on_cores else machine
