"""What networks learn by: masks, the next residue, and spans as T5 cuts them out."""

import numpy as np
import pytest
import torch

from plmbench.core.architectures import NEEDS, OBJECTIVE_OF
from plmbench.models.residue_texts import PADDING
from plmbench.pretrain.hub_classes import CLASSES
from plmbench.pretrain.masking import corrupt, generator_of
from plmbench.pretrain.objectives import IGNORED, OBJECTIVES, Words, cut_out, parts

END, START, SENTINELS = 21, 22, list(range(30, 60))
WORDS = Words(list(range(20)), mask=20, sentinels=SENTINELS, start=START, end=END)
LENGTHS = [1, 2, 3, 6, 7, 40, 133, 256]


def batch(lengths):
    """Return tokens with one end each, and where residues are."""
    tokens = torch.full((len(lengths), max(lengths) + 1), PADDING)
    for row, length in zip(tokens, lengths, strict=True):
        row[:length] = torch.from_numpy(generator_of(0, length).integers(0, 20, length))
        row[length] = END
    return tokens, (tokens >= 0) & (tokens < 20)


@pytest.fixture(scope="module")
def cut():
    """Return tokens, and T5's problem of them."""
    tokens, residues = batch(LENGTHS)
    return tokens, OBJECTIVES["spans"](tokens, residues, WORDS, generator_of(0, 0))


def real(row):
    return [token for token in row.tolist() if token not in (PADDING, IGNORED)]


def spans_of(row):
    """Return {sentinel: what follows it} of a row of T5's targets."""
    found = {}
    for token in real(row)[:-1]:
        if token in SENTINELS:
            found[token] = []
        else:
            found[list(found)[-1]].append(token)
    return found


def test_every_objective_is_declared_and_every_class_has_one():
    assert set(OBJECTIVES) == set(NEEDS) == set(OBJECTIVE_OF.values())
    assert set(CLASSES) == set(OBJECTIVE_OF)


def test_what_is_masked_is_what_it_always_was():
    tokens, residues = batch(LENGTHS)
    shown, chosen = corrupt(tokens, residues, WORDS.amino_acids, WORDS.mask, generator_of(0, 3))
    problem = OBJECTIVES["masked"](tokens, residues, WORDS, generator_of(0, 3))
    assert torch.equal(problem.shown[0], shown)
    assert torch.equal(problem.targets != IGNORED, chosen)
    assert torch.equal(problem.targets[chosen], tokens[chosen])


def test_the_next_residue_is_told_from_the_state_before_it():
    tokens, residues = batch(LENGTHS)
    (shown,), targets = OBJECTIVES["next"](tokens, residues, WORDS, generator_of(0, 0))
    assert torch.equal(shown, tokens)
    for row, known, asked in zip(tokens, residues, targets, strict=True):
        for place in range(len(row) - 1):
            expected = int(row[place + 1]) if known[place + 1] else IGNORED
            assert asked[place] == expected
        assert asked[-1] == IGNORED  # nothing comes after the last


def test_spans_put_back_at_their_sentinels_give_the_sequence(cut):
    tokens, problem = cut
    for row, shown, targets in zip(tokens, problem.shown[0], problem.targets, strict=True):
        spans = spans_of(targets)
        whole = [part for token in real(shown) for part in spans.get(token, [token])]
        assert whole == real(row)
        assert [token for token in real(shown) if token in spans] == list(spans)
        assert list(spans) == SENTINELS[: len(spans)]
        assert all(spans.values())
        assert real(targets)[-1] == END


def test_the_decoder_is_shown_what_it_must_tell_one_token_late(cut):
    _, problem = cut
    before, targets = problem.shown[1], problem.targets
    assert (before[:, 0] == START).all()
    expected = targets[:, :-1].masked_fill(targets[:, :-1] == IGNORED, PADDING)
    assert torch.equal(before[:, 1:], expected)


@pytest.mark.parametrize(
    ("length", "noise", "spans"),
    [(1, 1, 1), (2, 1, 1), (7, 1, 1), (20, 3, 1), (40, 6, 2), (133, 20, 7), (512, 77, 26)],
)
def test_fifteen_percent_are_cut_out_in_spans_of_three_on_average(length, noise, spans):
    lengths = cut_out(length, 100, np.random.default_rng(length))
    assert lengths.sum() == length
    assert lengths[:, 1].sum() == noise
    assert len(lengths) == spans


def test_there_are_no_more_spans_than_sentinels():
    assert len(cut_out(5000, 100, np.random.default_rng(0))) == 100


def test_all_ways_to_part_a_number_are_equally_likely():
    draw, counts = np.random.default_rng(0), {}
    for _ in range(6000):
        row = tuple(parts(5, 3, draw))
        assert sum(row) == 5
        assert min(row) >= 1
        counts[row] = counts.get(row, 0) + 1
    assert len(counts) == 6
    assert max(counts.values()) < 1.2 * min(counts.values())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_step_has_one_problem(name):
    tokens, residues = batch(LENGTHS)
    first, again = (OBJECTIVES[name](tokens, residues, WORDS, generator_of(0, 4)) for _ in "ab")
    assert all(torch.equal(x, y) for x, y in zip(first.shown, again.shown, strict=True))
    assert torch.equal(first.targets, again.targets)
