"""What is masked: 15 % of the residues, 80/10/10, nothing else, and the same for the same seed."""

import pytest
import torch

from plmbench.pretrain.masking import corrupt, generator_of

AMINO_ACIDS, MASK, PADDING = list(range(20)), 32, 1


@pytest.fixture(scope="module")
def batch():
    """Return tokens, residues, what is shown, and where it must predict; amino acids 0 to 19."""
    tokens = torch.from_numpy(generator_of(0, 5).integers(0, 20, (500, 400)))
    residues = torch.ones_like(tokens, dtype=torch.bool)
    residues[:, 300:] = False
    shown, chosen = corrupt(tokens, residues, AMINO_ACIDS, MASK, generator_of(0, 0))
    return tokens, residues, shown, chosen


def share(flags):
    return flags.float().mean().item()


def test_fifteen_percent_of_the_residues_are_chosen_and_nothing_beside_residues(batch):
    _, residues, _, chosen = batch
    assert share(chosen[residues]) == pytest.approx(0.15, abs=0.003)
    assert not chosen[~residues].any()


def test_of_the_chosen_eight_in_ten_are_masked_and_one_replaced(batch):
    tokens, _, shown, chosen = batch
    masked, other = shown[chosen] == MASK, shown[chosen] != tokens[chosen]
    assert share(masked) == pytest.approx(0.8, abs=0.01)
    assert share(other & ~masked) == pytest.approx(0.1 * 19 / 20, abs=0.006)


def test_what_is_not_chosen_is_shown_as_it_is(batch):
    tokens, _, shown, chosen = batch
    assert torch.equal(shown[~chosen], tokens[~chosen])


def test_replacements_are_all_of_the_twenty(batch):
    tokens, _, shown, chosen = batch
    replaced = chosen & (shown != MASK) & (shown != tokens)
    assert set(shown[replaced].tolist()) == set(AMINO_ACIDS)


def test_a_step_has_its_own_masks_and_they_are_the_same_each_time(batch):
    tokens, residues, shown, _ = batch
    again, _ = corrupt(tokens, residues, AMINO_ACIDS, MASK, generator_of(0, 0))
    next_step, _ = corrupt(tokens, residues, AMINO_ACIDS, MASK, generator_of(0, 1))
    assert torch.equal(shown, again)
    assert not torch.equal(shown, next_step)


def test_a_batch_in_which_chance_chose_nothing_has_one_residue_to_tell():
    tokens, residues = torch.tensor([[0, 7, 8]]), torch.tensor([[False, True, True]])
    counts = set()
    for step in range(30):
        _, chosen = corrupt(tokens, residues, AMINO_ACIDS, MASK, generator_of(0, step))
        counts.add(int(chosen.sum()))
        assert not chosen[0, 0]
    assert min(counts) == 1
