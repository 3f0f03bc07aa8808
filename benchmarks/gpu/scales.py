"""How large a run is: its networks, its sequences, its repetitions. TINY is for trying it."""

from typing import NamedTuple

import numpy as np

from benchmarks.hub import HUB
from benchmarks.networks import HUB_NETWORKS, NETWORKS, Network, carp_wide, esm1, esm1b, esm2
from plmbench.core.alphabet import STANDARD

DRAWN = 4096  # sequences of a kind, of which a run takes some


class Scale(NamedTuple):
    """The size of a run."""

    networks: dict  # {name: Network}; the first is profiled, and halved for want of memory
    compared: tuple  # lengths of the sequences that the CPU embeds, too
    halved: tuple  # how many sequences, of how many residues, meet a cap on memory
    probed: tuple  # examples and features that probes are fit on
    product: int  # the side of the matrices of the plain product
    copied: int  # bytes
    tokens: int | str  # of a batch
    seconds: float  # of one timed run, about
    rounds: int
    most: int  # sequences of one timed run
    shortened: int = 1  # lengths of timed sequences are divided by this


FULL = Scale(
    networks={
        name: NETWORKS[name]
        for name in ("esm2_t33_650M", "esm1b_t33_650M", "carp_640M", "esm1_t34_670M")
    }
    | HUB_NETWORKS,
    compared=(180, 120, 120, 61, 17, 2),
    halved=(64, 512),
    probed=(40_000, 1280),
    product=8192,
    copied=1 << 30,
    tokens="auto",
    seconds=0.8,
    rounds=5,
    most=DRAWN,
)
TINY = Scale(
    networks={
        "esm2_tiny": Network(esm2, 2, 32, 4),
        "esm1b_tiny": Network(esm1b, 2, 32, 4),
        "carp_tiny": Network(carp_wide, 2, 32),
        "esm1_tiny": Network(esm1, 2, 32, 4),
        "bert_tiny": Network(HUB["bert"], 2, 32, 4, timed=("mixed",)),
        "t5_tiny": Network(HUB["t5"], 2, 32, 4, timed=("mixed",)),
        "albert_tiny": Network(HUB["albert"], 2, 32, 4, timed=()),
        "gpt2_tiny": Network(HUB["gpt2"], 2, 32, 4, timed=()),
    },
    compared=(30, 20, 20, 5, 2),
    halved=(8, 20),
    probed=(400, 16),
    product=64,
    copied=1 << 16,
    tokens=1024,
    seconds=0.01,
    rounds=1,
    most=6,
    shortened=16,
)


def mixed(draw):
    """Return lengths of proteins: lognormal, 50 to 1,022, about 300 on average."""
    return np.clip(draw.lognormal(np.log(300) - 0.18, 0.6, DRAWN), 50, 1022).astype(int)


def gb1(draw):
    """Return lengths of variants of the GB1 domain: 56."""
    return np.full(DRAWN, 56)


def long(draw):
    """Return lengths of long chains: 800 to 1,022."""
    return draw.integers(800, 1023, DRAWN)


DATA = {"mixed": mixed, "GB1": gb1, "long": long}
LEAST = {"mixed": 24, "GB1": 24, "long": 6}  # sequences of one timed run


def sequences_of(lengths):
    """Return random sequences of these lengths, the longest first."""
    draw = np.random.default_rng(0)
    return ["".join(draw.choice(list(STANDARD), n)) for n in sorted(lengths, reverse=True)]


def data(scale, name, count):
    """Return `count` sequences of a kind, the longest first; the first of more are among more."""
    lengths = DATA[name](np.random.default_rng(1))[:count] // scale.shortened
    return sequences_of(lengths.tolist())
