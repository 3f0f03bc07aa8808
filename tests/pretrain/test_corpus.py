"""Crops and batches: whole, bounded, shuffled, and the same wherever a training goes on from."""

from itertools import islice

import numpy as np
import pytest

from plmbench.core.alphabet import STANDARD
from plmbench.core.errors import InputError
from plmbench.pretrain.corpus import batches, check_apart, crops_of, epoch, read_proteins

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


@pytest.fixture
def fasta(tmp_path):
    """Return a function that writes a text as `x.fasta` and returns its path."""

    def write(text, name="x.fasta"):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        return tmp_path / name

    return write


UPPER, LEAVE = "write these proteins in upper case", "leave these proteins out"
BEYOND = "residues beyond the twenty amino acids"
REFUSED = [  # name, file, what, where, remedy
    ("X", ">a\nACDX\n>b\nACD\n>c\nAC\nBZ\n", BEYOND, "line 1 ('X'), line 5 ('BZ');", LEAVE),
    ("stop", ">a\nACD*\n", BEYOND, "line 1 ('*');", LEAVE),
    ("gaps", ">a\nA-C.D\n", BEYOND, "line 1 ('-.');", LEAVE),
    ("lower case", ">a\nvlkvd\n>b\nACD\n", BEYOND, "line 1 ('dklv');", UPPER),
    ("soft-masked", ">a\nACD\n>b\nACdefA\n", BEYOND, "line 3 ('def');", UPPER),
    ("both", ">a\nacdx\n", BEYOND, "line 1 ('acdx');", LEAVE),
    ("no sequence", ">a\nACD\n>gone\n>c\n\n", "without sequence", "line 3 ('gone'), line 4", "out"),
    ("header alone", ">empty\n", "without sequence", "line 1 ('empty');", "take these records out"),
    (
        "blanks alone",
        ">a\n \t\n\u00a0\n",
        "without sequence",
        "line 1 ('a');",
        "take these records",
    ),
    ("joined", ">a\nAC\nD>b\nACD\n", "'>' within a line", "line 3:", "put a line end before '>'"),
    ("digits", ">a\nACD\nAC1\n", "no residue", "line 3 ('1');", "take the numbers out"),
    ("mask", ">a\nAC#\n", "no residue", "line 2 ('#');", "write X"),
    ("no file of FASTA", "", "holds no FASTA record", "x.fasta: ", ""),
    ("blank file", "\n \n", "holds no FASTA record", "x.fasta: ", ""),
    ("no header", "ACD\n", "before the first", "line 1 ", "'>' header"),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0])
def test_what_no_network_learns_from_is_named_with_its_line(fasta, row):
    _, text, *parts = row
    with pytest.raises(InputError) as caught:
        read_proteins(fasta(text))
    assert "x.fasta: " in str(caught.value)
    assert not [part for part in parts if part not in str(caught.value)], str(caught.value)


@pytest.mark.parametrize(
    "text", [">a\nAC D\n\nEF\n", "\ufeff>a\r\nA\tCD\r\nEF", ">a\rACDE\u2003F\r"]
)
def test_blanks_are_taken_out_of_proteins_and_counted_in_the_log(fasta, text, caplog):
    assert read_proteins(fasta(text)) == ["ACDEF"]
    assert "x.fasta: 1 blank(s) within sequences were taken out" in caplog.text


def test_forty_records_without_sequence_are_five_lines_and_a_number(fasta):
    text = ">a\nACD\n" + "".join(f">gone{i}\n" for i in range(40))
    with pytest.raises(
        InputError, match=r"line 3 \('gone0'\), .* line 7 \('gone4'\) and 35 more; take"
    ):
        read_proteins(fasta(text))


def test_held_out_proteins_that_are_all_those_learnt_from_are_refused():
    with pytest.raises(
        InputError, match=r"^b: holds the proteins of a, which are learnt from; give"
    ):
        check_apart(["ACD", "EFG"], ["EFG", "ACD"], "b", "a")


@pytest.mark.parametrize(
    ("data", "held_out", "said"),
    [
        (["ACD", "EFG", "HIK"], ["EFG", "LMN"], "b: 1 of 2 proteins also stand in a: the held-out"),
        (["ACD", "EFG"], ["EFG"], "b: 1 of 1 proteins also stand in a"),
        (["ACD", "EFG", "ACD", "ACD"], ["HIK"], "a: 2 proteins are copies of others"),
        (["ACD"], ["HIK"], ""),
    ],
)
def test_held_out_proteins_that_are_learnt_from_and_copies_are_counted_in_the_log(
    data, held_out, said, caplog
):
    check_apart(data, held_out, "b", "a")
    assert said in caplog.text
    assert bool(caplog.text) == bool(said)
