"""Files of labelled sequences with anything in them: a sound table, or a sentence that names the
file, and ids as they were given."""

import csv
import gzip
import io
import json
import math
import re
import time
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

import labels
from helpers.fuzzing import COUNTS, ODD_TEXTS, RECODINGS, answer, cut_short, for_all, spoiled, texts
from plmbench.core.alphabet import LETTERS, MASK, RESIDUE_POLICIES
from plmbench.core.errors import InputError
from plmbench.data.proteins import sequence_id
from plmbench.data.sources import RESIDUE_TASK, UNSEEN
from plmbench.data.splits import read_split
from plmbench.probe.examples import read_labels

LONGEST = 2000  # characters of a message, whatever the file holds
COLUMNS = ["id", "sequence", "target", "set", "validation"]
CSV = (
    b"id,sequence,target,set,validation\n"
    b'a/1,MKV,1.5,train,\n"b ""2""",MKA,-2,train,True\nc,MKW,0,test,\n\xc3\x85,MKY,3,test,False\n'
)
FLIP = (
    b">a/1 TARGET=1.5 SET=train VALIDATION=False\nMKV\nLLA\n>b TARGET=-2 SET=train\nMKA\n"
    b">\xc3\x85 x TARGET=0 SET=test VALIDATION=False\nMKL\n"
)
LABELS = b">a SET=train VALIDATION=False\nHEC\n>b SET=test\nCC\n>c SET=train\nE\n"
SEQUENCES, MASKS = b">b x\nAC\n>a\nMK\nV\n>c\nW\n", b">a\n110\n>b\n01\n>c\n1\n"
NETSURFP = (
    b"input, dssp3, disorder, cb513_mask, set\nM K V,C H E,0.0 1.0 1.0,1.0 1.0 0.0,train\n"
    b"A C,H H,1.0 1.0,1.0 1.0,test\n"
)


def check_table(table):
    """Check what every table of a split holds, wherever it came from."""
    assert table["sequence"].str.fullmatch(f"[{LETTERS}{MASK}]+").all()
    assert table["id"].tolist() == [sequence_id(text) for text in table["sequence"]]
    assert (table["name"] != "").all()
    assert set(table["subset"]) <= {"train", "validation", "test"}
    assert {"train", "test"} <= set(table["subset"])
    if "mask" in table:
        assert (table["mask"].str.len() == table["sequence"].str.len()).all()
        assert (table["target"].str.len() == table["sequence"].str.len()).all()


def read_or_refused(path, **settings):
    """Return the table of a file, or None where it is refused by name and in few words."""
    table, refusal = answer(read_split, path, **settings)
    if refusal:
        assert str(path.parent) in refusal
        assert len(refusal) < LONGEST + len(str(path))
    else:
        check_table(table)
    return table


def sources(content):
    """Return a strategy of a file's bytes, spoiled, cut short, or in another encoding."""
    recoded = st.sampled_from(sorted(RECODINGS)).map(RECODINGS.get)
    spoilt = st.tuples(spoiled(content) | cut_short(content), recoded)
    return spoilt.map(lambda pair: pair[1](pair[0]))


def policies(kinds=("regression", "classification")):
    """Return a strategy of settings of `read_split`."""
    return st.fixed_dictionaries(
        {
            "task_type": st.sampled_from(kinds),
            "nonstandard_residues": st.sampled_from(RESIDUE_POLICIES),
            "missing_split": st.sampled_from(["error", "drop"]),
        }
    )


def text_of(content):
    """Return the text of a file's bytes as readers see it, without quotes."""
    content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    return content.decode("utf-8-sig").replace('"', "")


@COUNTS
@pytest.mark.parametrize(("form", "content"), [("csv", CSV), ("flip_fasta", FLIP)])
def test_a_spoiled_file_is_a_sound_table_or_refused(count, form, content, tmp_path):
    path = tmp_path / "spoiled"

    def check(case):
        spoilt, settings = case
        path.write_bytes(spoilt)
        table = read_or_refused(path, format=form, **settings)
        if table is not None:
            assert table["name"].is_unique
            text, names = text_of(spoilt), table["name"].str.replace('"', "")
            assert all(name in text or name.startswith("line") for name in names)

    for_all(count, st.tuples(sources(content), policies()), check)


@COUNTS
def test_spoiled_files_of_residues_are_a_sound_table_or_refused(count, tmp_path):
    path = {name: tmp_path / name for name in ("path", "sequences", "mask")}

    def check(case):
        contents, settings = case
        for name, content in zip(path, contents, strict=True):
            path[name].write_bytes(content)
        read_or_refused(**path, format="residue_fasta", **settings)

    files = st.tuples(*(sources(content) for content in (LABELS, SEQUENCES, MASKS)))
    for_all(count, st.tuples(files, policies([RESIDUE_TASK])), check)


@COUNTS
def test_a_spoiled_netsurfp_csv_is_a_sound_table_or_refused(count, tmp_path):
    path = tmp_path / "spoiled.csv"

    def check(case):
        content, settings = case
        path.write_bytes(content)
        read_or_refused(path, format="netsurfp_csv", **settings)

    for_all(count, st.tuples(sources(NETSURFP), policies([RESIDUE_TASK])), check)


def written(rows, end):
    """Return rows of fields as the bytes of a CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows])
    return text.getvalue().encode()


def unsafe(text):
    """Tell whether a text holds what nobody sees, or what a study's files cannot give back."""
    return re.search(UNSEEN, text) is not None


def joined(folder, path, kind):
    """Return the labels that the rule `labels` writes for a file, as a probe reads them."""
    settings = json.dumps([["path"], {"task_type": kind, "validation": {"folds": 0}}])
    outputs = {"labels": str(folder / "labels.tsv"), "counts": str(folder / "counts.tsv")}
    labels.main(
        SimpleNamespace(
            params=SimpleNamespace(settings=settings),
            input=SimpleNamespace(split=[str(path)]),
            output=SimpleNamespace(**outputs),
            wildcards={"dataset": "odd", "split": "mine"},
        )
    )
    return read_labels(outputs["labels"])


@COUNTS
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
def test_ids_and_classes_reach_the_probe_as_they_were_given(count, mark, tmp_path):
    path = tmp_path / "odd.csv"

    def check(case):
        pairs, end = case
        names, classes = zip(*pairs, strict=True)
        rows = [
            [name, "MKV", target, "test" if i % 2 else "train", ""]
            for i, (name, target) in enumerate(pairs)
        ]
        path.write_bytes(mark + written(rows, end))
        good = len(set(names)) == len(names) and all(names) and all(map(str.strip, classes))
        good &= len(names) > 1 and not any(map(unsafe, (*names, *classes)))
        if not good:
            with pytest.raises(InputError, match=r"odd\.csv"):
                joined(tmp_path, path, "classification")
            return
        table = joined(tmp_path, path, "classification")
        assert table["name"].tolist() == list(names)
        assert table["target"].tolist() == [text.strip() for text in classes]
        assert set(table["id"]) == {sequence_id("MKV")}

    pairs = st.lists(st.tuples(texts(), texts()), min_size=1, max_size=5)
    for_all(count, st.tuples(pairs, st.sampled_from(["\n", "\r\n"])), check)


@COUNTS
def test_the_name_in_a_header_is_kept_up_to_its_first_key(count, tmp_path):
    path = tmp_path / "odd.fasta"

    def check(names):
        names = [name.replace("\n", " ").replace("\r", " ").strip() for name in names]
        records = [
            f">{name} TARGET={i} SET={'test' if i % 2 else 'train'}\nMKV\n"
            for i, name in enumerate(names)
        ]
        path.write_text("".join(records), encoding="utf-8", newline="")
        bad = len(set(names)) < len(names) or not all(names) or any(map(unsafe, names))
        if bad or len(names) < 2:
            assert read_or_refused(path, format="flip_fasta") is None
        else:
            table = read_split(path, format="flip_fasta")
            assert table["name"].tolist() == names

    for_all(count, st.lists(texts(), min_size=1, max_size=5), check)


def test_blanks_within_a_name_or_a_class_stay_as_they_are(tmp_path):
    path = tmp_path / "odd.fasta"
    path.write_text(">a  b\u00a0c TARGET=x  y SET=train\nMKV\n>d\tSET=test\tTARGET=x\nMKA\n")
    table = read_split(path, format="flip_fasta", task_type="classification")
    assert table["name"].tolist() == ["a  b\u00a0c", "d"]
    assert table["target"].tolist() == ["x  y", "x"]


@pytest.mark.parametrize("again", ["TARGET=2", "SET=test", "VALIDATION=1"])
def test_a_key_that_stands_twice_in_a_header_is_named_with_its_line(again, tmp_path):
    path = tmp_path / "odd.fasta"
    path.write_bytes(FLIP + f">P1 TARGET=1 SET=train VALIDATION=1 {again}\nMKW\n".encode())
    text = f"{path}: line 8: header 'P1 TARGET=1.* holds {again.partition('=')[0]}= twice$"
    with pytest.raises(InputError, match=text):
        read_split(path, format="flip_fasta")


@COUNTS
def test_targets_are_finite_numbers_or_refused(count, tmp_path):
    path = tmp_path / "odd.csv"
    numbers = st.floats(width=64).map(repr) | st.integers().map(str)

    def check(targets):
        rows = [[f"v{i}", "MKV", t, "train" if i else "test", ""] for i, t in enumerate(targets)]
        path.write_bytes(written(rows, "\n"))
        table = read_or_refused(path)
        if table is None:
            return
        for found, text in zip(table["target"], targets, strict=True):
            assert math.isfinite(found)
            assert found == pytest.approx(float(text), rel=1e-14)

    for_all(count, st.lists(numbers | texts(), min_size=2, max_size=4), check)


@pytest.mark.parametrize("form", ["csv", "flip_fasta"])
def test_a_header_of_a_megabyte_is_an_id_like_any_other(form, tmp_path):
    path, long = tmp_path / "long", "x/" * (1 << 19)
    rows = {"csv": "{},MKV,1,{}\n", "flip_fasta": ">{} TARGET=1 SET={}\nMKV\n"}[form]
    head = "id,sequence,target,set\n" if form == "csv" else ""
    path.write_text(head + rows.format(long, "train") + rows.format("b", "test"))
    assert read_split(path, format=form)["name"].tolist() == [long, "b"]
    path.write_text(head + rows.format(long, "train") + rows.format(long, "test"))
    assert read_or_refused(path, format=form) is None


@pytest.mark.parametrize("form", ["csv", "flip_fasta"])
def test_a_line_of_ten_megabytes_is_read_in_seconds(form, tmp_path):
    path, long = tmp_path / "long", "MKVL" * 2_500_000
    rows = {"csv": "{},{},1,{}\n", "flip_fasta": ">{0} TARGET=1 SET={2}\n{1}\n"}[form]
    head = "id,sequence,target,set\n" if form == "csv" else ""
    start = time.process_time()
    path.write_text(head + rows.format("a", long, "train") + rows.format("b", "MKV", "test"))
    assert read_split(path, format=form)["sequence"].tolist() == [long, "MKV"]
    assert time.process_time() - start < 20  # seconds


@pytest.mark.parametrize("form", ["csv", "flip_fasta"])
def test_a_gzipped_bomb_is_refused_before_it_is_in_memory(form, tmp_path):
    path, zeros = tmp_path / "bomb.gz", b"A" * (1 << 20)
    with gzip.open(path, "wb", 9) as file:
        for _ in range(128):
            file.write(zeros)
    with pytest.raises(InputError, match=r"bomb\.gz: .* bytes packed, unpacks to more than"):
        read_split(path, format=form)


@pytest.mark.parametrize("name", [t for t in ODD_TEXTS if "/" not in t and "\0" not in t][:24])
def test_a_file_may_have_any_name(name, tmp_path):
    path = tmp_path / f"{name} file"
    path.write_bytes(CSV)
    assert len(read_split(path)) == 4
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
