"""What is exported to share, and what two exports differ in."""

import json
import random
import zipfile
import zlib
from contextlib import suppress

import pytest

from helpers.configurations import CONFIG, study
from plmbench.command.citations import ENTRY, bibliography, licence_warnings, parts_of
from plmbench.command.comparison import compared
from plmbench.command.sharing import SUMS, export
from plmbench.core.errors import InputError

ROOT = CONFIG.parent
ROWS = ("a\tb\tbig\t0.5\tbenefits\n", "a\tb\tsmall\tNaN\tunclear\n")
VERDICTS = "".join(["dataset\tsplit\tmodel\tvalue\tverdict\n", *ROWS])
KEYS = set(ENTRY.findall((ROOT / "resources" / "citations.bib").read_text(encoding="utf-8")))


@pytest.fixture
def exported(tmp_path):
    """Return a function that exports made-up results with this table of verdicts."""

    def make(name, verdicts=VERDICTS):
        results = tmp_path / name
        for folder in ("tables", "predictions/a", "figures", "embeddings"):
            (results / folder).mkdir(parents=True)
        (results / "study.html").write_text("<html>")
        (results / "tables" / "verdicts.tsv").write_text(verdicts)
        (results / "predictions" / "a" / "x.h5").write_bytes(b"\x89HDF")
        (results / "embeddings" / "big.h5").write_bytes(b"\x89HDF")
        export(results, tmp_path / f"{name}.zip", study(), ROOT)
        return tmp_path / f"{name}.zip"

    return make


def test_an_export_holds_what_others_need_and_no_embedding(exported):
    with zipfile.ZipFile(exported("one")) as archive:
        names = set(archive.namelist())
        crate = json.loads(archive.read("ro-crate-metadata.json"))
    needed = {"study.html", "study.yaml", "citations.bib", "requirements.lock", SUMS}
    assert needed | {"tables/verdicts.tsv", "predictions/a/x.h5"} <= names
    assert not any(name.startswith("embeddings") for name in names)
    described = {entity["@id"] for entity in crate["@graph"]}
    assert needed <= described


def test_an_export_never_replaces_a_file(exported, tmp_path):
    (tmp_path / "one.zip").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        exported("one")
    assert (tmp_path / "one.zip").read_text() == "mine"


@pytest.mark.parametrize(("to", "words"), [("x.tar", "let it end in .zip")])
def test_another_kind_of_archive_is_refused(tmp_path, to, words):
    with pytest.raises(InputError, match=words):
        export(tmp_path, tmp_path / to, study(), ROOT)


def test_results_of_no_whole_run_are_refused(tmp_path):
    with pytest.raises(InputError, match="whole run"):
        export(tmp_path, tmp_path / "x.zip", study(), ROOT)
    assert list(tmp_path.iterdir()) == []


def test_results_without_their_page_are_of_a_run_that_did_not_end(tmp_path):
    (tmp_path / "results/tables").mkdir(parents=True)
    (tmp_path / "results/tables/verdicts.tsv").write_text("dataset\n")
    with pytest.raises(InputError, match="so its run did not end"):
        export(tmp_path, tmp_path / "x.zip", study(), ROOT)
    assert not (tmp_path / "x.zip").exists()


def test_equal_studies_differ_in_nothing(exported):
    assert list(compared(exported("one"), exported("two"))) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.5", "0.75", ["value differs in 1 of 2 rows, by at most 0.25", "0.5 and 0.75", "big"]),
        ("benefits", "worse", ["verdict differs in 1 of 2 rows: benefits and worse"]),
        ("NaN", "0.1", ["value differs in 1 of 2 rows: NaN and 0.1"]),
        ("a\tb\tsmall\tNaN\tunclear\n", "", ["1 row(s) of the first are not in the second"]),
        ("\tverdict\n", "\twords\n", ["column verdict is in one", "column words is in one"]),
    ],
)
def test_what_differs_is_named_with_its_place(exported, old, new, words):
    found = "\n".join(compared(exported("one"), exported("two", VERDICTS.replace(old, new))))
    for word in words:
        assert word in found


def test_the_order_of_rows_is_no_difference(exported):
    header, *rows = VERDICTS.splitlines(keepends=True)
    assert list(compared(exported("one"), exported("two", "".join([header, *rows[::-1]])))) == []


def spoiled(path, change):
    """Rewrite an archive with {name: content} changed, None: left out."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (content | change).items():
            if data is not None:
                archive.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tables/verdicts.tsv": b"other"}, "verdicts.tsv is not the file that was exported"),
        ({"study.html": None}, "study.html is missing"),
        ({SUMS: None}, "none of `plmbench export`"),
    ],
)
def test_an_archive_that_was_changed_is_refused(exported, change, words):
    first, second = exported("one"), exported("two")
    spoiled(second, change)
    with pytest.raises(InputError, match=words):
        list(compared(first, second))


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_archive_is_refused_in_a_sentence_or_read(exported, seed, tmp_path):
    draw, content = random.Random(seed), bytearray(exported("one").read_bytes())
    for _ in range(3):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    cut = len(content) if seed % 3 else draw.randrange(len(content))
    (tmp_path / "two.zip").write_bytes(content[:cut])
    with suppress(InputError):  # and nothing else; a bit of a date is none of the content
        list(compared(tmp_path / "two.zip", tmp_path / "two.zip"))


@pytest.mark.parametrize("raised", [zlib.error("bits"), NotImplementedError("6.6"), EOFError()])
def test_what_unpacking_raises_is_no_traceback(exported, raised, monkeypatch):
    def fail(*arguments):
        raise raised

    archive = exported("one")
    monkeypatch.setattr(zipfile.ZipFile, "read", fail)
    with pytest.raises(InputError, match="no whole archive of `plmbench export`"):
        list(compared(archive, archive))


def test_a_file_that_is_no_archive_is_refused(exported, tmp_path):
    (tmp_path / "no.zip").write_text("no")
    with pytest.raises(InputError, match="no whole archive"):
        list(compared(exported("one"), tmp_path / "no.zip"))


@pytest.mark.parametrize("name", ["config", "paper", "positive_control"])
def test_all_that_is_to_be_cited_has_an_entry(name):
    assert "% no entry" not in bibliography(study(name=name), ROOT)


def test_every_key_of_the_catalogues_has_an_entry():
    made = study()
    entries = [*made.datasets.values(), *made.models.values()]
    keys = {key for entry in entries for key in entry.get("about", {}).get("cite", ())}
    keys |= {key for family in made.families.values() for key in family.cite}
    assert keys <= KEYS


def test_a_study_cites_what_it_uses_and_nothing_else():
    names = {"tasks": ["gb1_small"], "models": ["onehot", "mini_carp_100k"], "checkpoints": []}
    text = bibliography(study(**names), ROOT)
    assert all(key in text for key in ("li2024", "dallago2021", "wu2016", "yang2024"))
    assert "lin2023" not in text


def test_licences_that_forbid_or_say_nothing_are_named():
    changed = study(models=["onehot", "ankh_base", "mini_carp_100k"], checkpoints=[])
    named = {part.name for part in parts_of(changed)}
    assert "model ankh_base" in named
    warnings = "\n".join(licence_warnings(changed))
    assert "model ankh_base: CC BY-NC-SA 4.0, non-commercial" in warnings
    assert "onehot" not in warnings
