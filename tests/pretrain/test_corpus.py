"""Crops and batches: whole, bounded, shuffled, and the same wherever a training goes on from."""

from itertools import islice

import numpy as np
import pytest

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.pretrain.corpus import batches, crops_of, epoch, read_proteins

LENGTHS = [30, 40, 64, 65, 200, 1000]
SIZE, TOKENS = 64, 256


def proteins(count=40, seed=0):
    draw = np.random.default_rng(seed)
    return ["".join(draw.choice(list(STANDARD), n)) for n in draw.integers(30, 300, count)]


def generator(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def test_long_proteins_give_a_crop_for_each_crop_length_and_short_ones_come_whole():
    crops = crops_of(LENGTHS, SIZE, generator())
    counts = np.bincount([crop.protein for crop in crops], minlength=len(LENGTHS))
    assert counts.tolist() == [1, 1, 1, 1, 3, 15]
    assert {(c.start, c.length) for c in crops if c.protein == 0} == {(0, 30)}


def test_crops_lie_within_their_proteins():
    for crop in crops_of(LENGTHS, SIZE, generator()):
        assert 0 <= crop.start <= LENGTHS[crop.protein] - crop.length


def test_crops_of_a_long_protein_reach_all_of_it():
    seen = {c.start for n in range(50) for c in crops_of([100], SIZE, generator(n))}
    assert min(seen) < 4
    assert max(seen) > 32


def test_a_padded_batch_is_never_above_its_tokens_and_an_epoch_leaves_no_crop_out():
    lengths = [len(p) for p in proteins(400)]
    drawn = epoch(lengths, SIZE, TOKENS, seed=0, number=0)
    assert max(len(batch) * max(c.length for c in batch) for batch in drawn) <= TOKENS
    crops = [c for batch in drawn for c in batch]
    assert len(crops) == sum(max(1, n // SIZE) for n in lengths)


def test_batches_of_an_epoch_are_not_in_order_of_length():
    drawn = epoch([len(p) for p in proteins(400)], 300, 2400, seed=0, number=0)
    sizes = [batch[0].length for batch in drawn]
    assert sizes != sorted(sizes)


def test_epochs_and_seeds_differ_and_the_same_ones_are_equal():
    first = epoch(LENGTHS, SIZE, TOKENS, 0, 0)
    assert first == epoch(LENGTHS, SIZE, TOKENS, 0, 0)
    assert first != epoch(LENGTHS, SIZE, TOKENS, 0, 1)
    assert first != epoch(LENGTHS, SIZE, TOKENS, 1, 0)


@pytest.mark.parametrize("first", [1, 7, 100])
def test_a_training_that_goes_on_sees_the_batches_that_it_would_have_seen(first):
    some = proteins()
    whole = list(islice(batches(some, SIZE, TOKENS, 0), first + 5))
    assert list(islice(batches(some, SIZE, TOKENS, 0, first), 5)) == whole[first:]


def test_residues_beyond_the_twenty_are_named_with_their_line(tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(">a\nACDX\n>b\nACD\n>c\nAC\nBZ\n")
    with pytest.raises(InputError, match=r"x\.fasta: .*line 1 \('X'\), line 5"):
        read_proteins(path)
