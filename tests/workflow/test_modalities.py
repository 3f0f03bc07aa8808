"""A study of images, of texts and of proteins, from one configuration to verdicts."""

import shutil

import pytest

from helpers.images import folder_of, picture, png, sentences, write_table
from helpers.studies import ROOT, new_study

DIGITS = "resources/datasets/digits/digits.csv.gz"
TASKS = ["digits", "sentences", "pictures", "toy/first"]
NETWORKS = {
    "tiny_vit": {"modality": "image", "kind": "vit"},
    "tiny_clip": {"modality": "image", "kind": "clip", "part": "vision_model"},
    "tiny_bert": {"modality": "text", "kind": "bert"},
}
BASELINES = {
    "pixels_8": {"family": "pixels", "side": 8, "pooling": ["flat"]},
    "bag_of_words": {"family": "bag_of_words", "architecture": {"hidden_size": 64}},
}


def set_of(i):
    """Return the subset of a row."""
    return {"set": "test" if i % 3 == 0 else "train", "validation": "True" if i % 7 == 1 else ""}


def add_datasets(study):
    """Write a data set of texts and one of image files, and the entries of all."""
    texts = list(dict.fromkeys(sentences(120)))
    rows = [
        {"text": text, "target": "bird" if "bird" in text else "none", **set_of(i)}
        for i, text in enumerate(texts)
    ]
    write_table(study.root / "data/sentences.csv", rows)
    folder = study.root / "data/pictures"
    folder.mkdir(parents=True)
    for i in range(60):
        (folder / f"{i}.png").write_bytes(png(picture(i)))
    rows = [{"image": f"pictures/{i}.png", "target": i * 0.5, **set_of(i)} for i in range(60)]
    write_table(study.root / "data/pictures.csv", rows)
    (study.root / DIGITS).parent.mkdir(parents=True)
    shutil.copy2(ROOT / DIGITS, study.root / DIGITS)
    added = {
        "digits": {
            "modality": "image",
            "task_type": "classification",
            "sample": {"sequences": 80},
            "splits": {"hashed": {"path": DIGITS}},
        },
        "pictures": {"modality": "image", "splits": {"one": {"path": "data/pictures.csv"}}},
        "sentences": {
            "modality": "text",
            "task_type": "classification",
            "splits": {"one": {"path": "data/sentences.csv"}},
        },
    }
    study.edit("datasets", lambda catalogue: catalogue.update(added))


def add_models(study):
    """Write folders of tiny networks, and the entries of these and of baselines."""
    added = {
        name: entry | {"about": {"role": "baseline"}, "pooling": entry.get("pooling", ["mean"])}
        for name, entry in BASELINES.items()
    }
    for name, entry in NETWORKS.items():
        own = {key: value for key, value in entry.items() if key != "kind"}
        path = f"resources/weights/{entry['kind']}"
        folder_of(entry["kind"], study.root / path)
        added[name] = {"family": "transformers", "path": path, "num_layers": 3, **own}
    study.edit("models", lambda catalogue: catalogue.update(added))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a study of three modalities, after its run."""
    root = tmp_path_factory.mktemp("modalities") / "a study"
    models = ["onehot", "tiny_esm2", *BASELINES, *NETWORKS]
    weights = ["pretrained", "reinit-0", "resample-0"]
    probes = {
        "ridge": {"type": "ridge", "alphas": [1]},
        "logistic": {"type": "logistic", "Cs": [1]},
    }
    study = new_study(
        root,
        tasks=TASKS,
        models=models,
        weights=weights,
        probes=[*probes],
        controls=[],
        pooling=["mean", "max"],
    )
    study.edit("probes", lambda catalogue: catalogue.update(probes))
    add_datasets(study)
    add_models(study)
    code, output = study.snakemake(timeout=1500)
    assert code == 0, output
    return study


@pytest.mark.slow
def test_every_network_has_a_verdict_on_the_data_sets_that_it_reads_and_on_no_other(study):
    found = {(row["dataset"], row["model"]) for row in study.table("verdicts")}
    assert found == {
        ("digits", "tiny_vit"),
        ("digits", "tiny_clip"),
        ("pictures", "tiny_vit"),
        ("pictures", "tiny_clip"),
        ("sentences", "tiny_bert"),
        ("toy", "tiny_esm2"),
    }
    assert all(row["minus_reinit"] for row in study.table("verdicts"))


@pytest.mark.slow
def test_baselines_run_on_their_own_examples_alone(study):
    rows = study.table("scores")
    found = {(row["dataset"], row["model"]) for row in rows if row["weights"] == "none"}
    assert found == {
        ("digits", "pixels_8"),
        ("pictures", "pixels_8"),
        ("sentences", "bag_of_words"),
        ("toy", "onehot"),
    }
    assert (study.root / "results/study.html").exists()


@pytest.mark.slow
def test_the_table_of_data_sets_measures_images_in_pixels_and_texts_in_characters(study):
    rows = {row["dataset"]: row for row in study.table("datasets")}
    assert (rows["digits"]["shortest"], rows["digits"]["longest"]) == ("64", "64")
    assert (rows["pictures"]["shortest"], rows["pictures"]["longest"]) == ("240", "240")
    assert int(rows["sentences"]["longest"]) > 20
    assert rows["digits"]["units_are"] == "sequences"


@pytest.mark.slow
def test_a_second_run_does_nothing_and_a_changed_image_its_own_data_set_again(study):
    assert study.counts() == {}
    (study.root / "data/pictures/3.png").write_bytes(png(picture(99)))
    rules = {(job.rule, job.wildcards.get("dataset")) for job in study.jobs()}
    assert ("sequences", "pictures") in rules
    assert ("labels", "pictures") in rules
    assert not {("labels", "digits"), ("sequences", "sentences")} & rules
