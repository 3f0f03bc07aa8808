"""Tables written, quoted and damaged in any way: rows read and rows reported are rows written."""

import csv
import io
import re

import pytest
from hypothesis import strategies as st

from helpers.fuzzing import answer, for_all
from plmbench.data.readers import read_csv
from plmbench.data.text_files import RowsError

COLUMNS = ["id", "sequence", "target", "set", "note"]
COUNT = pytest.mark.parametrize(
    "count",
    [pytest.param(700, id="many"), pytest.param(10_000, id="most", marks=pytest.mark.slow)],
)
QUOTING = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC)
ENDS = ("\n", "\r\n", "\r")
# What a hand, a disk or a program may put in, or take out.
DAMAGE = ('"', "\0", "\r", "\n", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\ufeff", " ", "#", '""')
NOTES = st.text(st.sampled_from([*"ab '\"", "\t", ",", ";", "\n", "\x0c"]), max_size=6)


def numbered(notes):
    """Return a row per note, whose id and sequence stand in no other row."""
    letters = "ACDEFGHIKLMNPQRSTVWY"
    return [
        [f"v{i}v", f"M{letters[i]}K", f"{i}.5", "train" if i % 3 else "test", note]
        for i, note in enumerate(notes)
    ]


@st.composite
def tables(draw):
    """Return rows, what separates their fields, and the text of their table."""
    mark, order = draw(st.sampled_from(",;\t")), draw(st.permutations(range(len(COLUMNS))))
    end = draw(st.sampled_from(ENDS))  # the module quotes these line ends, and no others
    notes = draw(st.lists(NOTES, min_size=1, max_size=8))
    rows = numbered(note.replace("\n", end) for note in notes)
    text = io.StringIO(newline="")
    quoting = draw(st.sampled_from(QUOTING))
    writer = csv.writer(text, delimiter=mark, quoting=quoting, lineterminator=end)
    writer.writerows([row[i] for i in order] for row in (COLUMNS, *rows))
    return rows, mark, text.getvalue()


@st.composite
def damaged(draw, most=3):
    """Return rows and the text of their table with up to `most` letters put in or taken out: no
    row is taken out whole."""
    rows, mark, text = draw(tables())
    header = re.match(r"[^\r\n]*[\r\n]+", text).end()
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(header, len(text)))
        taken = draw(st.integers(0, 1)) if text[start : start + 1] in f'"\r\n{mark}' else 0
        put = draw(st.sampled_from(["", mark, *DAMAGE]))
        text = text[:start] + put + text[start + taken :]
    return rows, text


def lines_of(text):
    """Return how many lines a text has, whatever ends them."""
    return len(re.findall(r"\r\n?|\n", text)) + 1


def seen(text):
    """Return what is left of a field without what damage put in."""
    return re.sub(r"[^\w.-]", "", text)


def read_or_reported(path, text):
    """Return the table of a text, or None where a refusal names a line that the text has."""
    path.write_text(text, encoding="utf-8", newline="")
    table, refusal = answer(read_csv, path)
    if refusal:
        line = int(re.search(r"line (\d+)", refusal)[1])
        assert 1 <= line <= lines_of(text)
    return table


def hides_rows(row, mark):
    """Tell whether a note may be rows, as far as one can see: it has several lines and a mark."""
    return re.search(r"[\r\n]", row[-1]) is not None and mark in row[-1]


@COUNT
def test_a_sound_table_is_read_as_it_was_written(count, tmp_path):
    path = tmp_path / "x.csv"

    def check(case):
        rows, mark, text = case
        table = read_or_reported(path, text)
        if any(hides_rows(row, mark) for row in rows):
            assert table is None
        else:
            assert table[COLUMNS[:-1]].to_numpy().tolist() == [row[:-1] for row in rows]

    for_all(count, tables(), check)


def refused_later(found):
    """Tell whether what a row holds is refused: one delimiter put in and another one taken out
    shift its fields and leave their number."""
    return found["set"] not in ("train", "test") or not seen(found["sequence"])


@COUNT
def test_a_damaged_table_loses_no_row_in_silence(count, tmp_path):
    path = tmp_path / "x.csv"

    def check(case):
        rows, text = case
        table = read_or_reported(path, text)
        if table is not None:
            assert len(table) == len(rows)
            for (_, found), row in zip(table.iterrows(), rows, strict=True):
                same = [seen(found["id"]), seen(found["sequence"])] == row[:2]
                assert same or refused_later(found), (found, row)

    for_all(count, damaged(), check)


@COUNT
def test_rows_read_and_rows_reported_are_rows_written(count, tmp_path):
    path = tmp_path / "x.csv"

    def check(case):
        rows, spoilt, mark = case
        lines = [mark.join(row[:4]) for row in rows]
        for i, (place, more) in spoilt.items():
            fields = rows[i % len(rows)][:4]
            lines[i % len(rows)] = mark.join([*fields, *more] if more else fields[:place])
        path.write_text("\n".join([mark.join(COLUMNS[:4]), *lines]))
        wrong = {i % len(rows) + 2 for i in spoilt}
        if not wrong:
            assert len(read_csv(path)) == len(rows)
            return
        with pytest.raises(RowsError) as caught:
            read_csv(path)
        reported = {line for line, _ in caught.value.rows}
        assert reported == wrong

    notes = st.lists(st.just(""), min_size=1, max_size=12)
    spoilt = st.tuples(st.integers(1, 3), st.lists(st.sampled_from(["", "x"]), max_size=2))
    places = st.dictionaries(st.integers(0, 11), spoilt, max_size=4)
    for_all(count, st.tuples(notes.map(numbered), places, st.sampled_from(",;\t")), check)
