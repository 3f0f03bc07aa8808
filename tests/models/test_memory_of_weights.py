"""A network's weights are in memory once: not beside their checkpoint, nor beside their packed
form, however many sequences there are."""

import subprocess
import sys

import pytest

from helpers import networks
from helpers.extraction import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
]

EMBED = """
import pathlib, sys
import numpy as np
from benchmarks.machines import peak_bytes
from helpers.extraction import embed
from helpers import extraction as extracted

family, checkpoint, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
draw = np.random.default_rng(0)
letters = list("ACDEFGHIKLMNPQRSTVWY")
lengths = np.clip(draw.lognormal(5.5, 0.6, count), 30, 500).astype(int)
texts = {f"P{i}": "".join(draw.choice(letters, length)) for i, length in enumerate(lengths)}
extracted.networks.TINY = {}  # the checkpoint says its own sizes
folder = pathlib.Path(checkpoint).parent
embed(folder, family, texts, checkpoint=checkpoint, poolings=["mean"])
print(peak_bytes())
"""
GIBIBYTE = 2**30
# The network, and what a job may take beside its weights; 0.46 to 0.52 GiB, less than
# 0.5, and 0.6 measured.
# CARP gathers each token's neighbours.
CASES = {
    "esm2": ("esm2_t30_150M_UR50D", 0.6 * GIBIBYTE),
    "esm1": ("esm1_t12_85M_UR50S", 0.6 * GIBIBYTE),
    "carp": ("carp_76M", 0.75 * GIBIBYTE),
}


def peak(family, checkpoint, count):
    """Return the peak memory in bytes of a process that embeds so many sequences."""
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}:{ROOT / 'tests'}"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EMBED, family, checkpoint, str(count)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.parametrize("family", CASES)
def test_a_job_takes_its_weights_once_and_little_more(family, tmp_path):
    name, room = CASES[family]
    _, sizes = networks.STUDY[name]
    checkpoint = networks.save(family, tmp_path / "network.pt", **sizes)
    weights = (tmp_path / "network.pt").stat().st_size
    assert peak(family, checkpoint, 8) <= weights + room
    assert peak(family, checkpoint, 40) <= weights + room
