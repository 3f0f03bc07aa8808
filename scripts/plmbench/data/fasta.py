"""FASTA files: plain ones, and FLIP's, which hold labels in their headers or as records."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from plmbench.core.alphabet import BLANKS
from plmbench.core.errors import InputError
from plmbench.core.wording import brief
from plmbench.data.faults import Faults
from plmbench.data.subsets import is_missing
from plmbench.data.text_files import UNREADABLE, open_text, refuse

REQUIRED = ("sequence", "target", "set")  # columns of a data set
FLIP_KEYS = {"TARGET": "target", "SET": "set", "VALIDATION": "validation"}
FLIP_KEY = re.compile(rf"(?:^|(?<=\s))({'|'.join(FLIP_KEYS)})=")


class Record(NamedTuple):
    """A record of a FASTA file: the line of its header, its header, and the text below it."""

    line: int
    header: str
    text: str


class LabelledRecord(NamedTuple):
    """A record by columns: its id, the fields of its header, its text, and the line of that."""

    line: int
    columns: dict[str, Any]


def check_line(path: Path | str, number: int, text: str, record: int) -> None:
    """Raise InputError for a '>' within a line of the record whose header is line `record`: another
    record that was joined to it."""
    before, header, _ = text.partition(">")
    if not header:
        return
    remedy = "put a line end before '>'"
    if not re.search(r"\w", before):  # a byte order mark of files that were joined, a quote
        remedy = f"take out {brief(before)} before it"
    raise InputError(
        f"{path}: line {number}: '>' within a line of the record of line {record}; a header starts "
        f"a line: {remedy}"
    )


def fasta_records(path: Path | str) -> Iterator[Record]:
    """Yield each Record of a FASTA file (also gzipped), reading line by line."""
    line, header = 0, None
    parts: list[str] = []
    try:
        with open_text(path) as file:
            for number, text in enumerate(file, start=1):
                text = text.strip(BLANKS)
                if text.startswith(">"):
                    if header is not None:
                        yield Record(line, header, "".join(parts))
                    line, header, parts = number, text[1:].strip(), []
                elif text and header is None:
                    raise InputError(f"{path}: line {number} stands before the first '>' header")
                else:
                    check_line(path, number, text, line)
                    parts.append(text)
    except UNREADABLE as error:
        raise InputError(f"{path}: not a readable UTF-8 FASTA file: {error}") from error
    if header is None:
        raise InputError(f"{path}: holds no FASTA record")
    yield Record(line, header, "".join(parts))


def lines_within(path: Path | str, places: Mapping[int, int]) -> dict[int, int]:
    """Return on which line of a FASTA file the character at a place of a record's text stands, by
    the line of the record's header; places: {line: place}."""
    found: dict[int, int] = {}
    record, length = 0, 0
    with open_text(path) as file:
        for number, text in enumerate(file, start=1):
            if number in places:
                record, length = number, 0
            elif record and record not in found:
                length += len(text.strip(BLANKS))
                if length > places[record]:
                    found[record] = number
    return found


def flip_fields(header: str) -> dict[str, str]:
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


def first_word(text: str) -> str:
    """Return the text up to its first blank."""
    return next(iter(text.split()), "")


def labelled_records(path: Path | str, column: str) -> Iterator[LabelledRecord]:
    """Yield the LabelledRecords of a FASTA file; the text of a record goes into `column`."""
    for line, header, text in fasta_records(path):
        try:
            fields = flip_fields(header)
        except InputError as error:
            raise InputError(f"{path}: line {line}: {error}") from error
        yield LabelledRecord(line, {**fields, column: text, f"{column}_line": line})


def lacks_set(record: LabelledRecord) -> bool:
    """Tell whether a record says `SET=` and nothing else about its subset."""
    return is_missing(record.columns.get("set", "none"))


def check_fields(
    records: Sequence[LabelledRecord], path: Path | str, required: Iterable[str]
) -> None:
    """Raise InputError that names the headers which lack a required field; one without a set lacks
    nothing."""
    keys = {name: key for key, name in FLIP_KEYS.items()}
    faults = Faults(path)
    for name in required:
        lacking = [r for r in records if name not in r.columns and not lacks_set(r)]
        if lacking:
            lines, ids = [r.line for r in lacking], [r.columns["id"] for r in lacking]
            problem = f"header lacks {keys.get(name, name)}="
            faults.collect(refuse, path, problem, lines, ids, "add it")
    faults.report()


def table_of_records(
    records: Iterable[LabelledRecord], path: Path | str, required: Iterable[str]
) -> pd.DataFrame:
    """Return the table of the records, one row per record.

    Raises InputError that names the records which lack a required field.
    """
    records = list(records)
    check_fields(records, path, required)
    table = pd.DataFrame([record.columns for record in records])
    table = table.fillna(dict.fromkeys(FLIP_KEYS.values(), ""), axis=0)
    return table.assign(line=[record.line for record in records])


def read_flip_fasta(path: Path | str, required: Iterable[str] = REQUIRED) -> pd.DataFrame:
    """Read a FASTA whose headers hold TARGET=, SET= and, if wanted, VALIDATION= (FLIP's)."""
    return table_of_records(labelled_records(path, "sequence"), path, required)


def records_by_id(path: Path | str) -> dict[str, Record]:
    """Return {first word of the header: Record} of a FASTA.

    Raises InputError for a word that stands twice.
    """
    records: dict[str, Record] = {}
    for record in fasta_records(path):
        name = first_word(record.header)
        if name in records:
            raise InputError(
                f"{path}: line {record.line}: {brief(name)} stands twice; make the ids unique"
            )
        records[name] = record
    return records


def with_unique_ids(records: Iterable[LabelledRecord], path: Path | str) -> list[LabelledRecord]:
    """Return the records with ids that stand once: the second record of `P1` becomes `P1 (2)`, as
    FLIP's bind lists some proteins twice.

    Raises InputError where two records of one id have different labels.
    """
    seen: dict[str, tuple[str, int]] = {}
    unique = []
    for line, columns in records:
        name, labels = columns["id"], columns["target"]
        first_labels, count = seen.get(name, (labels, 0))
        if labels != first_labels:
            raise InputError(
                f"{path}: line {line}: {brief(name)} stands twice, with different labels; "
                "make the ids unique, or take one of the records out"
            )
        seen[name] = labels, count + 1
        new_name = f"{name} ({count + 1})" if count else name
        unique.append(LabelledRecord(line, columns | {"id": new_name}))
    return unique


def with_texts(
    records: Iterable[LabelledRecord], column: str, source: Path | str, labels: Path | str
) -> list[LabelledRecord]:
    """Return the records of the file `labels` with the texts of the records of the same ids in the
    FASTA `source`, and their lines. Raises InputError for an id that `source` does not have."""
    found, filled = records_by_id(source), []
    for line, columns in records:
        name = columns["id"]
        if name not in found:
            raise InputError(
                f"{source}: has no record {brief(name)}, which {labels}, line {line}, labels; "
                "add it, or take the labels out"
            )
        added = {column: found[name].text, f"{column}_line": found[name].line}
        filled.append(LabelledRecord(line, columns | added))
    return filled


def read_residue_fasta(
    path: Path | str,
    sequences: Path | str,
    mask: Path | str | None = None,
    required: Iterable[str] = REQUIRED,
) -> pd.DataFrame:
    """Read labels, one character per residue, with headers `id SET= VALIDATION=`; `sequences` and
    `mask` are FASTA files with the same ids, the first words of headers (FLIP's residue tasks).

    A sequence without labels is left out. Raises InputError for labels without a sequence or mask.
    """
    records = [
        LabelledRecord(line, columns | {"id": first_word(columns["id"])})
        for line, columns in labelled_records(path, "target")
    ]
    unset = [record for record in records if lacks_set(record)]
    records = [record for record in records if not lacks_set(record)]
    records = with_texts(records, "sequence", sequences, path)
    if mask is not None:
        records = with_texts(records, "mask", mask, path)
    # What else these hold is not judged: it is `missing_split` that decides on them.
    texts = dict.fromkeys(["sequence"] if mask is None else ["sequence", "mask"], "")
    unset = [
        LabelledRecord(line, columns | texts | {"sequence_line": line}) for line, columns in unset
    ]
    return table_of_records(sorted([*with_unique_ids(records, path), *unset]), path, required)
