"""The data sets shipped with the repository: what the catalogue and their README say of them."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from plmbench.core.digests import sha256_of_file
from plmbench.data.counts import counts_of
from plmbench.data.mutations import read_sites
from plmbench.data.splits import read_rows, unique_sequences, with_files
from plmbench.study.catalogues import Study

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources/datasets"
STUDY = Study({"tasks": ["gb1"], "models": ["onehot"]}, ROOT / "config")
SIZES = {  # train, validation, test, and rows dropped for their residues
    "gb1/sampled": (6289, 699, 1745, 0),
    "gb1/low_vs_high": (4580, 509, 3644, 0),
    "gb1/one_vs_rest": (25, 3, 8705, 0),
    "gb1/two_vs_rest": (381, 43, 8309, 0),
    "gb1/three_vs_rest": (2691, 299, 5743, 0),
    "gb1_small/low_vs_high": (300, 300, 300, 0),
    "gb1_medium/low_vs_high": (1000, 509, 1000, 0),
    "avgfp/few_vs_many": (23514, 2684, 25517, 2310),
    "tem1/random": (3875, 410, 1112, 0),
    "localisation_small/extract": (700, 100, 500, 0),
    "localisation_short/extract": (150, 46, 150, 0),
    "localisation_medium/extract": (377, 46, 255, 0),
    "secondary_structure_small/extract": (80, 50, 80, 0),
    "secondary_structure_medium/extract": (200, 50, 120, 0),
    "secondary_structure_reference/extract": (150, 0, 80, 0),
    "digits/hashed": (1048, 276, 473, 0),
}
SITES = {name: [38, 39, 40, 53] for name in ("gb1", "gb1_small", "gb1_medium")}


def files_of(dataset, split):
    """Return the files of a split that needs no download, by name."""
    source = STUDY.source(dataset, split)
    return {name: ROOT / source[name] for name in STUDY.files(dataset, split)}


@cache
def read(dataset, split):
    """Return a split as the workflow reads it, which checks rows and checksums."""
    return read_rows(**with_files(STUDY.reading(dataset, split), files_of(dataset, split)))


def test_these_are_all_splits_at_hand():
    assert sorted(SIZES) == sorted(
        f"{dataset}/{split}"
        for dataset, entry in STUDY.datasets.items()
        for split in entry["splits"]
        if STUDY.at_hand(dataset, split)
    )


@pytest.mark.parametrize("task", SIZES)
def test_every_shipped_split_holds_the_rows_of_its_readme(task):
    counts = counts_of(read(*task.split("/")))
    found = [counts[name] for name in ("train", "validation", "test", "dropped")]
    assert tuple(found) == SIZES[task]
    assert counts["rows"] == sum(SIZES[task]) + counts["not_sampled"]
    assert (counts["missing_split"], counts["masked_residues"]) == (0, 0)


@pytest.mark.parametrize("task", SIZES)
def test_the_catalogue_gives_rows_and_checksums_of_every_shipped_split(task):
    reading = STUDY.reading(*task.split("/"))
    digests = reading["sha256"]
    digests = {"path": digests} if isinstance(digests, str) else digests
    assert set(digests) == set(files_of(*task.split("/")))
    assert {"train", "test"} <= set(reading["rows"])


def test_all_splits_of_gb1_hold_the_same_sequences():
    tables = [read(*task.split("/")) for task in SIZES if task.startswith("gb1")]
    unique = unique_sequences(tables)
    assert len(unique) == 8733
    assert set(unique["sequence"].str.len()) == {56}


@pytest.mark.parametrize("dataset", [d for d, e in STUDY.datasets.items() if "wild_type" in e])
def test_every_wild_type_fits_its_data_set(dataset):
    entry = STUDY.datasets[dataset]
    rows = read(dataset, next(iter(entry["splits"])))
    sequences = rows["sequence"].unique()
    sites = read_sites(ROOT / entry["wild_type"], rows, entry.get("slice"))
    assert sites["site"].tolist() == SITES.get(dataset, sites["site"].tolist())
    if not dataset.startswith("gb1"):  # where nearly all variants are few mutations away from it
        columns = list(zip(*sequences[:2000], strict=True))
        for site, letter in zip(sites["site"], sites["wild_type"], strict=True):
            assert Counter(columns[site]).most_common(1)[0][0] == letter


def test_every_shipped_file_stands_in_the_readme_with_its_checksum():
    lines = (FOLDER / "README.md").read_text().splitlines()
    files = [path for path in FOLDER.rglob("*.*") if path.suffix != ".md"]
    assert len(files) > 10
    for path in files:
        line = next((line for line in lines if sha256_of_file(path) in line), "")
        assert f"`{path.name}`" in line, path
