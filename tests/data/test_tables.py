"""Tables that are damaged or written otherwise: every row is read, or its line is named."""

import gzip
import logging

import pytest

from plmbench.core.errors import InputError
from plmbench.data.splits import read_split

HEADER = "id,sequence,target,set,note"
ROWS = ("a,MKV,1.5,train,x", "b,MKA,-2,train,", "c,MKL,0,test,z")
FIELDS = "another number of fields than in the header"
QUOTE = "quote that is opened or closed nowhere"
LOST = "quoted field of several lines, which may be rows"
ENDS = "a quoted field does not end where its row does"
COMMENT, AGAIN = "comment among the rows", "the header stands again"
UNSEEN = "holds a line end or a control character"
REMEDIES = {
    FIELDS: "put quotes around a field with a delimiter",
    QUOTE: "take it out, or double it",
    LOST: "close its quote, or take its line ends out",
    ENDS: "mend its quotes; the rest is not read",
    COMMENT: "take it out, or put quotes around its first field",
    AGAIN: "take it out, and see that files which were joined",
    UNSEEN: "take these characters out",
}


def table(*rows, header=HEADER, end="\n"):
    """Return the text of a table."""
    return end.join([header, *rows, ""])


def damaged(row, number=1):
    """Return the text of the table with another row in place of one of ROWS."""
    return table(*ROWS[:number], row, *ROWS[number + 1 :])


# What is wrong with a row: (the text, the problem, its line)
REFUSED = {
    "a field more": (damaged("b,MKA,-2,train,,"), FIELDS, 3),
    "a field less": (damaged("b,MKA,-2,train"), FIELDS, 3),
    "a delimiter in a field": (damaged("b,MKA,-2,train,x, y"), FIELDS, 3),
    "a decimal comma": (damaged("b,MKA,-2,5,train,"), FIELDS, 3),
    "a delimiter twice": (damaged("b,,MKA,-2,train,"), FIELDS, 3),
    "a quote after a blank": (damaged('b,MKA,-2,train, "x, y"'), QUOTE, 3),
    "two rows in one": (damaged("b,MKA,-2,train,c,MKL,0,test,z"), FIELDS, 3),
    "a row in two": (damaged("b,MKA\n,-2,train,"), FIELDS, 3),
    "a lone CR in a field": (damaged("b,MK\rA,-2,train,"), FIELDS, 3),
    "a form feed for a line end": (damaged("b,MKA,-2,train,\x0cc,MKL,0,test,z"), FIELDS, 3),
    "a vertical tab": (damaged("b,MKA,-2,train,\x0bc,MKL,0,test,z"), FIELDS, 3),
    "U+2028": (damaged("b,MKA,-2,train,\u2028c,MKL,0,test,z"), FIELDS, 3),
    "U+0085": (damaged("b,MKA,-2,train,\x85c,MKL,0,test,z"), FIELDS, 3),
    "another delimiter": (damaged("b;MKA;-2;train;"), FIELDS, 3),
    "tabs in one row": (damaged("b\tMKA\t-2\ttrain\t"), FIELDS, 3),
    "cut off in the last row": (table(*ROWS[:2]) + "c,MKL,0", FIELDS, 4),
    "words after the table": (table(*ROWS, "", "3 rows"), FIELDS, 6),
    "a title after the table": (table(*ROWS, "SUM,,,"), FIELDS, 5),
    "a stray quote to the end": (damaged('b,MKA,-2,train,"x'), ENDS, 3),
    "a stray quote before a field": (damaged('"b,MKA,-2,train,'), ENDS, 3),
    "text after a quote": (damaged('b,"MKA" x,-2,train,'), ENDS, 3),
    "a blank after a quote": (damaged('b,"MKA" ,-2,train,'), ENDS, 3),
    "quotes escaped otherwise": (damaged('b,MKA,-2,train,"say \\"x\\""'), ENDS, 3),
    "two stray quotes": (table(ROWS[0] + "", 'b,MKA,-2,train,"x', 'c,MKL,0,test,y"'), LOST, 3),
    "two in the first column": (table(ROWS[0], '"b,MKA,-2,train,', 'c",MKL,0,test,y'), LOST, 3),
    "two in the sequence": (table(ROWS[0], 'b,"MKA,-2,train,', 'c,MKL",0,test,y'), LOST, 3),
    "a quote closed nowhere": (damaged('b,MKA",-2,train,'), QUOTE, 3),
    "a quote opened nowhere": (damaged('b,MKA,-2,train,say x"'), QUOTE, 3),
    "inches": (damaged('b,MKA,-2,train,5" gel'), QUOTE, 3),
    "two quotes over a comma": (table(ROWS[0], 'b,MKA,-2,train, say "x,y" '), QUOTE, 3),
    "a comment": (damaged("# what comes is odd"), COMMENT, 3),
    "a comment of as many fields": (damaged("#b,MKA,-2,train,"), COMMENT, 3),
    "the header in the middle": (damaged(HEADER), AGAIN, 3),
    "the header at the end": (table(*ROWS, HEADER), AGAIN, 5),
    "the header with a mark": (damaged(f"\ufeff{HEADER}"), AGAIN, 3),
    "the header in capitals": (damaged(HEADER.upper()), AGAIN, 3),
    "the header in another order": (damaged("sequence,id,set,target,note"), AGAIN, 3),
    "a mark in the middle": (damaged("\ufeffb,MKA,-2,train,"), f"id {UNSEEN}", 3),
    "a NUL in an id": (damaged("b\0,MKA,-2,train,"), f"id {UNSEEN}", 3),
    "a NUL in a target": (damaged("b,MKA,-2\0,train,"), f"target {UNSEEN}", 3),
    "an escape in an id": (damaged("b\x1b[0m,MKA,-2,train,"), f"id {UNSEEN}", 3),
    "a line end in an id": (damaged('"b\nb",MKA,-2,train,'), f"id {UNSEEN}", 3),
    "U+2029 in an id": (damaged("b\u2029,MKA,-2,train,"), f"id {UNSEEN}", 3),
}
MARKS = {",": ",", ";": ";", "\t": "\t"}


def refusal(folder, content, **settings):
    """Return what is said of a table that is refused, in at most four lines for one kind."""
    path = folder / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_split(path, **settings)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert text.count("\n") <= 11
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", REFUSED)
def test_a_damaged_row_is_named_with_its_line_and_a_remedy(name, tmp_path):
    content, problem, line = REFUSED[name]
    remedy = next(remedy for start, remedy in REMEDIES.items() if start in problem)
    text = refusal(tmp_path, content)
    assert problem in text
    assert f"line {line}" in text
    assert remedy in text


@pytest.mark.parametrize("name", ["a field more", "a field less", "two stray quotes", "inches"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_damage_is_seen_whatever_separates_fields(name, mark, tmp_path):
    content, problem, line = REFUSED[name]
    text = refusal(tmp_path, content.replace(",", mark))
    assert problem in text
    assert f"line {line}" in text


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_damage_is_seen_whatever_the_line_ends(packed, end, tmp_path):
    text = refusal(tmp_path, packed(damaged("b,MKA").replace("\n", end).encode()))
    assert f"{FIELDS}: line 3 (2)" in text


SAME = {
    "every field in quotes": '"' + table(*ROWS).replace(",", '","').replace("\n", '"\n"')[:-1],
    "CRLF": table(*ROWS, end="\r\n"),
    "CR": table(*ROWS, end="\r"),
    "mixed line ends": f"{HEADER}\r\n{ROWS[0]}\n{ROWS[1]}\r{ROWS[2]}",
    "no last line end": table(*ROWS)[:-1],
    "blank lines": table("", ROWS[0], "   ", *ROWS[1:], "", ",,,,", "\t"),
    "blank lines before": "\n\n" + table(*ROWS),
    "byte order mark": "\ufeff" + table(*ROWS),
    "two byte order marks": "\ufeff\ufeff" + table(*ROWS),
    "a name after a hard blank": table(*ROWS, header=f"\u00a0{HEADER}"),
    "names between blanks": table(*ROWS, header=HEADER.replace(",", " , ")),
    "sets between blanks": table(*ROWS).replace("train", " train ").replace("test", "test  "),
    "semicolons": table(*ROWS).replace(",", ";"),
    "tabs": table(*ROWS).replace(",", "\t"),
    "semicolons and marks": "\ufeff" + table(*ROWS, end="\r\n").replace(",", ";"),
    "sep line": "sep=;\r\n" + table(*ROWS, end="\r\n").replace(",", ";"),
    "sep line of commas": "sep=,\n" + table(*ROWS),
    "sep line of tabs": "\ufeffSEP=\t\n" + table(*ROWS).replace(",", "\t"),
    "sep line in quotes": '"sep=;"\n' + table(*ROWS).replace(",", ";"),
    "decimal commas": table(*ROWS).replace(",", ";").replace(".", ","),
    "decimal commas and tabs": table(*ROWS).replace(",", "\t").replace(".", ","),
    "a delimiter after all rows": table(*ROWS).replace("\n", ",\n"),
    "a note of several lines": table("a,MKV,1.5,train,\"say 'x'\n\ny\"", *ROWS[1:]),
    "quotes within quotes": table('a,MKV,1.5,train,"say ""x, y"""', *ROWS[1:]),
    "quotes in pairs": table('a,MKV,1.5,train,say "x"', *ROWS[1:]),
    "another order": "\n".join(",".join(row.split(",")[::-1]) for row in (HEADER, *ROWS)),
    "a note with other delimiters": table("a,MKV,1.5,train,x; y\tz", *ROWS[1:]),
    "a name with another delimiter": table(*ROWS, header=HEADER.replace("note", "note;x")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_is_only_written_otherwise_gives_the_same_table(name, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(SAME[name].encode())
    found = read_split(path)
    assert found["name"].tolist() == ["a", "b", "c"]
    assert found["sequence"].tolist() == ["MKV", "MKA", "MKL"]
    assert found["target"].tolist() == [1.5, -2, 0]
    assert found["subset"].tolist() == ["train", "train", "test"]


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        (["1,234", "2,345", "12,345"], "commas mark either decimals or thousands"),
        (["1,5", "2.5", "3"], "targets have commas here and points elsewhere"),
        (["1.234,5", "2,5", "3,5"], "targets have commas here and points elsewhere"),
        (["1,234,567", "0,5", "3"], "target is not a finite number: line 2"),
        (["1,5", "2,x", "3"], "target is not a finite number: line 3"),
    ],
)
def test_commas_that_may_be_no_decimal_ones_are_refused(targets, problem, tmp_path):
    rows = [f"MK{'VAL'[i]};{t};{'train' if i else 'test'}" for i, t in enumerate(targets)]
    text = refusal(tmp_path, table(*rows, header="sequence;target;set"))
    assert problem in text
    assert "line" in text
    assert "write decimals after a point" in text


def test_thousandths_below_one_tell_decimal_commas(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("sequence;target;set\nMKV;1,234;train\nMKA;-0,234;test\n")
    assert read_split(path)["target"].tolist() == [1.234, -0.234]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_class_with_a_comma_stays_as_it_is(mark, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("sequence;target;set\nMKV;1,5;train\nMKA;2,5;test\n".replace(";", mark))
    assert read_split(path, task_type="classification")["target"].tolist() == ["1,5", "2,5"]


def test_what_was_taken_as_delimiter_and_decimals_is_logged(tmp_path, caplog):
    path = tmp_path / "x.csv"
    path.write_text("sequence;target;set\nMKV;1,5;train\nMKA;2,5;test\n")
    with caplog.at_level(logging.INFO, "plmbench"):
        read_split(path)
    assert f"{path}: its fields are separated by semicolons" in caplog.text
    assert f"{path}: targets have decimal commas, which are read as points" in caplog.text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty; a table begins with the names of its columns"),
        ("\n \n\r\n", "is empty; a table begins with the names of its columns"),
        ("\ufeff", "is empty; a table begins with the names of its columns"),
        ("sep=;\n", "is empty; a table begins with the names of its columns"),
        (table(*ROWS).replace(",", "|"), "fields are separated by bars (|); separate them by"),
        ("| sequence | target | set |\n|---|---|---|\n", "fields are separated by bars (|)"),
        (table(*ROWS).replace(",", " "), "fields are separated by blanks; separate them by"),
        (table(*ROWS).replace(",", ":"), "fields are separated by colons; separate them by"),
        ("sep=|\n" + table(*ROWS).replace(",", "|"), "fields are separated by bars (|)"),
        ("".join(f'"{line}"\n' for line in (HEADER, *ROWS)), "in quotes as a whole; take these"),
        ("# of 2024\n" + table(*ROWS), "begins with a comment; take out what stands before"),
        ("# x, y\n" + table(*ROWS), "begins with a comment; take out what stands before"),
        ("\n".join(ROWS), "begins with a row; put the names of the columns before it"),
        (table(*ROWS, header=HEADER.upper()), "as columns: {sequence: SEQUENCE}"),
        (table(*ROWS, header=HEADER.replace("sequence", "Sequence")), "columns: {sequence: Seq"),
        (HEADER.replace("note", '"note') + f'\n{ROWS[0]}"\n{ROWS[1]}\n', LOST),
        (HEADER.replace("note", '"note') + f"\n{ROWS[0]}\n{ROWS[1]}\n", ENDS),
    ],
)
def test_a_first_row_that_names_no_columns_is_told_from_one_that_does(content, problem, tmp_path):
    assert problem in refusal(tmp_path, content)
