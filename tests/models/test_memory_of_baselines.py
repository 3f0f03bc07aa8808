"""The longest protein through a random projection takes no more memory than its job asks for."""

import subprocess
import sys

import pytest

from helpers.extraction import ROOT
from plmbench.study.resources import Network, embed_mb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")

LONGEST = 34_350  # residues of human titin, the longest protein of UniProt's human proteome
EMBED = """
import sys
from benchmarks.machines import peak_bytes
from helpers.extraction import CPU
from helpers.networks import load_encoder
from plmbench.embed.forward import Pooling, pooled

length, width = map(int, sys.argv[1:])
encoder = load_encoder("r", "random_projection", architecture={"hidden_size": width})[0]
pooled(encoder, ["ACDEF"], Pooling(["mean"]), CPU)
before = peak_bytes()
pooled(encoder, ["A" * length], Pooling(["mean"]), CPU)
print(before, peak_bytes())
"""


def peaks(width):
    """Return the peak memory in megabytes of a process, before and after the longest protein."""
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}:{ROOT / 'tests'}"}
    command = [sys.executable, "-W", "ignore", "-c", EMBED, str(LONGEST), str(width)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return [float(number) / 1e6 for number in done.stdout.split()]


def test_a_random_projection_holds_the_matrices_of_a_few_positions():
    before, after = peaks(64)
    all_matrices = LONGEST * 22 * 64 * 4 / 1e6
    assert after - before < all_matrices / 2


@pytest.mark.slow
def test_the_longest_protein_takes_no_more_than_the_job_asks_for():
    _, after = peaks(1280)
    print(f"{after:.0f} MB")
    assert after < embed_mb(Network(0, 0, 1280), "cpu", 0)
