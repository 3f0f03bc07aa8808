"""FASTA files written in odd ways, and damaged: each record is read, left out and counted, or the
file is refused. Records are counted by those who write them."""

import random
import re
from typing import NamedTuple

import pytest
from hypothesis import strategies as st

from helpers.fuzzing import answer, for_all
from plmbench.core.alphabet import RESIDUE_POLICIES, STANDARD
from plmbench.data.counts import counts_of
from plmbench.data.residues import sequence_records
from plmbench.data.splits import read_split
from plmbench.pretrain.corpus import read_proteins

SUBSETS = ("train", "test", "")
BLANKS = (" ", "\t", "\u00a0", "\u2003", "\x0b")
ODD = ("1", ";", "#", "\ufeff", "\0", "_", "\u0410", '"', "\x1c")
ENDS = ("\n", "\r\n", "\r", "\n\n", " \n")
LEFT_OUT = ("missing_split", "dropped", "not_sampled")


class Written(NamedTuple):
    """A file: its bytes, the records that it was made of, and whether one of them is damaged."""

    content: bytes
    sequences: list[str]
    damaged: bool


def inserted(text, place, characters):
    """Return a text with characters at a place, counted round."""
    place %= len(text) + 1
    return text[:place] + characters + text[place:]


def lines_of(sequence, width):
    """Return a sequence in lines of a width."""
    return [sequence[i : i + width] for i in range(0, len(sequence), width)] or [""]


def written_by(draw, header, letters=STANDARD, faults=("odd", "empty", "joined")):
    """Return what a generator of random numbers writes; header: of the number of a record to its
    text.

    A fault is one of: a character that is no residue, a record without sequence, the last line end
    of a record lost.
    """
    count, end, width = draw.randint(2, 6), draw.choice(ENDS), draw.randint(1, 9)
    fault = draw.choice([None, None, *faults])
    wrong = draw.randrange(count - (fault == "joined"))
    text, sequences = draw.choice(["", "\ufeff"]), []
    for i in range(count):
        sequence = "".join(draw.choices(letters, k=draw.randint(1, 20)))
        sequence = "M" if sequence == "NA" else sequence  # which is no sequence beside long ones
        sequences.append(sequence)
        if draw.random() < 0.5:
            sequence = inserted(sequence, draw.randint(0, 20), draw.choice(BLANKS))
        if i == wrong and fault == "empty":
            sequence = draw.choice(["", " ", "\t"])
        if i == wrong and fault == "odd":
            sequence = inserted(sequence, draw.randint(0, 20), draw.choice(ODD))
        text += end.join([">" + header(i), *lines_of(sequence, width)])
        text += "" if i == wrong and fault == "joined" else end
    text = text.rstrip("\r\n") if draw.random() < 0.5 else text
    return Written(text.encode(), sequences, fault is not None)


def files(*form, **settings):
    """Return a strategy of what `written_by` returns."""
    seeds = st.integers(0, 2**32)
    return seeds.map(lambda seed: written_by(random.Random(seed), *form, **settings))


def check_refusal(said, path, written):
    """Check that a file was refused for its damage alone, by its name and a line that it has."""
    assert written.damaged, said
    assert said.startswith(f"{path}: ")
    lines = re.findall(r"\bline (\d+)", said)
    assert lines
    assert 1 <= int(lines[0]) <= len(re.split("\r\n|\r|\n", written.content.decode()))
    assert "; " in said


COUNTS = pytest.mark.parametrize("count", [400, pytest.param(2000, marks=pytest.mark.slow)])


@COUNTS
def test_every_record_of_proteins_is_read_or_the_file_is_refused(tmp_path, count):
    path = tmp_path / "odd.fasta"

    def check(written):
        path.write_bytes(written.content)
        found, said = answer(read_proteins, path)
        if said:
            return check_refusal(said, path, written)
        assert found == written.sequences

    for_all(count, files("P{} words".format), check)


@COUNTS
def test_every_residue_of_a_record_is_read_or_the_file_is_refused(tmp_path, count):
    path = tmp_path / "odd.fasta"

    def check(written):
        path.write_bytes(written.content)
        found, said = answer(sequence_records, path)
        if said:
            return check_refusal(said, path, written)
        assert [record.text for record in found] == written.sequences

    for_all(count, files("P{}".format, "ABJXacv*-.", ("odd", "joined")), check)


def flip_header(number):
    """Return a header of FLIP's; among the first three records is one of each subset."""
    return f"P{number} TARGET={number} SET={SUBSETS[number % 3]}"


@COUNTS
def test_rows_are_the_records_and_each_is_an_example_or_counted_as_left_out(tmp_path, count):
    path = tmp_path / "odd.fasta"

    def check(case):
        written, policy, sample = case
        path.write_bytes(written.content)
        settings = {"missing_split": "drop", "nonstandard_residues": policy, "sample": sample}
        table, said = answer(read_split, path, format="flip_fasta", **settings)
        if said:
            if "subset is empty" in said or "residues other than" in said:
                return
            return check_refusal(said, path, written)
        counts = counts_of(table)
        assert counts["rows"] == len(written.sequences)
        assert counts["rows"] == len(table) + sum(counts[reason] for reason in LEFT_OUT)
        for name, sequence in zip(table["name"], table["sequence"], strict=True):
            own = written.sequences[int(name[1:])]
            assert sequence == re.sub("[^A-Z]|J", "#", own)

    samples = st.sampled_from([None, {"sequences": 1, "seed": 0}])
    written = files(flip_header, "ACDEFGHIKLMNPQRSTVWYJ*")
    for_all(count // 4, st.tuples(written, st.sampled_from(RESIDUE_POLICIES), samples), check)
