"""All that is wrong with the rows of a file is said at once, by line."""

import re
from itertools import permutations

import pytest

from plmbench.core.errors import InputError
from plmbench.data.splits import read_split

HEADER = "id,sequence,target,set,validation"
# A row with a fault of one kind: (the row, what is said of it)
ODD = {
    "id": (",MKV,1,train,", "id is empty ('')"),
    "twice": ("good1,MKV,1,train,", "id stands more than once ('good1')"),
    "sequence": ("s,,1,train,", "sequence is empty ('')"),
    "letters": ("l,MK*,1,train,", "residues other than"),
    "target": ("t,MKV,high,train,", "target is not a finite number ('high')"),
    "set": ("e,MKV,1,training,", "set is neither train nor test ('training')"),
    "flag": ("f,MKV,1,train,maybe", "validation is not a flag ('maybe')"),
    "unseen": ("u\0,MKV,1,train,", "id holds a line end or a control character ('u\\x00')"),
}


def good(count, start=1):
    """Return sound rows."""
    return [f"good{i},MKV,1,{'train' if i % 2 else 'test'}," for i in range(start, start + count)]


def refusal(folder, *rows, header=HEADER, **settings):
    """Return the lines of what is said of a table that is refused, without its path."""
    path = folder / "x.csv"
    path.write_text("\n".join([header, *rows, ""]), newline="")
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    first, *lines = str(caught.value).splitlines()
    assert first.startswith(f"{path}: ")
    assert len(lines) <= 11
    return [first.removeprefix(f"{path}: "), *lines]


@pytest.mark.parametrize(("first", "second"), list(permutations(ODD, 2)))
def test_faults_of_two_kinds_are_named_by_line(first, second, tmp_path):
    found = refusal(tmp_path, *good(3), ODD[first][0], *good(2, 4), ODD[second][0])
    told = {line.partition(":")[0]: line for line in found[1:]}
    assert ODD[first][1] in told["line 5"]
    assert ODD[second][1] in told["line 8"]
    assert all(line.count("; ") for line in found[1:])


def test_all_kinds_at_once_are_in_the_order_of_lines(tmp_path):
    found = refusal(tmp_path, *good(2), *(row for row, _ in ODD.values()))
    assert found[0] == "9 faults"
    lines = [int(re.match(r"line (\d+): ", line)[1]) for line in found[1:]]
    assert lines == sorted(lines)
    assert set(lines) == {2, *range(4, 12)}  # the id that stands twice is that of line 2


@pytest.mark.parametrize(("count", "more"), [(5, 0), (6, 2), (40, 70)])
def test_ten_faults_are_shown_and_the_rest_is_counted(count, more, tmp_path):
    rows = [f"x{i},,high,train," for i in range(count)]
    found = refusal(tmp_path, *good(2), *rows)
    assert found[0] == f"{2 * count} faults"
    assert found[1:3] == [
        "line 4: sequence is empty (''); take these rows out",
        "line 4: target is not a finite number ('high'); mend these rows",
    ]
    assert len(found) == 11 + bool(more)
    assert not more or found[-1] == f"and {more} more"


def test_faults_of_one_kind_are_a_sentence_with_five_of_them(tmp_path):
    (found,) = refusal(tmp_path, *good(2), *(f"x{i},MKV,?,train," for i in range(9)))
    assert found.startswith("target is not a finite number: line 4 ('?'), line 5 ('?')")
    assert found.endswith("line 8 ('?') and 4 more; mend these rows")


def test_rows_that_are_no_rows_are_named_before_what_they_hold(tmp_path):
    found = refusal(tmp_path, *good(2), "a,MKV", "# b", 'c",MKV,high,train,', "d,MKV,high,train,")
    assert found[0] == "3 faults"
    kinds = ["another number of fields", "comment", "quote that is opened or closed nowhere"]
    for line, kind, text in zip((4, 5, 6), kinds, found[1:], strict=True):
        assert text.startswith(f"line {line}: ")
        assert kind in text


def test_what_stands_before_an_open_quote_is_named_with_it(tmp_path):
    found = refusal(tmp_path, *good(2), "a,MKV", 'b,"MKV,1,train,', *good(3, 3))
    assert [line.partition(" (")[0] for line in found] == [
        "2 faults",
        "line 4: another number of fields than in the header",
        "line 5: a quoted field does not end where its row does",
    ]


def test_faults_of_residues_are_named_at_once(tmp_path):
    rows = ("MKV,HE,train,110", "MKV,HEC,train,1x1", "MKV,HEC,tset,111", "MKV,HEC,test,11")
    found = refusal(
        tmp_path, *rows, header="sequence,target,set,mask", task_type="residue_classification"
    )
    told = [line.partition(";")[0] for line in found]
    assert told == [
        "4 faults",
        "line 2: target has another length than the sequence ('2 for 3')",
        "line 3: mask is not of 0 and 1 ('line3')",
        "line 4: set is neither train nor test ('tset')",
        "line 5: mask has another length than the sequence ('2 for 3')",
    ]


def test_a_long_value_is_cut_in_each_fault(tmp_path):
    found = refusal(tmp_path, *good(2), f"a,MKV,{'x' * 10**5},train,", f"b,MKV,1,{'y' * 10**5},")
    assert all(len(line) < 300 for line in found)


def test_headers_that_lack_fields_are_all_named(tmp_path):
    path = tmp_path / "x.fasta"
    path.write_text(">a TARGET=1\nMKV\n>b SET=train\nMKV\n>c\nMKV\n>d TARGET=1 SET=test\nMKV\n")
    with pytest.raises(InputError) as caught:
        read_split(path, format="flip_fasta")
    assert str(caught.value).splitlines() == [
        f"{path}: 4 faults",
        "line 1: header lacks SET= ('a'); add it",
        "line 3: header lacks TARGET= ('b'); add it",
        "line 5: header lacks TARGET= ('c'); add it",
        "line 5: header lacks SET= ('c'); add it",
    ]


def test_a_fault_of_another_file_is_named_with_it(tmp_path):
    labels, sequences = tmp_path / "labels", tmp_path / "sequences"
    labels.write_text(">a SET=train\nHEC\n>b SET=train\nHE\n>c SET=test\nHEC\n")
    sequences.write_text(">b\nMKA\n>c\nMKL\n>a\nMK1\n")
    settings = {"format": "residue_fasta", "task_type": "residue_classification"}
    with pytest.raises(InputError) as caught:
        read_split(labels, sequences=sequences, **settings)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{labels}: 2 faults"
    assert lines[0].startswith("line 3: target has another length than the sequence ('2 for 3')")
    assert lines[1].startswith(f"{sequences}, line 6: the sequence holds what is no residue")
