"""Archives of images, and of texts, that are downloaded from a real HTTP server on loopback."""

import hashlib

import pytest

from helpers.archives import tarred, zipped
from helpers.images import picture, png, sentences
from helpers.studies import new_study

pytestmark = pytest.mark.runs

TABLE = "results/sequences/mine.tsv"
LABELS = "results/labels/mine/one.tsv"
MODELS = {
    "image": {"family": "pixels", "side": 8, "pooling": ["flat"]},
    "text": {"family": "bag_of_words", "architecture": {"hidden_size": 64}, "pooling": ["mean"]},
}


def rows_of(examples, column):
    """Return the CSV of a regression on examples."""
    rows = [
        f"{example},{i / 2},{'test' if i % 3 == 0 else 'train'}"
        for i, example in enumerate(examples)
    ]
    return "\n".join([f"{column},target,set", *rows, ""]).encode()


IMAGES = {f"set/pictures/{i}.png": png(picture(i)) for i in range(60)}
MEMBERS = {
    "image": IMAGES | {"set/table.csv": rows_of([n.removeprefix("set/") for n in IMAGES], "image")},
    "text": {"set/table.csv": rows_of(dict.fromkeys(sentences(60)), "text")},
}


@pytest.fixture
def study(tmp_path):
    """Return a function that gives a study of one data set, and of the baseline of its kind."""

    def of(modality, download, **split):
        config = {"models": ["base"], "probes": ["ridge"], "controls": [], "tasks": ["mine"]}
        made = new_study(tmp_path / "a study", families=(), **config)
        about = {"about": {"role": "baseline"}}
        made.edit("models", lambda models: models.update(base=MODELS[modality] | about))
        splits = {"one": {"path": "set/table.csv", **split}}
        mine = {"modality": modality, "download": download, "splits": splits}
        made.edit("datasets", lambda datasets: datasets.update(mine=mine))
        return made

    return of


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("modality", MODELS)
def test_a_verified_archive_is_read_with_all_that_its_table_names(study, server, modality, pack):
    content = pack(MEMBERS[modality])
    server.files["set"] = content
    sha256 = hashlib.sha256(content).hexdigest()
    mine = study(modality, {"url": f"{server.url}/set", "sha256": sha256})
    mine.run(TABLE, LABELS)
    assert len(mine.read(LABELS).splitlines()) == len(mine.read(TABLE).splitlines()) == 61
    assert server.requests == {"set": 1}
    assert "Nothing to be done" in mine.run(TABLE, LABELS)
    files = {p.name for p in (mine.root / "results/downloads").rglob("*") if p.is_file()}
    assert files == {"mine.download", "one.path"}  # no image lies anywhere


def test_the_pixels_are_those_of_files_beside_a_table(study, server, tmp_path):
    server.files["set"] = zipped(MEMBERS["image"])
    mine = study("image", {"url": f"{server.url}/set"})
    for name, content in MEMBERS["image"].items():
        (mine.root / "beside" / name).parent.mkdir(parents=True, exist_ok=True)
        (mine.root / "beside" / name).write_bytes(content)
    beside = {"modality": "image", "splits": {"one": {"path": "beside/set/table.csv"}}}
    mine.edit("datasets", lambda datasets: datasets.update(beside=beside))
    mine.run(TABLE, TABLE.replace("mine", "beside"))
    assert mine.read(TABLE) == mine.read(TABLE.replace("mine", "beside"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"set/pictures/7.png": None}, "image is not in the archive: line 9 ('pictures/7.png')"),
        (
            {"set/pictures/7.png": b"<html>"},
            "can be read: line 9 ('set/pictures/7.png')",
        ),
        ({"set/table.csv": None}, "holds no file 'set/table.csv'"),
    ],
    ids=["absent", "no image", "no table"],
)
def test_what_is_wrong_in_an_archive_ends_the_run_with_its_line(study, server, change, words):
    members = {name: c for name, c in (MEMBERS["image"] | change).items() if c is not None}
    server.files["set"] = tarred(members)
    output = study("image", {"url": f"{server.url}/set"}).fail(TABLE)
    assert words in output
    assert "Traceback" not in output


def test_an_archive_that_is_another_one_is_refused(study, server):
    server.files["set"] = zipped(MEMBERS["image"])
    expected = hashlib.sha256(b"another").hexdigest()
    mine = study("image", {"url": f"{server.url}/set", "sha256": expected})
    assert f"expected {expected}" in mine.fail(TABLE)
    assert not (mine.root / "results/downloads/mine/one.path").exists()


def test_a_digest_of_the_table_beside_its_archive_is_refused(study):
    mine = study("image", {"url": "http://localhost/set"}, sha256="a" * 64)
    assert "give the archive's sha256, under download" in mine.fail(TABLE)
