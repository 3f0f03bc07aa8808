"""Part 1, what a card shares: its memory with a batch that is too large, and itself with another
job."""

import json
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.gpu.cards import CARDS
from benchmarks.gpu.correctness import LIMIT, difference
from benchmarks.gpu.networks import encoder_of, packed
from benchmarks.gpu.records import RIGHT, WRONG
from benchmarks.gpu.scales import sequences_of
from plmbench.embed.extraction import Extraction, Pooling
from plmbench.embed.forward import pooled, pooled_in_halves
from plmbench.hardware.memory import use_full_precision

PART = "sharing"
SHARE = 0.6  # of the memory that a batch takes beside its network, which it may have
JOBS, HOLD, LONGEST = 2, 1.0, 90  # that want one card at once; seconds that each has it, or waits
ROOT = Path(__file__).resolve().parents[2]


def in_halves(encoder, sequences, device):
    """Return the averages [layer, sequence, dim], and how many parts a batch came in."""
    ids = [str(i) for i in range(len(sequences))]
    extraction = Extraction(ids, sequences, Pooling(["mean"]))
    parts = [blocks["mean"].numpy() for _, blocks in pooled_in_halves(encoder, extraction, device)]
    return np.concatenate(parts, 1), len(parts)


def out_of_memory(bench):
    """Cap the memory below what a batch takes, and compare what comes in parts with the whole."""
    card, (count, length) = bench.card, bench.scale.halved
    name, network = next(iter(bench.scale.networks.items()))
    encoder = packed(encoder_of(network), card.device, "float32")
    sequences, pooling = sequences_of([length] * count), Pooling(["mean"])
    card.clean()
    before, whole = card.allocated(), {}
    peak = card.peak(lambda: whole.update(pooled(encoder, sequences, pooling, card.device)))
    most = before + SHARE * (peak - before)
    with card.capped(encoder, most, int(SHARE * count * length)) as capped:
        found, parts = in_halves(capped, sequences, card.device)
    value, _ = difference(found, whole["mean"])
    note = f"{count} x {length} residues in {parts} parts"
    verdict = RIGHT if parts > 1 and value <= LIMIT else WRONG
    bench.record.add(PART, "halved batch", value, verdict, note, network=name)


def hold(kind, folder):
    """Hold the card as a job does, and say from when to when; run in a process of its own."""
    with CARDS[kind]().held(folder):
        start = time.time()
        time.sleep(HOLD)
        stop = time.time()
    print(json.dumps([start, stop]))


def turns(bench):
    """Have two jobs want the one card at once; they must not hold it together."""
    code = "from benchmarks.gpu.sharing import hold; import sys; hold(*sys.argv[1:])"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, bench.card.kind, folder]
        jobs = [
            subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=bench.one_card()
            )
            for _ in range(JOBS)
        ]
        try:
            said = [job.communicate(timeout=LONGEST)[0] for job in jobs]
        finally:
            for job in jobs:
                job.kill()
    spans = sorted(json.loads(text.splitlines()[-1]) for text in said)
    apart = all(a[1] <= b[0] for a, b in pairwise(spans))
    waited = spans[1][0] - spans[0][1]
    note = f"{JOBS} jobs, the second {waited:.1f} s after the first"
    bench.record.add(PART, "turns", waited, RIGHT if apart else WRONG, note)


STEPS = {"out of memory": out_of_memory, "turns": turns}


def run(bench):
    """Take all steps."""
    use_full_precision()
    for quantity, step in STEPS.items():
        if bench.time_for(PART, quantity=quantity):
            with bench.step(PART, quantity=quantity):
                step(bench)
