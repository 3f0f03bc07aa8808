"""What stands in sequences: residues, blanks that are taken out, and anything else, refused."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from plmbench.core.alphabet import BLANK, MASK, NO_RESIDUE, RESIDUES
from plmbench.core.logs import log
from plmbench.data.fasta import Record, fasta_records, lines_within
from plmbench.data.text_files import SHOWN, refuse

LINE_END = re.compile("\r\n?|\n")
UNKNOWN = "write X where a residue is unknown, and the sequence where a workbook has #N/A or ####"
REMEDIES = {  # by the first character that is wrong
    **dict.fromkeys("0123456789", "take the numbers out"),
    ">": "give each sequence a row of its own, without a FASTA header",
    ";": "take comments out",
    MASK: UNKNOWN,
    "?": UNKNOWN,
}
REMEDY = "take out what is no letter, and write in ASCII what is one"
PEPTIDE = 10  # letters: where sequences are longer than this, NA and THRSER are no peptides
NAMES = "ALA|ARG|ASN|ASP|CYS|GLN|GLU|GLY|HIS|ILE|LEU|LYS|MET|PHE|PRO|SER|THR|TRP|TYR|VAL"
WORDS = (  # a whole sequence of letters that is none: what it is, and what would be right
    (
        re.compile("(?i)na|nan|null|none|true|false"),
        "sequence is a word that a program writes for a missing value",
        "give the sequences, or leave these rows out",
    ),
    (
        re.compile(f"(?i)({NAMES}){{3,}}"),
        "sequence is in codes of three letters",
        "write each residue as one letter",
    ),
)


def named(character: str) -> str:
    """Return a character for a message, with its name where it could be mistaken or not be seen."""
    if character.isascii() and character.isprintable():
        return character
    return f"{character}, {unicodedata.name(character, f'U+{ord(character):04X}')}"


def refuse_odd(
    path: Path | str, texts: Iterable[str], lines: Iterable[int], *, fasta: bool
) -> None:
    """Raise the InputError that names the characters of texts [row] which are no residues, where
    there are any, each with the line on which it stands.

    lines: where each row starts [row]; fasta: that is the header of a record.
    """
    found = [(line, text, NO_RESIDUE.search(text)) for line, text in zip(lines, texts, strict=True)]
    odd = [(line, text, match.start()) for line, text, match in found if match]
    if not odd:
        return
    shown = odd[:SHOWN]
    exact = {line: line + len(LINE_END.findall(text[:place])) for line, text, place in shown}
    if fasta:
        exact = lines_within(path, {line: place for line, _, place in shown})
    at = [exact.get(line, line) for line, _, _ in odd]
    characters = [text[place] for _, text, place in odd]
    remedy = REMEDIES.get(characters[0], REMEDY)
    problem = f"the sequence holds what is no residue ({RESIDUES} are)"
    refuse(path, problem, at, [named(character) for character in characters], remedy)


def refuse_words(path: Path | str, texts: Iterable[str], lines: Iterable[int]) -> None:
    """Raise the InputError that names texts [row] which are words and no sequences, where there are
    any; lines: where each row starts [row]."""
    rows = [(line, unspaced(text)) for line, text in zip(lines, texts, strict=True)]
    if all(len(text) <= PEPTIDE for _, text in rows):
        return
    for word, problem, remedy in WORDS:
        if found := [(line, text) for line, text in rows if word.fullmatch(text)]:
            at, words = [line for line, _ in found], [text for _, text in found]
            refuse(path, problem, at, words, remedy)


def unspaced(text: str) -> str:
    """Return a text without its blanks."""
    return BLANK.sub("", text)


def spaced_alike(text: str, sequence: str) -> bool:
    """Tell whether blanks stand in a text where they stand in a sequence, and nowhere else."""
    first, second = ([m.start() for m in BLANK.finditer(row)] for row in (text, sequence))
    return len(text) == len(sequence) and first == second


def without_blanks(table: pd.DataFrame, aligned: Iterable[str] = ()) -> pd.DataFrame:
    """Return a table of text whose sequences hold no blanks, and how many there were [row] as
    `blanks`.

    aligned: columns of one character per residue. Where they have the same blanks as the sequence
    they lose them too; else they stay, and their length is judged.
    """
    sequences = table["sequence"]
    clean = {
        "blanks": sequences.str.count(BLANK),
        "sequence": sequences.str.replace(BLANK, "", regex=True),
    }
    for column in aligned:
        pairs = zip(table[column], sequences, strict=True)
        aligned_texts = [unspaced(t) if spaced_alike(t, row) else t for t, row in pairs]
        clean[column] = pd.Series(aligned_texts, table.index, str)
    return table.assign(**clean)


def sequence_records(path: Path | str) -> list[Record]:
    """Return the records of a FASTA file of proteins, without blanks in their sequences.

    Raises InputError that names file and line of what is no residue.
    """
    records = list(fasta_records(path))
    texts, lines = [record.text for record in records], [record.line for record in records]
    refuse_odd(path, texts, lines, fasta=True)
    refuse_words(path, texts, lines)
    if blanks := sum(len(BLANK.findall(text)) for text in texts):
        log.warning("%s: %d blank(s) within sequences were taken out", path, blanks)
    return [record._replace(text=unspaced(record.text)) for record in records]
