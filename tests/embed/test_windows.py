"""Sequences above a model's max_length in overlapping windows, on tiny real networks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import networks
from helpers.extraction import CPU, FAMILIES, sequences_of, states_of
from helpers.networks import load_encoder
from plmbench.core.poolings import RESIDUES
from plmbench.embed.forward import Pooling, batches_of, pooled
from plmbench.embed.windows import stitched, window_starts

LIMIT = 20
ALL = Pooling(["mean", "max", RESIDUES], residue_layers=[0, 1, 2, 3])
TOLERANCE = 1e-5  # of a layer's mean magnitude; batches of another shape round differently


def text_of(length):
    """Return a random sequence."""
    return sequences_of([length])["P0"]


@pytest.fixture(scope="module", params=FAMILIES)
def encoder(request, tmp_path_factory):
    path = networks.save_tiny(request.param, tmp_path_factory.mktemp(request.param) / "tiny.pt")
    return load_encoder("tiny", request.param, path)[0]


def near(found, expected):
    """Tell whether states [layer, ...] differ by rounding alone."""
    scale = np.abs(expected).mean(tuple(range(1, expected.ndim)))
    return (np.abs(found - expected).reshape(len(found), -1).max(1) <= TOLERANCE * scale).all()


@given(st.integers(1, 60), st.integers(1, 400))
def test_windows_cover_every_residue_and_are_full_and_few(max_length, beyond):
    length = max_length + beyond
    starts = window_starts(length, max_length)
    assert starts == sorted(set(starts))
    assert (starts[0], starts[-1] + max_length) == (0, length)
    covered = np.zeros(length, int)
    for start in starts:
        covered[start : start + max_length] += 1
    assert covered.min() >= 1
    assert len(starts) <= 1 + -(-beyond // max(max_length // 2, 1))


def test_windows_are_half_a_window_apart_and_the_last_ends_with_the_sequence():
    assert window_starts(47, 20) == [0, 10, 20, 27]
    assert window_starts(40, 20) == [0, 10, 20]
    assert window_starts(21, 20) == [0, 1]


def test_a_residue_has_the_mean_of_the_windows_that_hold_it():
    states = torch.tensor([[[9.0], [1.0], [2.0], [9.0]], [[9.0], [4.0], [6.0], [9.0]]])
    residues = torch.tensor([[False, True, True, False]] * 2)
    assert stitched(states, residues, [0, 1], 3).tolist() == [[[1.0], [3.0], [6.0]]]


@pytest.mark.parametrize("length", [21, 29, 30, 47, 90])
def test_long_sequences_are_their_windows_averaged_by_hand(encoder, length):
    text = text_of(length)
    found = pooled(encoder, [text], ALL._replace(window=LIMIT), CPU)
    total, count = np.zeros((4, length, encoder.hidden_size)), np.zeros((length, 1))
    for start in window_starts(length, LIMIT):
        total[:, start : start + LIMIT] += states_of(encoder, text[start : start + LIMIT])
        count[start : start + LIMIT] += 1
    expected = total / count
    assert near(found[RESIDUES], expected)
    assert near(found["mean"][:, 0], expected.mean(1))
    assert near(found["max"][:, 0], expected.max(1))


def test_residues_of_one_window_alone_have_its_states(encoder):
    text = text_of(47)
    found = pooled(encoder, [text], ALL._replace(window=LIMIT), CPU)[RESIDUES]
    assert near(found[:, :10], states_of(encoder, text[:LIMIT])[:, :10])
    assert near(found[:, -7:], states_of(encoder, text[-LIMIT:])[:, -7:])


def test_windows_give_other_states_than_the_whole_sequence(encoder):
    text = text_of(90)
    windowed, whole = (
        pooled(encoder, [text], ALL._replace(window=w), CPU)[RESIDUES] for w in (LIMIT, None)
    )
    assert np.abs(windowed - whole)[3].mean() > 0.001 * np.abs(whole[3]).mean()


@pytest.mark.parametrize("length", [1, 19, 20])
def test_a_sequence_at_the_limit_is_untouched(encoder, length):
    texts = [text_of(length)] * 2
    windowed = pooled(encoder, texts, ALL._replace(window=LIMIT), CPU)
    for name, values in pooled(encoder, texts, ALL, CPU).items():
        assert np.array_equal(windowed[name], values)


@pytest.mark.parametrize("max_length", [1, 2, 7, 20, 46])
def test_without_context_windows_change_nothing(max_length):
    encoder, text = load_encoder("onehot", "onehot")[0], text_of(47)
    pooling = Pooling(["mean", "max", "flat", "sites", RESIDUES], [0], sites=[0, 9, 46])
    windowed = pooled(encoder, [text], pooling._replace(window=max_length), CPU)
    for name, values in pooled(encoder, [text], pooling, CPU).items():
        assert np.allclose(windowed[name], values, atol=1e-6)


@given(st.lists(st.integers(1, 100), max_size=30), st.integers(1, 500), st.integers(1, 120))
def test_a_sequence_above_the_window_is_a_batch_of_its_own(lengths, budget, window):
    falling = sorted(lengths, reverse=True)
    batches = batches_of(falling, budget, window)
    assert [i for start, stop in batches for i in range(start, stop)] == list(range(len(falling)))
    for start, stop in batches:
        assert falling[start] <= window or stop == start + 1
