"""Files of another format than the one asked for: named wherever a user's file is opened."""

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from plmbench.core.errors import InputError
from plmbench.data.mutations import read_sites
from plmbench.data.splits import read_split
from plmbench.pretrain.corpus import read_proteins
from plmbench.study.yaml_files import read_yaml

TABLE = "id,sequence,target,set\nv1,MKV,1.5,train\nv2,MKÀ,2,test\n"
FASTA = ">v1 TARGET=1.5 SET=train\nMKV\n>v2 TARGET=2 SET=test\nMKA\n"


def zipped(**files):
    """Return a zip archive of {name: content}."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


def tarred():
    """Return a tar archive of a table."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        info = tarfile.TarInfo("mine.csv")
        info.size = len(TABLE.encode())
        archive.addfile(info, io.BytesIO(TABLE.encode()))
    return content.getvalue()


def saved(array):
    """Return a NumPy array as its file."""
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


EXPORT = "save the table as CSV in UTF-8, and give that"
UNPACK = "unpack it, and give the file that is in it"
UTF8 = "save it as UTF-8"
FETCH = "fetch the file again"
# What a file is: (its bytes, its name in the message, the remedy)
FOREIGN = {
    "gzip twice": (gzip.compress(gzip.compress(TABLE.encode())), "zipped (gzip)", "gzipped twice"),
    "zip": (zipped(**{"mine.csv": TABLE}), "a zip archive of 'mine.csv'", "under download: {path"),
    "zip of two": (zipped(a="", b=""), "a zip archive of 'a', 'b'", UNPACK),
    "zip cut short": (zipped(a="")[:40], "a zip archive", UNPACK),
    "xlsx": (zipped(docProps__app="", **{"xl/workbook.xml": ""}), "an Excel workbook", EXPORT),
    "ods": (zipped(mimetype="", **{"content.xml": ""}), "an OpenDocument file", EXPORT),
    "npz": (zipped(**{"a.npy": ""}), "a NumPy archive", EXPORT),
    "pt": (zipped(**{"archive/data.pkl": ""}), "a checkpoint of torch", "file of text"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Excel workbook", EXPORT),
    "bz2": (bz2.compress(TABLE.encode()), "packed by bzip2", UNPACK),
    "xz": (lzma.compress(TABLE.encode()), "packed by xz", UNPACK),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(9), "packed by zstd", UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a 7z archive", UNPACK),
    "rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive", UNPACK),
    "tar": (tarred(), "a tar archive", UNPACK),
    "tar.gz": (gzip.compress(tarred()), "a tar archive", UNPACK),
    "parquet": (b"PAR1\x15\x04\x15", "a Parquet file", EXPORT),
    "feather": (b"ARROW1\0\0\xff\xff", "an Arrow or Feather file", EXPORT),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(9), "an HDF5 file", EXPORT),
    "npy": (saved(np.arange(3)), "a NumPy array", EXPORT),
    "pickle": (pickle.dumps({"a": 1}), "a pickle of Python", EXPORT),
    "sqlite": (b"SQLite format 3\0" + bytes(9), "an SQLite database", EXPORT),
    "rds": (gzip.compress(b"X\n\0\0\0\x03\0\x04"), "an R data file", EXPORT),
    "pdf": (b"%PDF-1.7\n", "a PDF", EXPORT),
    "UTF-16": (TABLE.encode("utf-16"), "text in UTF-16", UTF8),
    "UTF-16 big end first": (b"\xfe\xff" + TABLE.encode("utf-16-be"), "text in UTF-16", UTF8),
    "UTF-16 without mark": (TABLE.encode("utf-16-le"), "text in UTF-16", UTF8),
    "UTF-16 big, without": (TABLE.encode("utf-16-be"), "text in UTF-16", UTF8),
    "UTF-16 gzipped": (gzip.compress(TABLE.encode("utf-16")), "text in UTF-16", UTF8),
    "UTF-32": (TABLE.encode("utf-32"), "text in UTF-32", UTF8),
    "UTF-32 without mark": (TABLE.encode("utf-32-be"), "text in UTF-32", UTF8),
    "zeros": (bytes(100), "filled with zeros", "restore it"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS", "lfs pull"),
    "HTML": (b"<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page", FETCH),
    "HTML after blanks": (b"\xef\xbb\xbf\n <HTML lang='en'>", "an HTML page", FETCH),
    "HTML after a comment": (b"<!-- x\ny -->\n<html>", "an HTML page", FETCH),
    "XML": (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "XML", "fetch that again"),
}
TEXT = {
    "JSON of an object": (b'{"message": "Not Found"}', "JSON", EXPORT),
    "JSON of rows": (b'[\n  {"id": "v1", "sequence": "MKV"}]', "JSON", EXPORT),
    "FASTQ": (b"@v1\nMKV\n+\nIII\n", "a FASTQ file", "convert it to FASTA"),
    "Stockholm": (b"# STOCKHOLM 1.0\nv1 MKV\n//\n", "an alignment (Stockholm)", "convert it"),
    "CLUSTAL": (b"CLUSTAL W (1.83)\n\nv1 MKV\n", "an alignment (CLUSTAL)", "convert it"),
    "GenBank": (b"LOCUS       SCU49845  5028 bp", "a GenBank file", "convert it"),
    "PDB": (b"HEADER    TRANSFERASE   06-JUN-02   1LVM\n", "a PDB file", "convert it"),
    "RTF": (b"{\\rtf1\\ansi", "RTF", EXPORT),
}
LATIN1 = TABLE.encode("latin-1"), "line 3 is not UTF-8 (byte 0xc0, which is 'À'", "save the file as"
OPENED = {
    "csv": read_split,
    "netsurfp_csv": lambda path: read_split(
        path, task_type="residue_classification", format="netsurfp_csv"
    ),
    "flip_fasta": lambda path: read_split(path, format="flip_fasta"),
    "residue_fasta": lambda path: read_split(
        path, task_type="residue_classification", format="residue_fasta", sequences=path
    ),
    "test": lambda path: read_split(good(path), test={"path": path}),
    "wild type": lambda path: read_sites(path, pd.DataFrame({"sequence": ["MKV"]})),
    "recipe": read_proteins,
    "yaml": read_yaml,
}


def good(path):
    """Return the path of a sound table beside another file."""
    sound = path.with_name("good.csv")
    sound.write_text(TABLE.replace("À", "A"))
    return sound


def check(tmp_path, opened, case):
    """Check that a file is refused by its name, what it is, and what to do, in few words."""
    content, name, remedy = case
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        OPENED[opened](path)
    text = str(caught.value)
    assert str(path) in text
    assert name in text
    assert remedy in text
    assert text.count("\n") < 4
    assert len(text) < 500 + 2 * len(str(path))


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("form", FOREIGN)
def test_a_foreign_format_is_named_wherever_a_file_is_opened(form, opened, tmp_path):
    content, name, remedy = FOREIGN[form]
    if opened == "yaml":  # where nothing is unpacked, and no table is wanted
        name, remedy = ", not YAML; ", ""
    check(tmp_path, opened, (content, name, remedy))


@pytest.mark.parametrize("opened", [name for name in OPENED if name != "yaml"])
@pytest.mark.parametrize("form", TEXT)
def test_text_of_another_form_is_named_by_tables_and_fasta(form, opened, tmp_path):
    check(tmp_path, opened, TEXT[form])


@pytest.mark.parametrize("opened", ["csv", "test"])
def test_latin1_is_named_with_line_and_letter(opened, tmp_path):
    check(tmp_path, opened, LATIN1)


@pytest.mark.parametrize("opened", ["flip_fasta", "wild type", "recipe"])
@pytest.mark.parametrize("content", [">a\nMKV\n>\xc0\nMKA\n", ">a\nMKV\nMK\xc0\n"])
def test_latin1_fasta_is_named_with_line_and_letter(opened, content, tmp_path):
    check(tmp_path, opened, (content.encode("latin-1"), "line 3 is not UTF-8", "save the file as"))


@pytest.mark.parametrize("opened", ["csv", "netsurfp_csv", "test"])
@pytest.mark.parametrize("content", [FASTA, f"\ufeff{FASTA}", f"\r\n\n{FASTA}"])
@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_fasta_in_place_of_a_table_is_named(opened, content, packed, tmp_path):
    check(tmp_path, opened, (packed(content.encode()), "is FASTA", "format to flip_fasta"))


@pytest.mark.parametrize("opened", ["flip_fasta", "residue_fasta", "wild type", "recipe"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_in_place_of_fasta_is_named(opened, mark, tmp_path):
    content = TABLE.replace(",", mark).encode()
    check(tmp_path, opened, (content, "is a table", "give a FASTA file, or set"))


@pytest.mark.parametrize("opened", ["csv", "flip_fasta", "wild type", "recipe", "yaml"])
@pytest.mark.parametrize(("made", "reason"), [("none", "No such file"), ("folder", "directory")])
def test_what_cannot_be_opened_is_named(opened, made, reason, tmp_path):
    path = tmp_path / "mine"
    if made == "folder":
        path.mkdir()
    with pytest.raises(InputError, match=f"mine: cannot be read .*{reason}"):
        OPENED[opened](path)
