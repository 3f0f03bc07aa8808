"""Initialisers: the distributions of torch.nn.init and of the libraries' constructors."""

import hashlib
import math

import numpy as np
import pytest
import torch
from torch.nn import init

from helpers import networks
from plmbench.core.families import ParameterRow
from plmbench.models.ablations import ablate, rewrite
from plmbench.models.initialisers import INITIALISERS, generator_for

HALF = 1 / math.sqrt(2)
WIDE = {  # large enough for tight statistics
    "esm1": {"num_layers": 2, "hidden_size": 128, "intermediate_size": 512, "num_heads": 4},
    "esm1b": {"num_layers": 2, "hidden_size": 128, "intermediate_size": 512, "num_heads": 4},
    "esm2": {"num_layers": 2, "hidden_size": 128, "num_heads": 4},
    "carp": {"num_layers": 2, "hidden_size": 128, "embedding_size": 8, "dilation": 2, "slim": True},
}
LINEAR, CONVOLUTION = (384, 512), (96, 128, 5)


def drawn(name, shape, weight=None, **options):
    """Return float32 values of `shape` under an initialiser."""
    values = np.full(shape, np.nan, np.float32)
    weight = np.empty(weight, np.float32) if weight else values
    row = ParameterRow("*", "mlp", name, **options)
    rewrite("layers.0.part.weight", values, weight, row, "reinit", 0)
    return values


UNIFORM = [  # initialiser, options, shape, weight's shape, bound
    ("xavier_uniform", {}, LINEAR, None, math.sqrt(6 / (384 + 512))),
    ("xavier_uniform", {"gain": HALF}, LINEAR, None, HALF * math.sqrt(6 / (384 + 512))),
    ("kaiming_uniform", {}, LINEAR, None, 1 / math.sqrt(512)),
    ("kaiming_uniform", {}, CONVOLUTION, None, 1 / math.sqrt(128 * 5)),
    ("uniform_fan_in", {}, (50_000,), (50_000, 512), 1 / math.sqrt(512)),
    ("uniform_fan_in", {}, (50_000,), (50_000, 12, 5), 1 / math.sqrt(12 * 5)),
]


@pytest.mark.parametrize(("name", "options", "shape", "weight", "bound"), UNIFORM)
def test_uniform_draws_fill_their_bounds_evenly(name, options, shape, weight, bound):
    values = drawn(name, shape, weight, **options)
    assert np.abs(values).max() <= bound * (1 + 1e-6)
    counts, _ = np.histogram(values, 20, (-bound, bound))
    expected = values.size / 20
    assert np.abs(counts - expected).max() < 5 * math.sqrt(expected)


NORMAL = [
    ("normal", LINEAR, 1.0),
    ("xavier_normal", LINEAR, math.sqrt(2 / (384 + 512))),
    ("xavier_normal", (1, 1, 100_000), math.sqrt(2 / 200_000)),  # the shape of ESM-1's bias_k
]


@pytest.mark.parametrize(("name", "shape", "sd"), NORMAL)
def test_normal_draws_have_the_shares_of_a_normal_distribution(name, shape, sd):
    values = drawn(name, shape) / sd
    for bound, share in ((0.5, 0.3829), (1, 0.6827), (2, 0.9545), (3, 0.9973)):
        error = 5 * math.sqrt(share * (1 - share) / values.size)
        assert (np.abs(values) < bound).mean() == pytest.approx(share, abs=error)
    assert values.mean() == pytest.approx(0, abs=5 / math.sqrt(values.size))


TORCH = {
    "xavier_uniform": init.xavier_uniform_,
    "xavier_normal": init.xavier_normal_,
    "kaiming_uniform": lambda tensor: init.kaiming_uniform_(tensor, a=math.sqrt(5)),
    "normal": init.normal_,
}


@pytest.mark.parametrize("shape", [LINEAR, CONVOLUTION])
@pytest.mark.parametrize("name", TORCH)
def test_draws_are_spread_as_those_of_torch(name, shape):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = TORCH[name](torch.empty(shape)).numpy()
    ours = drawn(name, shape)
    assert ours.std() == pytest.approx(theirs.std(), rel=5 / math.sqrt(ours.size))
    if "uniform" in name:
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=1e-3)


def constructed(family):
    """Return a network as the library's constructor draws it."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return networks.build(family, **WIDE[family])


@pytest.mark.parametrize("family", networks.TINY)
def test_reinit_draws_what_the_librarys_constructor_draws(family):
    network = networks.random_network(family, **WIDE[family])
    ledger = ablate(network, networks.ablation("reinit", family), 0)
    fresh = dict(constructed(family).named_parameters())
    ours = dict(network.named_parameters())
    redrawn = [row["parameter"] for row in ledger if row["action"] != "keep"]
    assert len(redrawn) > 20
    for name in redrawn:
        theirs, n = fresh[name].detach(), fresh[name].numel()
        found, sd = ours[name].detach(), theirs.std(correction=0).item()
        if n > 1:  # zeros and ones have sd 0: then equal
            gap = 5 / math.sqrt(n)
            assert found.mean().item() == pytest.approx(theirs.mean().item(), abs=2 * gap * sd)
            assert found.std(correction=0).item() == pytest.approx(sd, abs=gap * sd), name


def test_zeros_and_ones_are_exact():
    assert (drawn("zeros", (7, 3)) == 0).all()
    assert (drawn("ones", (7, 3)) == 1).all()


def test_normal_has_zeros_in_its_padding_row_alone():
    values = drawn("normal", (9, 64), padding_row=1)
    assert np.flatnonzero((values == 0).all(1)).tolist() == [1]


@pytest.mark.parametrize("name", sorted(set(INITIALISERS) - {"keep"}))
def test_every_value_is_drawn(name):
    assert np.isfinite(drawn(name, (64, 32))).all()


PINNED = {  # a release of numpy that changes a stream would change published numbers
    "xavier_uniform": "0272df8a2fa2d878",
    "xavier_normal": "a2fc96db703b9189",
    "kaiming_uniform": "daa65ac5bc904f5e",
    "normal": "21a174ce516a6077",
    "shuffle": "560d494cf9370f44",
}


@pytest.mark.parametrize("name", PINNED)
def test_draw_is_the_one_of_every_release(name):
    values = np.arange(64 * 32, dtype=np.float32).reshape(64, 32)
    action, initialiser = ("shuffle", "zeros") if name == "shuffle" else ("reinit", name)
    row = ParameterRow("*", "mlp", initialiser)
    assert rewrite("layers.0.fc1.weight", values, values, row, action, 42) == name
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == PINNED[name]


def test_every_name_and_seed_has_a_generator_of_its_own():
    pairs = [(name, seed) for name in ("a", "b", "1:a") for seed in (0, 1, 11)]
    draws = {float(generator_for(*pair).random()) for pair in pairs}
    assert len(draws) == len(pairs)
