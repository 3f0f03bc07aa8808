"""Data sets that are downloaded, from a real HTTP server on loopback, by an entry alone."""

import csv
import gzip
import hashlib
import io
import re

import pytest

from helpers.archives import zipped
from helpers.studies import counts_of, new_study, toy_rows
from plmbench.data.checksums import read_lock

pytestmark = pytest.mark.runs

LABELS = "results/labels/{}/{}.tsv"
DOWNLOAD = "results/downloads/mine.download"
ZIP, MISSING = "data.zip", "moved.zip"


@pytest.fixture
def study(tmp_path, server):
    """Return a study of one-hot, whose toy data the server has as a zip, too."""
    config = {"models": ["onehot"], "probes": ["ridge"], "controls": [], "tasks": ["mine/first"]}
    study = new_study(tmp_path / "a study", families=(), **config)
    server.files[ZIP] = zipped(
        {
            f"splits/{name}.csv": study.read(f"resources/datasets/toy/{name}.csv").encode()
            for name in ("first", "second")
        }
    )
    return study


def sha256(content):
    """Return a content's sha256."""
    return hashlib.sha256(content).hexdigest()


def git_sha1(content):
    """Return the SHA-1 by which git knows a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()  # noqa: S324 - git's


def add(study, download, **entry):
    """Add a data set `mine` that is downloaded; by default two members of a zip."""
    splits = {name: {"path": f"splits/{name}.csv"} for name in ("first", "second")}
    mine = {"download": download, "splits": splits} | entry
    study.edit("datasets", lambda datasets: datasets.update(mine=mine))


def same_labels(study, split):
    """Tell whether a split of `mine` has the labels of the toy data set's own."""
    mine, toy = LABELS.format("mine", split), LABELS.format("toy", split)
    study.run(mine, toy)
    return study.read(mine) == study.read(toy)


@pytest.mark.parametrize("digest", [sha256, git_sha1], ids=lambda digest: digest.__name__)
def test_a_member_of_a_verified_zip_comes_from_a_mirror_where_the_first_place_lacks_it(
    study, server, digest
):
    found = digest(server.files[ZIP])
    urls = {"url": f"{server.url}/{MISSING}", "mirrors": [f"{server.url}/{ZIP}"]}
    add(study, urls | {digest.__name__: found})
    assert same_labels(study, "first")
    assert server.requests == {MISSING: 1, ZIP: 1}
    assert "mine.download" not in read_lock(study.root / "config/weights.lock")


@pytest.mark.slow
def test_a_second_run_downloads_nothing_and_another_split_is_of_the_same_download(study, server):
    add(study, {"url": f"{server.url}/{ZIP}", "sha256": sha256(server.files[ZIP])})
    scores = "results/tables/scores.tsv"
    jobs = study.jobs(scores)
    assert {rule: counts_of(jobs)[rule] for rule in ("fetch_dataset", "unpack")} == {
        "fetch_dataset": 1,
        "unpack": 1,  # of the one split that is a task
    }
    study.run(scores)
    assert "Nothing to be done" in study.run(scores)
    study.edit("config", lambda config: config.update(tasks=["mine"]))
    counts = study.counts(scores)
    assert counts["unpack"] == 1
    assert "fetch_dataset" not in counts
    study.run(scores)
    assert {row["split"] for row in study.table("scores")} == {"first", "second"}
    assert server.requests == {ZIP: 1}


@pytest.mark.parametrize("digest", [sha256, git_sha1], ids=lambda digest: digest.__name__)
def test_a_wrong_checksum_ends_the_run_with_one_sentence(study, server, digest):
    name, expected = digest.__name__, digest(b"another file")
    url = f"{server.url}/{ZIP}"
    add(study, {"url": url, name: expected})
    output = study.fail(LABELS.format("mine", "first"))
    found = digest(server.files[ZIP])
    sentence = (
        f"Error in rule fetch_dataset: {DOWNLOAD}: no verified download ({url}: its {name} hash is "
        f"{found}, expected {expected}); try again later, or put the file of {name} {expected} "
        "there by other means and run again"
    )
    assert sentence in output.splitlines()
    assert "Traceback" not in output
    assert not [p for p in (study.root / "results/downloads").rglob("*") if p.is_file()]


def test_a_download_without_a_checksum_must_stay_what_it_was(study, server):
    add(study, {"url": f"{server.url}/{ZIP}"})
    assert same_labels(study, "first")
    lock = read_lock(study.root / "config/weights.lock")
    assert lock["mine.download"] == sha256(server.files[ZIP])
    (study.root / DOWNLOAD).unlink()
    server.files[ZIP] = zipped({"splits/first.csv": b"sequence,target,set\n"})
    output = study.fail(DOWNLOAD)
    assert f"expected {lock['mine.download']}" in output
    assert not (study.root / DOWNLOAD).exists()


def test_a_local_copy_is_used_without_asking_the_server(study, server):
    (study.root / "copy.zip").write_bytes(server.files[ZIP])
    add(study, {"url": f"{server.url}/{ZIP}", "path": "copy.zip"})
    assert same_labels(study, "first")
    assert not server.requests
    assert not (study.root / DOWNLOAD).exists()


def test_a_member_that_the_zip_lacks_ends_the_run_with_what_it_holds(study, server):
    splits = {"first": {"path": "splits/frist.csv"}}
    add(study, {"url": f"{server.url}/{ZIP}"}, splits=splits)
    output = study.fail(LABELS.format("mine", "first"))
    assert (
        f"Error in rule unpack: {DOWNLOAD}: holds no file 'splits/frist.csv'; nearest is "
        "'splits/first.csv'; it holds 'splits/first.csv', 'splits/second.csv'"
    ) in output.splitlines()


def test_a_download_from_nowhere_stops_before_anything_runs(study):
    add(study, {"sha256": "0" * 64})
    output = study.fail("--dry-run")
    assert (
        "config/datasets.yaml: mine: download: has neither url nor path; say where the file is"
    ) in output.splitlines()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["csv", "csv.gz"])
def test_a_download_can_be_the_table_itself(study, server, pack):
    table = pack(study.read("resources/datasets/toy/first.csv").encode())
    server.files["table"] = table
    download = {"url": f"{server.url}/table", "sha256": sha256(table)}
    add(study, download, splits={"first": {}})
    assert "unpack" not in study.counts(LABELS.format("mine", "first"))
    assert same_labels(study, "first")


def residue_fasta(rows):
    """Return FASTA files of residues, labels and sequences, of toy rows, all of them train."""
    labels = "".join(f">{row['id']} SET=train\n{helix(row['sequence'])}\n" for row in rows)
    sequences = "".join(f">{row['id']}\n{row['sequence']}\n" for row in rows)
    return {"labels.fasta": labels.encode(), "sequences.fasta": sequences.encode()}


def helix(sequence):
    """Return a made-up letter a residue."""
    return re.sub("[^H]", "C", re.sub("[AELMK]", "H", sequence))


def netsurfp(rows):
    """Return a CSV of residues as NetSurfP-2.0's are handed on; the first residue is unresolved."""
    buffer = io.StringIO()
    table = csv.writer(buffer)
    table.writerow(["input", " dssp3", " disorder", " cb513_mask"])
    for row in rows:
        flags = [0.0] + [1.0] * (len(row["sequence"]) - 1)
        ones = [1.0] * len(row["sequence"])
        lists = (row["sequence"], helix(row["sequence"]), flags, ones)
        table.writerow([" ".join(map(str, values)) for values in lists])
    return buffer.getvalue().encode()


def test_a_test_subset_has_a_download_of_its_own(study, server):
    train, tested = toy_rows(30), toy_rows(10, seed=1)
    server.files["fasta.zip"] = zipped(residue_fasta(train))
    server.files["tested.csv"] = netsurfp(tested)
    files = {"path": "labels.fasta", "sequences": "sequences.fasta"}
    test = {"download": {"url": f"{server.url}/tested.csv"}, "format": "netsurfp_csv"}
    add(
        study,
        {"url": f"{server.url}/fasta.zip"},
        task_type="residue_classification",
        format="residue_fasta",
        splits={"first": files | {"test": test}},
    )
    study.run("results/tables/scores.tsv")
    counts = {(row["subset"], row["n"]) for row in study.table("scores")}
    assert counts == {("train", "360"), ("validation", "360"), ("test", "110")}
    assert server.requests == {"fasta.zip": 1, "tested.csv": 1}
    found = {path.name for path in (study.root / "results/downloads").rglob("*") if path.is_file()}
    assert found == {"mine.download", "mine.first.test.download", "first.path", "first.sequences"}
