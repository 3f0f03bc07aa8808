"""Poolings: a mask of residues is the one definition of what counts."""

import numpy as np
import pytest
import torch

from plmbench.errors import InputError
from plmbench.poolings import POOLS, check_lengths

# Two sequences of three and one residues between BOS and EOS, with padding.
RESIDUES = torch.tensor([[0, 1, 1, 1, 0], [0, 1, 0, 0, 0]], dtype=torch.bool)
STATES = torch.tensor(
    [
        [[900.0, -900.0], [1.0, -1.0], [2.0, -5.0], [6.0, -3.0], [800.0, -800.0]],
        [[900.0, -900.0], [4.0, -7.0], [800.0, -800.0], [700.0, 0.0], [-700.0, 0.0]],
    ]
)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("mean", [[3.0, -3.0], [4.0, -7.0]]), ("max", [[6.0, -1.0], [4.0, -7.0]])],
)
def test_pooling_takes_residues_alone(pooling, expected):
    assert POOLS[pooling](STATES, RESIDUES).tolist() == expected


def test_flat_pooling_puts_residues_side_by_side():
    residues = torch.tensor([[0, 1, 1, 0, 0]] * 2, dtype=torch.bool)
    expected = [[1.0, -1.0, 2.0, -5.0], [4.0, -7.0, 800.0, -800.0]]
    assert POOLS["flat"](STATES, residues).tolist() == expected


@pytest.mark.parametrize("pooling", ["mean", "max"])
@pytest.mark.parametrize("last", [0, 1, 2])
def test_every_residue_counts(pooling, last):
    states = STATES[:1].clone()
    states[0, 1 + last] += 50.0
    change = POOLS[pooling](states, RESIDUES[:1]) - POOLS[pooling](STATES[:1], RESIDUES[:1])
    assert (change > 10).all()


@pytest.mark.parametrize("pooling", sorted(POOLS))
def test_pooling_of_one_sequence_keeps_its_axes(pooling):
    assert POOLS[pooling](STATES[1:], RESIDUES[1:]).shape == (1, 2)


def test_mean_of_many_residues_is_precise():
    states = 1000 + torch.randn(1, 5000, 4, generator=torch.Generator().manual_seed(0))
    found = POOLS["mean"](states, torch.ones(1, 5000, dtype=torch.bool))
    assert np.allclose(found, states.double().mean(1), rtol=5e-6)


def test_flat_pooling_of_unequal_lengths_is_refused():
    with pytest.raises(InputError, match=r"'flat'.*these have 3 to 1,022 residues"):
        check_lengths(["mean", "flat"], [1022, 3])


@pytest.mark.parametrize(("poolings", "lengths"), [(["flat"], [5, 5]), (["mean", "max"], [5, 3])])
def test_other_lengths_are_accepted(poolings, lengths):
    check_lengths(poolings, lengths)
