"""The proteins to pretrain on that are shipped: what they are, and what they do not resemble."""

import re
import shutil
from functools import cache
from pathlib import Path

import pytest
import yaml

from helpers.diagonals import Diagonals
from helpers.planting import made_up, mutant
from plmbench.core.alphabet import STANDARD
from plmbench.core.digests import sha256_of_file
from plmbench.data.fasta import fasta_records
from plmbench.data.readers import read_csv
from plmbench.data.splits import read_split, with_files
from plmbench.pretrain.proteins import (
    HELD_OUT_LONGEST,
    HELD_OUT_SHORTEST,
    LONGEST,
    SHORTEST,
    Protein,
    fasta_bytes,
    sha256_of_sequence,
)
from plmbench.pretrain.similarity import WORD, resembling
from plmbench.study.catalogues import Study

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources/pretraining"
STUDY = Study({"tasks": ["gb1"], "models": ["onehot"]}, ROOT / "config")
CB513 = ROOT / "resources/datasets/cb513/cb513.csv.gz"
SIZES = {  # shortest and longest protein
    "proteins.fasta.gz": (SHORTEST, LONGEST),
    "held_out.fasta.gz": (HELD_OUT_SHORTEST, HELD_OUT_LONGEST),
}
ROW = re.compile(r"^\| `(\w+\.fasta\.gz)` \| ([\d,]+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$", re.M)
OVERLAP = 40  # residues: shorter overlaps of repeats look alike by chance
needs_mmseqs = pytest.mark.skipif(
    shutil.which("mmseqs") is None, reason="mmseqs is not on the PATH"
)


@cache
def shipped(name):
    """Return the (header, sequence) pairs of a file."""
    return tuple((header, sequence) for _, header, sequence in fasta_records(FOLDER / name))


def training():
    return [sequence for _, sequence in shipped("proteins.fasta.gz")]


def rows_to_keep_away_from(dataset, split):
    """Return the sequences of validation and test of a split that is at hand."""
    source = STUDY.source(dataset, split)
    files = {name: ROOT / source[name] for name in STUDY.files(dataset, split)}
    table = read_split(**with_files(STUDY.reading(dataset, split), files))
    return set(table.loc[table["subset"].isin(["validation", "test"]), "sequence"])


@cache
def shipped_tests():
    """Return {data set: its sequences of validation and test}, for all that need no download."""
    found = {"cb513": set(read_csv(CB513, required=("sequence",))["sequence"])}
    for dataset, entry in STUDY.datasets.items():
        splits = [split for split in entry["splits"] if STUDY.at_hand(dataset, split)]
        if splits and "modality" not in entry:
            rows = (rows_to_keep_away_from(dataset, split) for split in splits)
            found[dataset] = set().union(*rows)
    return found


@cache
def without_variants():
    """Return the same sequences, sorted, but for variants of one protein only its wild type."""
    found = set()
    for dataset, sequences in shipped_tests().items():
        wild_type = STUDY.datasets.get(dataset, {}).get("wild_type")
        if wild_type:
            sequences = {record.text for record in fasta_records(ROOT / wild_type)}
        found |= sequences
    return sorted(found)


# What is shipped


@pytest.mark.parametrize("name", SIZES)
def test_the_readme_gives_number_residues_and_sha256_of_each_file(name):
    described = {row[0]: row[1:] for row in ROW.findall((FOLDER / "README.md").read_text("utf-8"))}
    residues = sum(len(sequence) for _, sequence in shipped(name))
    found = (f"{len(shipped(name)):,}", f"{residues:,}", sha256_of_file(FOLDER / name))
    assert described[name] == found


@pytest.mark.parametrize("name", SIZES)
def test_every_protein_is_of_the_twenty_amino_acids_and_of_a_length_that_the_readme_gives(name):
    shortest, longest = SIZES[name]
    for header, sequence in shipped(name):
        assert set(sequence) <= set(STANDARD), header
        assert shortest <= len(sequence) <= longest, header
    assert f"{SHORTEST} to {LONGEST:,} residues" in (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", SIZES)
def test_every_header_names_a_source_that_has_a_licence(name):
    sources = yaml.safe_load((FOLDER / "sources.yaml").read_text("utf-8"))["sources"]
    named = {header.partition("|")[0] for header, _ in shipped(name)}
    assert named == set(sources)
    assert all(source["licence"] for source in sources.values())


def test_no_protein_is_shipped_twice_and_all_stand_in_the_order_of_their_sha256():
    for name in SIZES:
        digests = [sha256_of_sequence(sequence) for _, sequence in shipped(name)]
        assert digests == sorted(set(digests))
    assert not set(training()) & {sequence for _, sequence in shipped("held_out.fasta.gz")}


@pytest.mark.parametrize("name", SIZES)
def test_a_shipped_file_is_what_the_collector_writes_of_its_proteins(name):
    proteins = [Protein(*header.split("|", 1), sequence) for header, sequence in shipped(name)]
    assert fasta_bytes(proteins) == (FOLDER / name).read_bytes()


# Apart from the tests


def with_a_common_word(proteins, sequences):
    """Return the places of proteins that have 20 residues in a row of one of the sequences: so has
    each that equals, contains or lies in one."""
    assert min(map(len, [*proteins, *sequences])) >= WORD
    there = {text[at : at + WORD] for text in sequences for at in range(len(text) - WORD + 1)}
    return [
        place
        for place, text in enumerate(proteins)
        if any(text[at : at + WORD] in there for at in range(len(text) - WORD + 1))
    ]


def test_every_shipped_task_is_one_to_keep_away_from():
    catalogue = yaml.safe_load((FOLDER / "sources.yaml").read_text("utf-8"))
    assert set(shipped_tests()) <= set(catalogue["tests"])
    assert {name for name, found in shipped_tests().items() if found} == {
        *("cb513", "gb1", "gb1_small", "gb1_medium", "avgfp", "tem1"),
        *("localisation_small", "localisation_short", "localisation_medium"),
        *("secondary_structure_small", "secondary_structure_medium"),
        "secondary_structure_reference",
    }


@pytest.mark.parametrize("name", SIZES)
def test_no_protein_has_20_residues_in_a_row_in_common_with_a_shipped_test(name):
    sequences = set().union(*shipped_tests().values())
    assert with_a_common_word([sequence for _, sequence in shipped(name)], sequences) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SIZES)
def test_no_protein_is_over_half_identical_to_a_shipped_test_without_gaps(name):
    proteins = Diagonals([sequence for _, sequence in shipped(name)])
    over = {
        shipped(name)[place][0]: identity
        for sequence in without_variants()
        for place, identity in proteins.identities(sequence, OVERLAP)
        if identity > 0.5
    }
    assert over == {}


@pytest.mark.slow
def test_no_protein_for_training_is_over_half_identical_to_a_held_out_one_without_gaps():
    held_out = [sequence for _, sequence in shipped("held_out.fasta.gz")]
    proteins = Diagonals(training())
    pairs = (pair for text in held_out for pair in proteins.identities(text, OVERLAP))
    assert [pair for pair in pairs if pair[1] > 0.5] == []
    assert with_a_common_word(training(), held_out) == []


def test_both_checks_would_find_a_planted_relative():
    test = next(sequence for sequence in without_variants() if len(sequence) == 250)
    relatives = [mutant(test, 0.55), made_up(90, 1) + test[50:70] + made_up(90, 2)]
    proteins = [made_up(250, 0), *relatives, test[20:80]]
    found = Diagonals(proteins).identities(test, OVERLAP)
    assert {place for place, identity in found if identity > 0.5} == {1, 3}
    assert with_a_common_word(proteins, [test]) == [2, 3]


@needs_mmseqs
@pytest.mark.slow
def test_mmseqs_finds_no_protein_half_identical_to_a_shipped_test_but_a_planted_one():
    planted = mutant(next(text for text in without_variants() if len(text) == 250), 0.6)
    proteins = [*training(), *(text for _, text in shipped("held_out.fasta.gz")), planted]
    found = resembling(proteins, without_variants(), 0.5, evalue=1e-3)
    assert found == {len(proteins) - 1}


@needs_mmseqs
@pytest.mark.slow
def test_mmseqs_finds_no_protein_for_training_half_identical_to_a_held_out_one():
    held_out = [sequence for _, sequence in shipped("held_out.fasta.gz")]
    proteins = [*training(), mutant(held_out[0], 0.6)]
    assert resembling(proteins, held_out, 0.5, evalue=1e-3) == {len(proteins) - 1}
