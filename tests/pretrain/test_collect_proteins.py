"""The collector of proteins to pretrain on, on proteins made up for it."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.planting import made_up, mutant
from plmbench.data.fasta import fasta_records
from plmbench.pretrain.collection import proteins_in
from plmbench.pretrain.proteins import Protein, held_out_of, sha256_of_sequence, unique
from plmbench.pretrain.similarity import sharing

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/collect_proteins.py"
FILES = ("proteins.fasta.gz", "held_out.fasta.gz")
needs_mmseqs = pytest.mark.skipif(
    shutil.which("mmseqs") is None, reason="mmseqs is not on the PATH"
)


def test_reading_train_leaves_validation_and_test_out(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("id,sequence,set,validation\na,MK,train,\nb,ML,train,True\nc,MV,test,\n")
    assert proteins_in("mine", path, "csv", ["train"]) == [Protein("mine", "a", "MK")]
    both = proteins_in("mine", path, "csv", ["validation", "test"])
    assert [protein.name for protein in both] == ["b", "c"]


def test_a_table_without_subsets_or_ids_is_read_whole(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("sequence,ss3\nMK,HH\nML,HH\n")
    names = [(protein.name, protein.sequence) for protein in proteins_in("mine", path, "csv")]
    assert names == [("line-2", "MK"), ("line-3", "ML")]


def test_of_copies_the_first_source_counts_in_any_order_of_the_rest():
    first, copy = Protein("a", "1", "MKV"), Protein("b", "2", "MKV")
    others = [Protein("b", str(seed), made_up(40, seed)) for seed in range(5)]
    assert first in unique([first, *others, copy])
    assert unique([first, *others, copy]) == unique([first, copy, *reversed(others)])


def test_held_out_proteins_do_not_depend_on_the_order_and_have_50_to_512_residues():
    sizes = [49, 50, 200, 512, 513] * 4
    proteins = [Protein("a", str(seed), made_up(length, seed)) for seed, length in enumerate(sizes)]
    held_out = held_out_of(proteins, 6)
    assert held_out == held_out_of(proteins[::-1], 6)
    assert len(held_out) == 6
    assert {len(protein.sequence) for protein in held_out} <= {50, 200, 512}


def test_sharing_finds_copies_parts_and_wholes_but_not_19_residues():
    test = made_up(60, 0)
    proteins = [
        test,
        test[10:40],
        made_up(30, 1) + test + made_up(30, 2),
        test[:19] + made_up(30, 3),
    ]
    assert sharing(proteins, [test]) == {0, 1, 2}


def catalogue_of(folder, proteins, tests):
    """Write two FASTA files and a catalogue of them, and return the catalogue's path."""
    for name, sequences in {"proteins": proteins, "tests": tests}.items():
        records = (f">{name}{place} some words\n{text}\n" for place, text in enumerate(sequences))
        (folder / f"{name}.fasta").write_text("".join(records))
    text = (
        f'sources: {{mine: {{licence: CC0, path: "{{examples}}/proteins.fasta"}}}}\n'
        f"tests: {{other: {{path: {folder / 'tests.fasta'}}}}}\n"
    )
    (folder / "sources.yaml").write_text(text)
    return folder / "sources.yaml"


def collected(catalogue, into, held_out=1):
    """Run the collector as a person would, and return what it ended with."""
    words = ["--sources", catalogue, "--examples", catalogue.parent, "--into", into]
    words += ["--held-out", held_out]
    command = [sys.executable, SCRIPT, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def names_in(path):
    return {header for _, header, _ in fasta_records(path)}


@needs_mmseqs
@pytest.mark.slow
def test_the_collector_keeps_only_what_resembles_no_test_and_does_so_twice_alike(tmp_path):
    test, other = made_up(300, 0), made_up(300, 1)
    proteins = [
        test,  # 0: a copy
        mutant(test, 0.6),  # 1
        made_up(200, 2) + test[100:140],  # 2: a fragment in an unrelated protein
        other,  # 3: unrelated
        mutant(other, 0.95),  # 4: a near-copy of 3
        other,  # 5: a copy of 3
        made_up(29, 3),  # 6: too short
        made_up(2001, 4),  # 7: too long
        made_up(100, 5) + "X",  # 8: a residue beyond the twenty
        *(made_up(600, seed) for seed in range(6, 10)),  # 9 to 12: unrelated, not to be held out
    ]
    catalogue = catalogue_of(tmp_path, proteins, [test])
    runs = [collected(catalogue, tmp_path / name) for name in ("first", "second")]
    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr
    held_out = names_in(tmp_path / "first/held_out.fasta.gz")
    assert len(held_out) == 1
    assert held_out < {"mine|proteins3", "mine|proteins4"}
    rest = {f"mine|proteins{place}" for place in range(9, 13)}
    assert names_in(tmp_path / "first/proteins.fasta.gz") == rest
    for name in FILES:
        first, second = (tmp_path / run / name for run in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
    assert "| one of each cluster at 90 % | 8 | 8 |" in runs[0].stdout


@needs_mmseqs
@pytest.mark.slow
def test_no_relative_of_a_held_out_protein_is_left_for_training(tmp_path):
    pairs = [(made_up(300, seed), mutant(made_up(300, seed), 0.7)) for seed in range(1, 4)]
    catalogue = catalogue_of(tmp_path, [text for pair in pairs for text in pair], [made_up(90, 0)])
    assert collected(catalogue, tmp_path / "out").returncode == 0
    (held_out,) = names_in(tmp_path / "out/held_out.fasta.gz")
    place = int(held_out.removeprefix("mine|proteins"))
    relatives = {f"mine|proteins{place}", f"mine|proteins{place ^ 1}"}
    left = {f"mine|proteins{number}" for number in range(6)} - relatives
    assert names_in(tmp_path / "out/proteins.fasta.gz") == left


def test_a_source_whose_text_has_changed_is_refused(tmp_path):
    catalogue = catalogue_of(tmp_path, [made_up(60, 0)], [made_up(60, 1)])
    found = sha256_of_sequence((tmp_path / "proteins.fasta").read_text())
    given = 'sha256: {{"{{examples}}/proteins.fasta": {}}}\n'.format
    catalogue.write_text(catalogue.read_text() + given("f" * 64))
    done = collected(catalogue, tmp_path / "out")
    assert done.returncode == 1
    assert f"the sha256 of its text is {found}; the catalogue says {'f' * 64}" in done.stderr
    assert not (tmp_path / "out").exists()


def test_text_of_the_sha256_given_is_taken_however_compressed_and_must_leave_a_protein(tmp_path):
    catalogue = catalogue_of(tmp_path, ["MKX"], [made_up(60, 1)])
    text = (tmp_path / "proteins.fasta").read_bytes()
    (tmp_path / "proteins.fasta").write_bytes(gzip.compress(text, 1))
    digests = f'sha256: {{"{{examples}}/proteins.fasta": {sha256_of_sequence(text.decode())}}}\n'
    catalogue.write_text(catalogue.read_text() + digests)
    done = collected(catalogue, tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no protein is left for training")
    assert not (tmp_path / "out").exists()
