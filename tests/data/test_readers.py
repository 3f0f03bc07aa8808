"""Files of labelled sequences as text: CSV in its variants, and NetSurfP-2.0's CSV of residues."""

import gzip

import pandas as pd
import pytest

from plmbench.core.errors import InputError
from plmbench.data.readers import REQUIRED, read_csv, read_netsurfp_csv
from plmbench.data.splits import read_split

HEADER = "sequence,target,set"
GOOD = ("MKV,1.5,train", "MKA,-2e-1,train", "MKL,0,test")
RESIDUES = "residue_classification"


@pytest.fixture
def csv(tmp_path):
    """Return a function that writes lines as `x.csv` and returns its path."""

    def write(*lines, header=HEADER, end="\n", encoding="utf-8"):
        path = tmp_path / "x.csv"
        path.write_bytes(end.join([header, *lines, ""]).encode(encoding))
        return path

    return write


def refusal(path, **settings):
    """Return what `read_split` says when it refuses a file; it names the file."""
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("column", REQUIRED)
def test_a_missing_column_is_named_with_those_found(csv, column):
    text = refusal(csv(*GOOD, header=HEADER.replace(column, "other")))
    assert f"lacks column(s) {column}" in text
    assert "other" in text.split("it has")[1]


def test_columns_of_other_names_are_read_under_ours(csv):
    path = csv("a,MKV,H,0.5,train,1", "b,MKA,E,1.5,test,0", header="key,seq,ss,score,part,held")
    columns = {"id": "key", "sequence": "seq", "target": "score", "set": "part"}
    table = read_csv(path, {**columns, "validation": "held"})
    assert list(table.columns) == ["sequence", "target", "set", "validation", "id", "line"]
    assert table.iloc[0].tolist() == ["MKV", "0.5", "train", "1", "a", 2]
    assert list(read_split(path, columns=columns)["name"]) == ["a", "b"]


@pytest.mark.parametrize("name", ["score", " score", "score "])
@pytest.mark.parametrize("called", ["score", " score", " score "])
def test_blanks_around_the_name_of_a_column_do_not_matter(csv, name, called):
    path = csv("MKV,7,train", "MKA,8,test", header=f"sequence,{name},set")
    assert list(read_split(path, columns={"target": called})["target"]) == [7, 8]


def test_a_renamed_column_hides_one_of_our_name(csv):
    path = csv("MKV,1,7,train", "MKA,2,8,test", header="sequence,target,log_target,set")
    assert list(read_split(path, columns={"target": "log_target"})["target"]) == [7, 8]


def test_a_renamed_column_that_is_missing_is_named_as_the_catalogue_does(csv):
    text = refusal(csv(*GOOD), columns={"id": "variant", "target": "fitness"})
    assert "lacks column(s) fitness, variant; it has sequence, target, set;" in text
    assert "(id is read from variant, target is read from fitness, says the catalogue)" in text


def test_columns_that_are_not_ours_are_left_alone(csv):
    path = csv("MKV,1,train,x", "MKA,2,test,y", header=f"{HEADER},remark")
    assert "remark" not in read_csv(path)


MASKS = {"target": "ss3", "mask": ["resolved", "scored"]}


def masked(csv, first, second, sequence="MKVL"):
    """Return the path of a table of residues with two masks."""
    row = f"{sequence},HHEC,{{}},{first},{second}"
    return csv(row.format("train"), row.format("test"), header="sequence,ss3,set,resolved,scored")


def test_a_residue_counts_where_all_masks_say_1(csv):
    path = masked(csv, "1101", "0111")
    assert read_split(path, task_type=RESIDUES, columns=MASKS)["mask"][0] == "0101"
    assert read_split(path, task_type=RESIDUES, columns={"target": "ss3"})["mask"][0] == "1111"
    one = {"target": "ss3", "mask": ["resolved"]}
    assert read_split(path, task_type=RESIDUES, columns=one)["mask"][0] == "1101"


@pytest.mark.parametrize("masks", [("1112", "0000"), ("0000", "111x"), ("111-", "1111")])
def test_a_flag_that_is_neither_0_nor_1_is_refused_in_each_of_several_masks(csv, masks):
    text = refusal(masked(csv, *masks), task_type=RESIDUES, columns=MASKS)
    assert "mask is not of 0 and 1: line 2" in text


@pytest.mark.parametrize("masks", [("111", "1111"), ("1111", "111")])
def test_a_mask_shorter_than_another_is_refused(csv, masks):
    text = refusal(masked(csv, *masks), task_type=RESIDUES, columns=MASKS)
    assert "mask is not of 0 and 1: line 2" in text


@pytest.mark.parametrize("masks", [("11111", "1111"), ("1111", "11111"), ("11111", "11111")])
def test_a_mask_longer_than_the_sequence_is_refused(csv, masks):
    text = refusal(masked(csv, *masks), task_type=RESIDUES, columns=MASKS)
    assert "mask has another length than the sequence" in text
    assert "('5 for 4')" in text


def test_a_file_that_is_not_utf8_is_refused(csv):
    text = refusal(csv("MKV,1,train,é", "MKA,1,test,b", header=f"{HEADER},id", encoding="latin-1"))
    assert "x.csv: line 2 is not UTF-8 (byte 0xe9, which is 'é' in Latin-1); save the file" in text


@pytest.mark.parametrize("content", [b"", b"\n", HEADER.encode() + b'\n"MKV,1,train\n'])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    refusal(tmp_path / "x.csv")


@pytest.mark.parametrize("lines", [("MKV,1,train,", "MKA,2,test,"), ("MKV,1,train,9", *GOOD)])
def test_rows_with_more_fields_than_names_are_refused_and_not_shifted(csv, lines):
    text = refusal(csv(*lines))
    assert "x.csv: another number of fields than in the header: line 2 (4)" in text


def test_lines_are_counted_through_fields_that_hold_line_ends(csv):
    rows = ('"a\nb\r\nc",MKV,1,train', "d,MK*,2,train", "e,MKV,3,test")
    assert "line 5 ('*')" in refusal(csv(*rows, header=f"note,{HEADER}"))
    assert "line 6 ('*')" in refusal(csv(*rows, header=f'"note\nid",{HEADER}'))


def test_a_column_that_stands_twice_is_refused_where_it_is_read(csv):
    rows = ("MKV,1,train,2", "MKA,2,test,3")
    assert "column 'target' stands twice" in refusal(csv(*rows, header=f"{HEADER},target"))
    path = csv("MKV,1,train,2,3", "MKA,2,test,3,4", header=f"{HEADER},remark,remark")
    assert len(read_split(path)) == 2


@pytest.mark.parametrize(
    "name", ["a\0b", "\0", "a\rb", "a\r", "a\nb", "a\x0c", "a\u2028", "\ufeffa"]
)
@pytest.mark.parametrize("column", ["id", "target"])
def test_texts_that_no_later_file_can_give_back_are_refused(csv, column, name):
    row = {"id": "a", "target": "x"} | {column: f'"{name}"'}
    path = csv(f"{row['id']},MKV,{row['target']},train", header="id,sequence,target,set")
    text = refusal(path, task_type="classification")
    assert f"{column} holds a line end or a control character: line 2 ({name!r})" in text


def test_a_long_value_is_shown_without_its_middle(csv):
    path = csv(
        *(f"{'long' * 10**5},MKV,1,{subset}" for subset in ("train", "test")), header="id," + HEADER
    )
    assert len(refusal(path)) < 400 + len(str(path))
    assert len(refusal(csv("a", header=",".join("x" * 10**4 for _ in range(50))))) < 3000


@pytest.mark.parametrize("cut", [4, 12, 40])
def test_a_gz_that_breaks_off_is_refused(tmp_path, cut):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEADER, *GOOD]).encode())[:-cut])
    assert "cannot be unpacked by gzip" in refusal(path)


def test_a_gz_with_damage_inside_is_refused(tmp_path):
    raw = bytearray(gzip.compress("\n".join([HEADER, *GOOD]).encode()))
    raw[15] ^= 0xFF
    (tmp_path / "x.csv.gz").write_bytes(raw)
    assert "cannot be unpacked by gzip" in refusal(tmp_path / "x.csv.gz")


@pytest.mark.parametrize("name", ["x.csv.gz", "x.csv", "aav.download"])
@pytest.mark.parametrize("compress", [gzip.compress, bytes])
def test_gzip_is_known_by_content_whatever_the_file_is_called(csv, tmp_path, name, compress):
    expected = read_split(csv(*GOOD))
    (tmp_path / name).write_bytes(compress("\n".join([HEADER, *GOOD]).encode()))
    pd.testing.assert_frame_equal(read_split(tmp_path / name), expected)


@pytest.mark.parametrize("form", [{"encoding": "utf-8-sig"}, {"end": "\r\n"}])
def test_byte_order_mark_and_windows_line_ends_change_nothing(csv, form):
    expected = read_split(csv(*GOOD))
    pd.testing.assert_frame_equal(read_split(csv(*GOOD, **form)), expected)


@pytest.mark.parametrize("word", ["NA", "NAN", "INF"])
def test_a_sequence_that_reads_like_a_missing_value_is_a_sequence(csv, word):
    assert word in set(read_split(csv(*GOOD, f"{word},1,train"))["sequence"])


NETSURFP = "input, dssp3, dssp8, disorder, cb513_mask"
CHAIN = "M K V L,C H H E,C G H B,0.0 1.0 1.0 1.0,1.0 1.0 0.0 1.0"


@pytest.mark.parametrize("header", [NETSURFP, NETSURFP.replace(" ", "")])
def test_netsurfp_joins_letters_and_both_masks(csv, header):
    table = read_netsurfp_csv(csv(CHAIN, "", "A C,H H,H H,1.0 1.0,1.0 1.0", header=header), ())
    assert table["sequence"].tolist() == ["MKVL", "AC"]
    assert table["target"].tolist() == ["CHHE", "HH"]
    assert table["mask"].tolist() == ["0101", "11"]
    assert table["line"].tolist() == [2, 4]


@pytest.mark.parametrize("flags", ["0 1 1 1,1 1 0 1", "0111,1101", " 0.0 1.0 1.0 1.0,1 1 0 1 "])
def test_netsurfp_flags_may_be_written_otherwise(csv, flags):
    path = csv(f"M K V L,C H H E,C G H B,{flags}", header=NETSURFP)
    assert read_netsurfp_csv(path, ())["mask"].tolist() == ["0101"]


@pytest.mark.parametrize("missing", ["input", "dssp3", "disorder", "cb513_mask"])
def test_netsurfp_names_a_missing_column(csv, missing):
    path = csv(CHAIN, header=NETSURFP.replace(missing, "other"))
    with pytest.raises(InputError, match=rf"x\.csv: lacks column\(s\) {missing}; it has"):
        read_netsurfp_csv(path, ())


def test_netsurfp_without_a_row_is_refused(csv):
    text = refusal(csv(header=f"{NETSURFP}, set"), task_type=RESIDUES, format="netsurfp_csv")
    assert "the train subset is empty (0 rows read" in text


def test_netsurfp_as_a_splits_own_file_needs_a_column_set(csv):
    assert "lacks column(s) set" in refusal(
        csv(CHAIN, header=NETSURFP), task_type=RESIDUES, format="netsurfp_csv"
    )
    lines = (f"{CHAIN},{subset}" for subset in ("train", "test"))
    path = csv(*lines, header=f"{NETSURFP}, set")
    table = read_split(path, task_type=RESIDUES, format="netsurfp_csv")
    assert table["subset"].tolist() == ["train", "test"]
