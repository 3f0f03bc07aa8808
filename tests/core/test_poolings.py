"""Poolings: a mask of residues is the one definition of what counts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from plmbench.core.errors import InputError
from plmbench.core.poolings import (
    ALIGNED,
    AT_SITES,
    AVERAGED,
    PER_SEQUENCE,
    POOLINGS,
    POOLS,
    RESIDUES,
    check_poolings,
)

ROOT = Path(__file__).parents[2]

# Two sequences of three and one residues between BOS and EOS, with padding.
MASK = torch.tensor([[0, 1, 1, 1, 0], [0, 1, 0, 0, 0]], dtype=torch.bool)
STATES = torch.tensor(
    [
        [[900.0, -900.0], [1.0, -1.0], [2.0, -5.0], [6.0, -3.0], [800.0, -800.0]],
        [[900.0, -900.0], [4.0, -7.0], [800.0, -800.0], [700.0, 0.0], [-700.0, 0.0]],
    ]
)
# Two sequences of three residues.
EQUAL = torch.tensor([[0, 1, 1, 1, 0]] * 2, dtype=torch.bool)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [[3.0, -3.0], [4.0, -7.0]]),
        ("max", [[6.0, -1.0], [4.0, -7.0]]),
        ("last", [[6.0, -3.0], [4.0, -7.0]]),
        ("cls", [[900.0, -900.0], [900.0, -900.0]]),
        (RESIDUES, [[1.0, -1.0], [2.0, -5.0], [6.0, -3.0], [4.0, -7.0]]),
    ],
)
def test_pooling_takes_residues_alone(pooling, expected):
    assert POOLS[pooling](STATES, MASK, []).tolist() == expected


COUNTS = torch.tensor([[0, 2, 0, 3, 0], [0, 4, 1, 0, 0]])  # tokens of several residues


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [[4.0, -2.2], [163.2, -165.6]]),
        ("max", [[6.0, -1.0], [800.0, -7.0]]),
        ("last", [[6.0, -3.0], [800.0, -800.0]]),
        ("flat", [[1, -1] * 2 + [6, -3] * 3, [4, -7] * 4 + [800, -800]]),
    ],
)
def test_every_residue_of_a_token_counts(pooling, expected):
    found = POOLS[pooling](STATES, COUNTS, [])
    assert found.tolist() == [pytest.approx(row, rel=1e-6) for row in expected]


def test_flat_pooling_puts_residues_side_by_side():
    residues = torch.tensor([[0, 1, 1, 0, 0]] * 2, dtype=torch.bool)
    expected = [[1.0, -1.0, 2.0, -5.0], [4.0, -7.0, 800.0, -800.0]]
    assert POOLS["flat"](STATES, residues, []).tolist() == expected


@pytest.mark.parametrize(
    ("sites", "beside", "mean"),
    [
        ([0, 2], [[1, -1, 6, -3], [4, -7, 700, 0]], [[3.5, -2], [352, -3.5]]),
        ([1], [[2, -5], [800, -800]], [[2, -5], [800, -800]]),
        ([2], [[6, -3], [700, 0]], [[6, -3], [700, 0]]),  # the last residue counts
    ],
)
def test_sites_are_counted_from_the_first_residue(sites, beside, mean):
    assert POOLS["sites"](STATES, EQUAL, sites).tolist() == beside
    assert POOLS["mutated"](STATES, EQUAL, sites).tolist() == mean


def test_mutated_and_sites_are_slices_of_the_residues():
    states = torch.randn(5, 12, 7, generator=torch.Generator().manual_seed(0))
    residues = torch.zeros(5, 12, dtype=torch.bool)
    residues[:, 1:11] = True
    sites, inside = [0, 3, 9], states[:, 1:11]
    by_hand = torch.stack([inside[:, site] for site in sites], 1)
    assert torch.equal(POOLS["sites"](states, residues, sites), by_hand.reshape(5, 21))
    assert torch.allclose(POOLS["mutated"](states, residues, sites), by_hand.mean(1))
    assert torch.equal(POOLS["flat"](states, residues, []), inside.reshape(5, 70))


def test_at_all_sites_mutated_is_the_mean_and_sites_are_flat():
    everywhere = [0, 1, 2]
    for pooling, whole in (("mutated", "mean"), ("sites", "flat")):
        found = POOLS[pooling](STATES, EQUAL, everywhere)
        assert torch.allclose(found, POOLS[whole](STATES, EQUAL, []))


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("last", [0, 1, 2])
def test_every_residue_counts(pooling, last):
    states = STATES[:1].clone()
    states[0, 1 + last] += 50.0
    change = POOLS[pooling](states, MASK[:1], []) - POOLS[pooling](STATES[:1], MASK[:1], [])
    assert (change > 10).all()


@pytest.mark.parametrize("pooling", sorted(POOLS))
def test_pooling_of_one_sequence_keeps_its_axes(pooling):
    assert POOLS[pooling](STATES[1:], MASK[1:], [0]).shape == (1, 2)


def test_mean_of_many_residues_is_precise():
    states = 1000 + torch.randn(1, 5000, 4, generator=torch.Generator().manual_seed(0))
    found = POOLS["mean"](states, torch.ones(1, 5000, dtype=torch.bool), [])
    assert np.allclose(found, states.double().mean(1), rtol=5e-6)


@pytest.mark.parametrize("pooling", ALIGNED)
def test_aligned_poolings_of_unequal_lengths_are_refused(pooling):
    with pytest.raises(InputError, match=rf"'{pooling}'.*these have 3 to 1,022 residues"):
        check_poolings(["mean", pooling], [1022, 3], [0])


@pytest.mark.parametrize("pooling", AT_SITES)
def test_poolings_at_sites_are_refused_where_there_are_none(pooling):
    with pytest.raises(InputError, match="there are none; check the data set's wild_type"):
        check_poolings(["mean", pooling], [5, 5], [])


@pytest.mark.parametrize(
    ("poolings", "lengths", "sites"),
    [
        (["flat"], [5, 5], []),
        (["mean", "max"], [5, 3], []),
        ([RESIDUES], [5, 3], []),
        (["mutated", "sites"], [5, 5], [4]),
    ],
)
def test_other_lengths_are_accepted(poolings, lengths, sites):
    check_poolings(poolings, lengths, sites)


def test_what_is_said_of_a_pooling_stands_in_its_declaration():
    of_any = ("mean", "max", "last", "cls")
    assert tuple(POOLS) == (*of_any, "flat", "mutated", "sites", "residues")
    assert all(pooling.name == name and pooling.label for name, pooling in POOLINGS.items())
    assert ALIGNED == ("flat", "mutated", "sites")
    assert AT_SITES == ("mutated", "sites")
    assert (*of_any, "mutated") == AVERAGED
    assert (*of_any, "flat", "mutated", "sites") == PER_SEQUENCE


@pytest.mark.parametrize("sites", [[1], [0, 2]])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_vector_is_as_wide_as_its_pooling_says(pooling, sites):
    width = POOLS[pooling](STATES, EQUAL, sites).shape[1]
    assert width == STATES.shape[2] * POOLINGS[pooling].states_kept(3, len(sites))


def test_listing_the_poolings_does_not_load_torch():
    code = "import sys, plmbench.core.poolings; print({'numpy', 'torch'} & set(sys.modules))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr
