"""Where the files of a study are, and which of the user's are missing."""

from pathlib import Path

import pytest

from helpers.configurations import GB1, copied, spoiled, study
from plmbench.study.files import (
    Files,
    checkpoint_of,
    download_name,
    named_source,
    part_and_role,
)
from plmbench.study.tasks import splits_to_embed

ROOT = Path(__file__).resolve().parents[2]
NETWORK, DOWNLOADED = "mini_carp_600k", "esm2_t6_8M_UR50D"


@pytest.fixture
def here(monkeypatch):
    """Run within the repository, as a user does."""
    monkeypatch.chdir(ROOT)


def test_a_relative_path_counts_from_the_workflow_and_is_seen_from_here(tmp_path, monkeypatch):
    (tmp_path / "a study").mkdir()
    monkeypatch.chdir(tmp_path / "a study")
    files = Files(study(), tmp_path / "workflow")
    assert files.located("resources/x.csv") == "../workflow/resources/x.csv"
    assert files.located("/data/x.csv") == "/data/x.csv"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("path", ("", "path")), ("test.mask", ("test", "mask")), ("test.path", ("test", "path"))],
)
def test_the_name_of_a_file_says_part_and_role(name, expected):
    assert part_and_role(name) == expected


def test_a_download_is_found_by_its_name():
    made = study()
    assert download_name("aav", "two_vs_many", "") == "aav"
    assert named_source(made, "aav") == made.datasets["aav"]["download"]
    name = download_name("secondary_structure", "netsurfp@ts115", "test")
    split = made.datasets["secondary_structure"]["splits"]["netsurfp@ts115"]
    assert name == "secondary_structure.netsurfp@ts115.test"
    assert named_source(made, name)["url"] == split["test"]["download"]["url"]


def test_a_file_of_an_archive_is_unpacked_and_a_shipped_one_is_read_where_it_is(here):
    files = Files(study(), ROOT)
    assert files.of_split(GB1, "sampled") == [study().datasets[GB1]["splits"]["sampled"]["path"]]
    assert files.of_split("aav", "two_vs_many") == ["results/downloads/aav/two_vs_many.path"]
    assert files.downloaded("aav", "two_vs_many", "") == "results/downloads/aav.download"


def test_splits_that_need_a_download_are_embedded_as_tasks_alone():
    assert splits_to_embed(study(tasks=["aav/two_vs_many"]), "aav") == ["two_vs_many"]
    assert len(splits_to_embed(study(tasks=[f"{GB1}/sampled"]), GB1)) == 5


def test_another_checksum_of_a_download_is_another_file(tmp_path):
    folder = copied(tmp_path / "config")
    before = checkpoint_of(study(), DOWNLOADED)
    spoiled(folder, "models", lambda c: c[DOWNLOADED].update(sha256="0" * 64))
    after = checkpoint_of(study(folder), DOWNLOADED)
    assert after == f"results/weights/{DOWNLOADED}/{'0' * 16}.pt" != before


def test_nothing_of_the_shipped_configurations_is_missing(here):
    assert Files(study(), ROOT).missing() == []
    assert Files(study(name="paper"), ROOT).missing() == []


def test_a_missing_file_is_named_with_its_place_in_the_catalogue(tmp_path, here):
    folder = copied(tmp_path / "config")
    spoiled(folder, "models", lambda c: c[NETWORK].update(path="no/such.pt"))
    assert Files(study(folder), ROOT).missing() == [
        f"config/models.yaml: {NETWORK}: path: there is no file no/such.pt"
    ]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("results/mine.pt", "there is no file results/mine.pt"),
        ("resources", "resources is not a file but a folder"),
        ("/dev/null", "/dev/null is not a file"),
        ("Makefile/x.pt", "there is no file Makefile/x.pt"),
    ],
)
def test_what_is_no_file_to_read_is_named(path, fault, tmp_path, here):
    folder = copied(tmp_path / "config")
    spoiled(folder, "models", lambda c: c[NETWORK].update(path=path))
    assert Files(study(folder), ROOT).missing() == [f"config/models.yaml: {NETWORK}: path: {fault}"]


def test_a_missing_copy_of_a_download_is_named_once(tmp_path, here):
    folder = copied(tmp_path / "config")
    spoiled(folder, "datasets", lambda c: c["aav"]["download"].update(path="no/aav.zip"))
    assert Files(study(folder, tasks=["aav"]), ROOT).missing() == [
        "config/datasets.yaml: aav: download: path: there is no file no/aav.zip"
    ]


def test_a_file_is_given_unless_a_rule_makes_it():
    files = Files(study(), ROOT)
    made = ["results/pretraining/x.pt", "results/downloads/aav.download", "results/labels/x.tsv"]
    given = ["resources/x.csv", "../results/labels/x.tsv", "/results/labels/x", "results/mine.csv"]
    assert all(not files.is_given(file) for file in made)
    assert all(files.is_given(file) for file in given)


def test_what_a_rule_makes_is_not_missing(tmp_path, here):
    folder = copied(tmp_path / "config")
    spoiled(folder, "models", lambda c: c[NETWORK].update(path="results/pretraining/x.pt"))
    assert Files(study(folder), ROOT).missing() == []
