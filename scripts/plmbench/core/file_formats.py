"""What a file is by its first bytes, where it is not the text that it should be."""

import re
from collections.abc import Collection
from typing import NamedTuple

HEAD = 4096  # bytes that tell
# Formats that are right in one place and foreign in another.
TABLE, FASTA, JSON = "a table", "FASTA", "JSON"
GZIP, ZIP = "zipped (gzip)", "a zip archive"
LEGACY, HDF5 = "a pickle of Python", "an HDF5 file"
# What stands where a file should, and is never the file.
LFS, HTML, XML, ZEROS = "a Git LFS pointer", "an HTML page", "XML", "filled with zeros"
STAND_INS = (LFS, HTML, XML, ZEROS)


class Format(NamedTuple):
    """A format that people hand over in place of another one."""

    name: str
    start: str  # a pattern of the first bytes
    remedy: str


UNPACK = "unpack it, and give the file that is in it"
EXPORT = "save the table as CSV in UTF-8, and give that"
CONVERT = "convert it to FASTA, or to a table"
UTF8 = "save it as UTF-8"
FETCH = "fetch the file again: a server sent a page in its place"
REFUSAL = "if a server sent it in place of the file, fetch that again; else save the table as CSV"
TEXT = r"(?i:(?:\xef\xbb\xbf)?\s*"  # what may stand before text
# The first that matches says what a file is: UTF-32's mark begins like that of UTF-16.
FORMATS = (
    Format(GZIP, r"\x1f\x8b", "unpack it once more: it was gzipped twice"),
    Format(ZIP, r"PK(?:\x03\x04|\x05\x06|\x07\x08)", UNPACK),
    Format("packed by bzip2", r"BZh[1-9]", UNPACK),
    Format("packed by xz", r"\xfd7zXZ\0", UNPACK),
    Format("packed by zstd", r"\x28\xb5\x2f\xfd", UNPACK),
    Format("packed by lz4", r"\x04\x22\x4d\x18", UNPACK),
    Format("packed by compress", r"\x1f\x9d", UNPACK),
    Format("a 7z archive", r"7z\xbc\xaf\x27\x1c", UNPACK),
    Format("a RAR archive", r"Rar!\x1a\x07", UNPACK),
    Format("a tar archive", r".{257}ustar", UNPACK),
    Format("an old Excel workbook (.xls)", r"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", EXPORT),
    Format("a Parquet file", r"PAR1", EXPORT),
    Format("an Arrow or Feather file", r"ARROW1|FEA1", EXPORT),
    Format(HDF5, r"\x89HDF\r\n\x1a\n", EXPORT),
    Format("a NumPy array", r"\x93NUMPY", EXPORT),
    Format(LEGACY, r"\x80[\x02-\x05]", EXPORT),
    Format("an SQLite database", r"SQLite format 3\0", EXPORT),
    Format("an R data file", r"RD[AX][23]\n|X\n\0\0\0", EXPORT),
    Format("a PDF", r"%PDF-", EXPORT),
    Format(
        "text in UTF-32", r"\xff\xfe\0\0|\0\0\xfe\xff|(?:[^\0]\0{3}){2}|(?:\0{3}[^\0]){2}", UTF8
    ),
    Format("text in UTF-16", r"\xff\xfe|\xfe\xff|(?:[^\0]\0){4}|(?:\0[^\0]){4}", UTF8),
    Format(ZEROS, r"\0{8}", "restore it: the copy broke off"),
    Format(
        LFS,
        TEXT + r"version https://git-lfs)",
        "run `git lfs pull` where it comes from: the file itself is not here",
    ),
    Format(HTML, TEXT + r"(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body))", FETCH),
    Format(XML, TEXT + r"<[?!a-z])", REFUSAL),
    Format("RTF", TEXT + r"\{\\rtf)", EXPORT),
    Format(JSON, TEXT + r"(?:\{\s*[\"}]|\[\s*[\"{\[\]]))", EXPORT),
    Format("a FASTQ file", TEXT + r"@[^\r\n]+\s+[a-z*.-]+\s+\+)", CONVERT),
    Format("an alignment (Stockholm)", TEXT + r"# ?STOCKHOLM )", CONVERT),
    Format("an alignment (CLUSTAL)", TEXT + r"CLUSTAL[ (])", CONVERT),
    Format("a GenBank file", TEXT + r"LOCUS {5})", CONVERT),
    Format("a PDB file", TEXT + r"HEADER {4}|ATOM {6})", CONVERT),
    Format(
        FASTA,
        TEXT + r">)",
        "set the data set's format to flip_fasta (TARGET=, SET= in its headers) or residue_fasta",
    ),
    Format(
        TABLE,
        TEXT + r"[^\s>;#@][^\r\n]*[,;\t|])",
        "give a FASTA file, or set the data set's format to csv where the table is the data set",
    ),
)
STARTS = [(re.compile(form.start.encode("latin-1"), re.DOTALL), form) for form in FORMATS]
# Of what a zip archive is, where it holds a file with such a name.
ZIPPED = (
    (r"xl/.*", "an Excel workbook (.xlsx)", EXPORT),
    (r"content\.xml", "an OpenDocument file", EXPORT),
    (r"word/.*", "a Word document", EXPORT),
    (r".*\.npy", "a NumPy archive (.npz)", EXPORT),
    (r"(?:.*/)?data\.pkl", "a checkpoint of torch", "give a file of text"),
)


def format_of(head: bytes, own: Collection[str] = ()) -> Format | None:
    """Return the Format that the first bytes of a file show; None where they show none, or one of
    the names in `own`."""
    found = next((form for start, form in STARTS if start.match(head)), None)
    return None if found is None or found.name in own else found


def zipped_format(names: Collection[str]) -> Format | None:
    """Return the Format of a zip archive that holds files of these names, where they show one."""
    for pattern, name, remedy in ZIPPED:
        if any(re.fullmatch(pattern, file) for file in names):
            return Format(name, "", remedy)
    return None
