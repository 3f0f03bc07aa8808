"""Rows that a split leaves out are counted, and nothing else about them is judged."""

import pytest

from plmbench.core.errors import InputError
from plmbench.data.splits import read_split

RESIDUES = "residue_classification"
HEADER = "id,sequence,target,set,validation"
GOOD = ("a,MKV,1.5,train,", "b,MKA,-2,train,True", "c,MKL,0,test,")
# Rows without a set in which something else is wrong, by what it would be as part of the split.
ODD = {
    "target is empty": "d,MKW,,,",
    "target is no number": "d,MKW,NaN,,",
    "target is a word": "d,MKW,n.d.,,",
    "id is empty": ",MKW,1,,",
    "id stands twice": "a,MKW,1,,",
    "sequence is empty": "d,,1,,",
    "nothing but an id": "d,,,,",
    "letters": "d,M*w 1,1,,",
    "flag": "d,MKW,1,,maybe",
    "control characters": "d\0,MKW,1\x0c,,",
    "set of blanks": "d,MKW,,  ,",
    "set nan": "d,MKW,,NaN,",
}


@pytest.fixture
def write(tmp_path):
    """Return a function that writes lines as a file and returns its path."""

    def written(*lines, name="x"):
        path = tmp_path / name
        path.write_text("\n".join([*lines, ""]), newline="")
        return path

    return written


def expected(table, left_out):
    """Check that a table holds three rows beside those that were left out."""
    assert len(table) == 3
    assert table.attrs["missing_split"] == left_out
    assert table.attrs["rows"] == 3 + left_out


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("policy", ["error", "mask", "drop"])
def test_a_row_without_a_set_is_judged_by_nothing_else(odd, policy, write):
    path = write(HEADER, GOOD[0], ODD[odd], *GOOD[1:], ODD[odd])
    table = read_split(path, missing_split="drop", nonstandard_residues=policy)
    expected(table, 2)
    assert table["name"].tolist() == ["a", "b", "c"]
    assert table["target"].tolist() == [1.5, -2, 0]
    assert table["subset"].tolist() == ["train", "validation", "test"]


@pytest.mark.parametrize("odd", ODD)
def test_under_error_it_is_refused_for_its_set_alone(odd, write):
    path = write(HEADER, *GOOD, ODD[odd])
    with pytest.raises(InputError) as caught:
        read_split(path)
    assert "set is neither train nor test: line 5" in str(caught.value)
    assert "missing_split to drop" in str(caught.value)


@pytest.mark.parametrize("odd", [name for name in ODD if not name.startswith("set")])
def test_with_a_set_the_same_row_is_refused(odd, write):
    row = ",train,".join(ODD[odd].rsplit(",,", 1))
    with pytest.raises(InputError, match="line 5"):
        read_split(write(HEADER, *GOOD, row), missing_split="drop")


@pytest.mark.parametrize("odd", ["target is empty", "id is empty", "sequence is empty"])
def test_classes_are_left_out_alike(odd, write):
    path = write(HEADER, *GOOD, ODD[odd])
    expected(read_split(path, missing_split="drop", task_type="classification"), 1)


@pytest.mark.parametrize("odd", ODD)
def test_of_a_file_whose_test_rows_are_replaced_they_are_not_judged(odd, write):
    row = ODD[odd].replace("  ", "").replace("NaN,", ",", odd == "set nan")
    row = ",test,".join(row.rsplit(",,", 1))
    own = write("sequence,target", "MKY,3", name="own")
    table = read_split(write(HEADER, *GOOD[:2], row), test={"path": own})
    assert table["sequence"].tolist() == ["MKV", "MKA", "MKY"]
    assert table.attrs["rows"] == 3


FLIP = (
    ">a TARGET=1 SET=train",
    "MKV",
    ">b TARGET=2 SET=train",
    "MKA",
    ">c TARGET=3 SET=test",
    "MKL",
)


@pytest.mark.parametrize(
    "odd",
    [
        (">d TARGET= SET=", "MKW"),
        (">d TARGET=x SET=", "MKW"),
        (">d SET=", "MKW"),
        (">a TARGET=1 SET=nan", "MKW"),
        (">TARGET=1 SET=", "MKW"),
        (">d TARGET=1 SET=",),
        (">d TARGET=1 SET= VALIDATION=maybe", "MKW"),
        (">d TARGET=1 SET=", "mkw1"),
    ],
)
def test_records_without_a_set_are_judged_by_nothing_else(odd, write):
    path = write(*FLIP[:2], *odd, *FLIP[2:])
    expected(read_split(path, format="flip_fasta", missing_split="drop"), 1)


LABELS = (">a SET=train", "HEC", ">b SET=train", "HH", ">c SET=test", "EEE")
SEQUENCES = (">a", "MKV", ">b", "MK", ">c", "MKL", ">e", "MKVL")
MASKS = (">a", "110", ">b", "11", ">c", "111", ">e", "1121")


@pytest.mark.parametrize(
    "odd",
    [
        (">d SET=", "HEC"),  # no sequence
        (">d SET=",),
        (">e SET=", "HE"),  # another length, and a mask that is none
        (">a SET=", "HEE"),  # other labels than its first record
        (">e SET=nan VALIDATION=maybe", "HEHE"),
    ],
)
@pytest.mark.parametrize("masked", [True, False])
def test_labels_without_a_set_are_judged_by_nothing_else(odd, masked, write):
    files = {
        "path": write(*LABELS[:2], *odd, *LABELS[2:], name="labels"),
        "sequences": write(*SEQUENCES, name="sequences"),
    }
    if masked:
        files["mask"] = write(*MASKS, name="mask")
    settings = {"task_type": RESIDUES, "format": "residue_fasta"}
    table = read_split(**files, **settings, missing_split="drop")
    expected(table, 1)
    assert table["name"].tolist() == ["a", "b", "c"]
    assert table["target"].tolist() == ["HEC", "HH", "EEE"]
    with pytest.raises(InputError, match="set is neither train nor test: line 3"):
        read_split(**files, **settings)


@pytest.mark.parametrize("odd", ["MKV,HE,,110", "MKV,HEC,,11x", "MKV,HEC,,1", ",,,", "MKV,,nan,"])
def test_residues_of_a_table_are_left_out_alike(odd, write):
    good = ("MKV,HEC,train,110", "MKA,HEC,train,111", "MKL,HEC,test,111")
    path = write("sequence,target,set,mask", *good, odd if odd.strip(",") else "K,,,")
    expected(read_split(path, task_type=RESIDUES, missing_split="drop"), 1)


@pytest.mark.parametrize("odd", ["M K,C,1.0 1.0,1.0 1.0,", "M K,C C,2.0 x,1.0,", "M K,,,,nan"])
def test_netsurfp_rows_are_left_out_alike(odd, write):
    header = "input, dssp3, disorder, cb513_mask, set"
    good = [f"M K,C H,1.0 1.0,1.0 1.0,{subset}" for subset in ("train", "train", "test")]
    path = write(header, *good, odd)
    settings = {"task_type": RESIDUES, "format": "netsurfp_csv"}
    expected(read_split(path, **settings, missing_split="drop"), 1)


@pytest.mark.parametrize("odd", ["d,MK*,,{},", ",MK*,1,{},", "a,MK*,1,{},", "d,MKJ,1,{},maybe"])
@pytest.mark.parametrize("subset", ["train", "test"])
def test_a_row_left_out_for_its_residues_is_judged_by_nothing_else(odd, subset, write):
    path = write(HEADER, *GOOD, odd.format(subset))
    table = read_split(path, nonstandard_residues="drop")
    assert table["name"].tolist() == ["a", "b", "c"]
    assert (table.attrs["rows"], table.attrs["dropped"]) == (4, 1)
    with pytest.raises(InputError, match="line 5"):
        read_split(path, nonstandard_residues="mask")


@pytest.mark.parametrize("odd", ["MK*,HE,train,110", "MK*,HEC,train,11x", "MK*,,test,"])
def test_residues_left_out_for_their_letters_are_judged_by_nothing_else(odd, write):
    good = ("MKV,HEC,train,110", "MKA,HEC,train,111", "MKL,HEC,test,111")
    path = write("sequence,target,set,mask", *good, odd)
    table = read_split(path, task_type=RESIDUES, nonstandard_residues="drop")
    assert (len(table), table.attrs["dropped"]) == (3, 1)
    assert table["mask"].tolist() == ["110", "111", "111"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sequence,target\n", "(2 rows read, 0 dropped"),
        ("sequence,target\nM*V,1\n", "(3 rows read, 1 dropped"),
        ("sequence,target,set\nM*V,1,train\nMZ-,2,\n", "(4 rows read, 2 dropped"),
    ],
)
def test_a_test_file_of_which_no_row_is_kept_is_named_and_not_the_training_file(
    tmp_path, text, found
):
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    train.write_text("sequence,target,set\nMKV,1,train\nMKA,2,train\n")
    test.write_text(text)
    with pytest.raises(InputError) as caught:
        read_split(train, test={"path": test}, nonstandard_residues="drop")
    said = str(caught.value)
    assert said.startswith(f"{test}: the test subset is empty {found}")
    assert said.endswith("; every row of this file is of test: give it rows that are kept")
