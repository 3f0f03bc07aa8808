"""Readers: a file of labelled sequences to a table of text, one row an example, unjudged.

A reader returns the columns sequence, target, set, `line` (where the row stands in the file), and
where the file has them id, validation and mask. What a row must hold is checked in `datasets`.
"""

import gzip
import re
import zlib
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.wording import brief
from plmbench.data.archives import check_gzip

TEXTS = ("sequence", "target", "set", "validation", "id")
REQUIRED = ("sequence", "target", "set")
FLIP_KEYS = {"TARGET": "target", "SET": "set", "VALIDATION": "validation"}
FLIP_KEY = re.compile(rf"(?:^|(?<=\s))({'|'.join(FLIP_KEYS)})=")
NETSURFP = {"sequence": "input", "target": "dssp3", "mask": ["disorder", "cb513_mask"]}
SHOWN = 5
SHOWN_COLUMNS = 20
UNREADABLE = (
    UnicodeDecodeError,
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    OSError,  # also where a .gz is none
    EOFError,  # a .gz that breaks off
    zlib.error,
)


def refuse(path, problem, rows, values, remedy):
    """Raise the InputError that names the offending lines of a file, the first ones in full."""
    lines = ", ".join(
        f"line {row} ({brief(value)})"
        for row, value in list(zip(rows, values, strict=True))[:SHOWN]
    )
    more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
    raise InputError(f"{path}: {problem}: {lines}{more}; {remedy}")


def opened(path):
    """Open a text file, known as gzipped by its first bytes: a download keeps no suffix."""
    with Path(path).open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if zipped:
        check_gzip(path)
    return (gzip.open if zipped else open)(path, "rt", encoding="utf-8-sig", newline="")


def lacking(path, missing, found, columns):
    """Return the InputError for columns that a table must have and has not."""
    renamed = ", ".join(f"{ours} is read from {theirs}" for ours, theirs in columns.items())
    there = ", ".join(brief(name).strip("'") for name in found[:SHOWN_COLUMNS])
    more = f" and {len(found) - SHOWN_COLUMNS:,} more" if len(found) > SHOWN_COLUMNS else ""
    return InputError(
        f"{path}: lacks column(s) {', '.join(missing)}; it has {there}{more}; "
        "a data set needs sequence, target and set, and may have validation, id and mask; what is "
        f"called otherwise goes into its entry, as columns: {{{missing[0]}: …}}"
        + (f" ({renamed}, says the catalogue)" if renamed else "")
    )


def flag_of_all(flags):
    """Return 1 where all flags say 1, else 0; one that is neither stays in sight, to be refused."""
    odd = [flag for flag in flags if flag not in "01"]
    return odd[0] if odd else min(flags)


def all_of(masks):
    """Return the masks [row] of 0 and 1 that say 1 where all of `masks` do; `-` where one lacks."""
    return [
        "".join(map(flag_of_all, zip_longest(*row, fillvalue="-")))
        for row in zip(*masks, strict=True)
    ]


def line_starts(rows):
    """Return the line [row] on which each row of a table of text starts: a quoted field may hold
    line ends of its own."""
    counts = [[text.count("\n") for text in rows[name]] for name in rows]
    starts, line = [], 1
    for breaks in zip(*counts, strict=True):
        starts.append(line)
        line += 1 + sum(breaks)
    return starts


def text_table(path):
    """Return a CSV (also gzipped) as text, as it stands, indexed by line."""
    try:
        # "NA" is a peptide, and an empty field is not a number: no guessing of types. Nor of names,
        # which pandas would make unique, nor of an index, where rows have more fields than names.
        form = {"dtype": str, "keep_default_na": False, "skip_blank_lines": False, "header": None}
        with opened(path) as file:
            rows = pd.read_csv(file, **form)
    except UNREADABLE as error:
        raise InputError(f"{path}: not a readable UTF-8 CSV file: {error}") from error
    rows.index = line_starts(rows)
    return rows.iloc[1:].set_axis(rows.iloc[0].tolist(), axis=1)


def sole(table, names, path):
    """Return the columns of these names; raises InputError where one stands twice."""
    found = [name for name in table if name in set(names)]
    for name in found:
        if found.count(name) > 1:
            raise InputError(f"{path}: column {name!r} stands twice; rename one of them")
    return table[found]


def read_csv(path, columns=None, required=REQUIRED):
    """Read a CSV (also .gz) as text, one column a field; `line` is the row's line in the file.

    columns: {our name: the file's name}, where they differ. Raises InputError for another
    encoding, and for missing columns.
    """
    return named_columns(text_table(path), path, columns or {}, required)


def named_columns(table, path, columns, required):
    """Return the columns of a CSV under our names, without its empty lines, and `line`."""
    masks = columns.get("mask", ["mask"])
    wanted = {name: columns.get(name, name) for name in TEXTS}
    named = [*(wanted[name] for name in {*required, *columns} - {"mask"})]
    missing = [name for name in [*named, *columns.get("mask", [])] if name not in table]
    if missing:
        raise lacking(path, sorted(missing), table.columns, columns)
    empty = (table == "").all(axis=1)
    table = sole(table, [*wanted.values(), *masks], path)
    found = {ours: table[theirs] for ours, theirs in wanted.items() if theirs in table}
    if masks[0] in table:
        flags = all_of([table[name] for name in masks])
        found["mask"] = pd.Series(flags, table.index, str)
    return pd.DataFrame(found).assign(line=table.index)[~empty]


def fasta_records(path):
    """Yield (line, header, letters) of each record of a FASTA file (also .gz), line by line."""
    line, header, letters = 0, None, []
    try:
        with opened(path) as file:
            for number, text in enumerate(file, start=1):
                text = text.strip()
                if text.startswith(">"):
                    if header is not None:
                        yield line, header, "".join(letters)
                    line, header, letters = number, text[1:].strip(), []
                elif text and header is None:
                    raise InputError(f"{path}: line {number} stands before the first '>' header")
                else:
                    letters.append(text)
    except UNREADABLE as error:
        raise InputError(f"{path}: not a readable UTF-8 FASTA file: {error}") from error
    if header is None:
        raise InputError(f"{path}: holds no FASTA record")
    yield line, header, "".join(letters)


def flip_fields(header):
    """Return {id, target, set, validation} of a header such as `Sequence1 TARGET=x SET=train`.

    A value runs up to the next key, so that a class may hold spaces. Raises InputError for a key
    that stands twice.
    """
    keys = list(FLIP_KEY.finditer(header))
    ends = [*(key.start() for key in keys), len(header)]
    fields = {"id": header[: ends[0]].strip()}
    for key, end in zip(keys, ends[1:], strict=True):
        name = FLIP_KEYS[key[1]]
        if name in fields:
            raise InputError(f"header {brief(header)} holds {key[0]} twice")
        fields[name] = header[key.end() : end].strip()
    return fields


def first_word(text):
    """Return the text up to its first blank."""
    return next(iter(text.split()), "")


def labelled_records(path):
    """Yield {line, letters} and the `flip_fields` of each record of a FASTA file."""
    for line, header, letters in fasta_records(path):
        try:
            fields = flip_fields(header)
        except InputError as error:
            raise InputError(f"{path}: line {line}: {error}") from error
        yield {"line": line, **fields, "letters": letters}


def in_columns(rows, path, required):
    """Return the table of `rows`; raises InputError naming the first record that lacks a field."""
    for row in rows:
        if missing := [name for name in required if name not in row]:
            keys = {name: key for key, name in FLIP_KEYS.items()}
            raise InputError(
                f"{path}: line {row['line']}: header {brief(row['id'])} lacks "
                + ", ".join(f"{keys.get(name, name)}=" for name in missing)
            )
    return pd.DataFrame(rows).fillna({"validation": ""}, axis=0)


def read_flip_fasta(path, required=REQUIRED):
    """Read a FASTA whose headers hold TARGET=, SET= and, if wanted, VALIDATION= (FLIP's)."""
    rows = [row | {"sequence": row.pop("letters")} for row in labelled_records(path)]
    return in_columns(rows, path, required)


def by_first_word(path):
    """Return {first word of the header: letters} of a FASTA.

    Raises InputError for a word that stands twice.
    """
    found = {}
    for line, header, letters in fasta_records(path):
        name = first_word(header)
        if name in found:
            raise InputError(
                f"{path}: line {line}: {brief(name)} stands twice; make the ids unique"
            )
        found[name] = letters
    return found


def distinct(rows, path):
    """Return the rows with ids of their own: the second record of `P1` is `P1 (2)`, as FLIP's bind
    lists some proteins twice.

    Raises InputError where two records of one id have different labels.
    """
    seen = {}
    for row in rows:
        name, labels = row["id"], row["target"]
        first, count = seen.get(name, (labels, 0))
        if labels != first:
            raise InputError(
                f"{path}: line {row['line']}: {brief(name)} stands twice, with different labels; "
                "make the ids unique, or take one of the records out"
            )
        seen[name] = labels, count + 1
        row["id"] = f"{name} ({count + 1})" if count else name
    return rows


def read_residue_fasta(path, sequences, mask=None, required=REQUIRED):
    """Read labels, a letter a residue, with headers `id SET= VALIDATION=`; `sequences` and `mask`
    are FASTA files with the same ids, the first words of headers (FLIP's residue tasks).

    A sequence without labels is left out. Raises InputError for labels without a sequence or mask.
    """
    rows = [row | {"target": row.pop("letters")} for row in labelled_records(path)]
    for row in rows:
        row["id"] = first_word(row["id"])
    for role, source in (("sequence", sequences), ("mask", mask)):
        if source is None:
            continue
        texts = by_first_word(source)
        for row in rows:
            if row["id"] not in texts:
                raise InputError(
                    f"{source}: has no record {brief(row['id'])}, which {path}, "
                    f"line {row['line']}, labels; add it, or take the labels out"
                )
            row[role] = texts[row["id"]]
    return in_columns(distinct(rows, path), path, required)


def read_netsurfp_csv(path, required=REQUIRED):
    """Read NetSurfP-2.0's CSV of residues, as ProtTrans hands it on: names led by a blank, letters
    and flags joined by blanks; disorder is 1 where resolved, cb513_mask 1 where to be scored."""
    table = text_table(path).rename(columns=str.strip)
    for name in sole(table, ["input", "dssp3", "disorder", "cb513_mask"], path):
        table[name] = table[name].str.replace(".0", "").str.split().str.join("")
    return named_columns(table, path, NETSURFP, required)


READERS = {
    "csv": read_csv,
    "flip_fasta": read_flip_fasta,
    "residue_fasta": read_residue_fasta,
    "netsurfp_csv": read_netsurfp_csv,
}
