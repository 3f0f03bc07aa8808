"""Texts as examples: what is read, and what is refused with its line."""

import pytest

from helpers.images import write_table
from plmbench.core.errors import InputError
from plmbench.core.examples import packed_text, unpacked_text
from plmbench.data.splits import read_split, unique_sequences

TEXTS = ["a cat", "a dog", 'he said "no"\tand\nleft', "100 % of %41, naïve 猫"]
SETS = ("train", "train", "test", "test")


def table_of(folder, texts):
    """Write texts and their table; return its path."""
    rows = [{"text": t, "target": i, "set": SETS[i]} for i, t in enumerate(texts)]
    return write_table(folder / "texts.csv", rows)


def test_texts_come_back_as_they_are(tmp_path):
    table = read_split(table_of(tmp_path, TEXTS), modality="text")
    assert [unpacked_text(line) for line in table["sequence"]] == TEXTS
    assert table["length"].tolist() == [len(text) for text in TEXTS]
    file = tmp_path / "sequences.tsv"
    unique_sequences([table]).to_csv(file, sep="\t", index=False)
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    assert [unpacked_text(row[1]) for row in rows[1:]] == TEXTS


@pytest.mark.parametrize("text", ["", "%", "%41", "a\r\nb", '"', "\u2028", "a b  c", "猫"])
def test_packing_loses_nothing(text):
    line = packed_text(text)
    assert unpacked_text(line) == text
    assert not set(line) & set('\t\n\r"')


WRONG = {
    "empty": ("", "text is empty"),
    "blanks": ("  \t ", "text is empty"),
    "missing": ("NaN", "a word that a program writes for a missing value"),
    "missing in a workbook": ("N/A", "a word that a program writes for a missing value"),
    "control": ("a\x07b", "control character"),
    "mark": ("a\ufeffb", "control character or a byte order mark"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_text_is_named_with_its_line(tmp_path, text, message):
    path = table_of(tmp_path, [text, *TEXTS[1:]])
    with pytest.raises(InputError, match=message) as error:
        read_split(path, modality="text")
    assert "line 2 (" in str(error.value)
    assert "line 3" not in str(error.value)


def test_blanks_around_a_text_make_no_other_example(tmp_path):
    table = read_split(table_of(tmp_path, ["a cat", " a cat ", *TEXTS[2:]]), modality="text")
    assert table["id"].nunique() == 3
