"""All parts, one after the other, each with its share of the minutes; the summary last."""

import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import torch

from benchmarks.gpu import ceilings, correctness, kernels, probes, sharing, speed
from benchmarks.gpu.cards import CARDS
from benchmarks.gpu.records import FAILED, SKIPPED, WRONG, Clock, OutOfTime, Record, ending
from benchmarks.gpu.scales import FULL, TINY
from benchmarks.gpu.summary import summary
from plmbench.core.logs import log

RESULTS = Path(__file__).resolve().parents[1] / "results/gpu"
GRACE = 15  # seconds that a step may run over the end
PARTS = {  # name: how it runs, and its share of the minutes that are left
    "ceilings": (ceilings.run, 0.1),
    "correctness": (correctness.run, 0.4),
    "sharing": (sharing.run, 0.2),
    "probes": (probes.run, 0.2),
    "profile": (kernels.run, 0.2),
    "speed": (speed.run, 1.0),
}


class Bench:
    """What all parts share: the card, the clock, the record, and how large things are."""

    def __init__(self, card, clock, record, scale):
        self.card, self.clock, self.record, self.scale = card, clock, record, scale

    def time_for(self, part, **who):
        """Tell whether there is time for a step; add a row where there is none."""
        if self.clock.left() > 0:
            return True
        self.record.add(part, verdict=SKIPPED, note="no time is left", **who)
        return False

    def step(self, part, **who):
        """Return the context of a step, which may fail without the rest."""
        return self.record.step(self.card, part, **who)

    def one_card(self):
        """Return the environment of a job that sees this card alone, and what we import."""
        shown = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        paths = os.pathsep.join(path for path in sys.path if path)
        return {**os.environ, "CUDA_VISIBLE_DEVICES": shown, "PYTHONPATH": paths}


def chosen(option, names, known):
    """Return those of a dict that an option names, all without it; exit where one is not there."""
    unknown = [name for name in names or () if name not in known]
    if unknown:
        sys.exit(f"--{option} {unknown[0]}: is none of {', '.join(known)}")
    return {name: value for name, value in known.items() if name in (names or known)}


def take(bench, parts):
    """Take all parts; one that fails, or the end of the minutes, leaves the rest as it is."""
    for name, (part, share) in parts.items():
        bench.clock.allot(share)
        try:
            with bench.step(name):
                part(bench)
        except OutOfTime:
            bench.record.add(name, verdict=SKIPPED, note="stopped, all minutes are over")
            bench.clock.end = 0.0  # and what follows says that there is no time


@contextmanager
def logged(path):
    """Write what the library logs into a file, such as why a batch is halved or masked."""
    handler = logging.FileHandler(path, "w", encoding="utf-8")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
        handler.close()


def run(asked, begun):
    """Run what was asked for, write its files, print the summary, and return the exit status."""
    scale = TINY if asked.tiny else FULL
    scale = scale._replace(networks=chosen("networks", asked.networks, scale.networks))
    parts, card = chosen("parts", asked.parts, PARTS), CARDS[asked.device]()
    clock = Clock(60 * asked.minutes, begun)
    folder = asked.out or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    record = Record(folder / f"{card.file}.tsv")
    record.add("card", note=card.described())
    torch.manual_seed(0)
    bench = Bench(card, clock, record, scale)
    with logged(folder / f"{card.file}.log"), ending(clock, GRACE):
        take(bench, parts)
    lines = summary(record, clock.spent())
    (folder / f"{card.file}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("", *lines, sep="\n", flush=True)
    bad = [row for row in record.rows if row.verdict in (WRONG, FAILED)]
    return 1 if bad else 0
