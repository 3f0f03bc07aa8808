"""Batches that do not fit into memory are halved, in a process that may take no more."""

import subprocess
import sys

import pytest

from helpers import networks
from helpers.extraction import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="needs a limit on a process's memory"
)

SHORT_OF_MEMORY = """
import logging, resource, sys
import numpy as np, torch
from helpers import networks
from plmbench.embed import forward as extraction
from plmbench.hardware.memory import keep_freed_memory
from helpers.networks import load_encoder

torch.set_num_threads(1)
logging.basicConfig(level="INFO", stream=sys.stdout, format="%(message)s")
checkpoint, family, name, megabytes, count, length = sys.argv[1:4] + [int(n) for n in sys.argv[4:]]
cpu, encoder = torch.device("cpu"), load_encoder("tiny", family, checkpoint)[0]
pooling = extraction.Pooling([name], residue_layers=[3])
keep_freed_memory()
extraction.pooled(encoder, ["ACDEF"] * 2, pooling, cpu)
letters, draw = list("ACDEFGHIKLMNPQRSTVWY"), np.random.default_rng(0)
texts = ["".join(draw.choice(letters, length)) for i in range(count)]
batch = extraction.Extraction([f"P{i}" for i in range(count)], texts, pooling)
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + megabytes * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
parts = list(extraction.pooled_in_halves(encoder, batch, cpu))
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert sum(count for count, _ in parts) == len(texts)
found = np.concatenate([blocks[name].numpy() for _, blocks in parts], 1)
# A thread in which oneDNN was denied memory may make no kernel any more.
expected = extraction.pooled_afresh(encoder, texts, pooling, cpu)[name].numpy()
print("layers", *found.shape, "off by", np.abs(found - expected).max() / np.abs(expected).mean())
"""


def short_of_memory(folder, family, name, *numbers):
    """Run a batch in a process that may take so many megabytes more than it has."""
    path = networks.save_tiny(family, folder / "tiny.pt")
    command = [sys.executable, "-W", "ignore", "-c", SHORT_OF_MEMORY, path, family, name]
    environment = {"PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT / 'tests'}", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, *map(str, numbers)], env=environment, capture_output=True, text=True, timeout=300
    )


@pytest.mark.parametrize("family", ["esm1b", "carp"])
def test_batch_that_does_not_fit_is_halved_and_gives_the_same_result(family, tmp_path):
    done = short_of_memory(tmp_path, family, "mean", 80, 400, 400)
    assert done.returncode == 0, done.stderr
    assert "out of memory with 400 sequences, halving the batch" in done.stdout
    words = done.stdout.splitlines()[-1].split()
    assert words[:6] == ["layers", "4", "400", "32", "off", "by"]
    assert float(words[6]) <= 1e-5


@pytest.mark.parametrize("family", ["esm1b", "carp"])
def test_halving_keeps_residues_in_order(family, tmp_path):
    done = short_of_memory(tmp_path, family, "residues", 100, 400, 400)
    assert done.returncode == 0, done.stderr
    assert "out of memory with 400 sequences, halving the batch" in done.stdout
    words = done.stdout.splitlines()[-1].split()
    assert words[:6] == ["layers", "1", "160000", "32", "off", "by"]
    assert float(words[6]) <= 1e-4  # a single state, no mean


@pytest.mark.parametrize("family", ["esm2", "carp"])
def test_sequence_that_does_not_fit_alone_is_named(family, tmp_path):
    done = short_of_memory(tmp_path, family, "mean", 1, 2, 1020)
    assert done.returncode != 0
    assert "InputError: sequence P0 of 1,020 residues does not fit into the memory" in done.stderr
