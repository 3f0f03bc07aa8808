"""What a configuration may say of images and texts, and which models run on which data set."""

from copy import deepcopy

import pytest
import yaml

from plmbench.core.errors import InputError
from plmbench.core.lengths import LENGTH_POLICIES
from plmbench.core.modalities import MODALITIES, PROTEIN
from plmbench.core.poolings import POOLINGS
from plmbench.data.kinds import KINDS
from plmbench.models.hub_inputs import PREPARATIONS
from plmbench.study import targets
from plmbench.study.catalogues import Study
from plmbench.study.entries import checked
from plmbench.study.places import workflow_folder

FOLDER = workflow_folder() / "config"
IMAGES = {"modality": "image", "splits": {"one": {"path": "images.csv"}}}
TEXTS = {"modality": "text", "splits": {"one": {"path": "texts.csv"}}}
VIT = {"family": "transformers", "modality": "image", "path": "vit"}
GPT2 = {"family": "transformers", "modality": "text", "path": "gpt2"}
RUN = {
    "tasks": ["pictures", "sentences", "tem1/random"],
    "models": ["my_vit", "my_gpt2", "pixels_8", "bag_of_words", "onehot", "mini_esm2_100k"],
    "weights": ["pretrained", "reinit-0"],
    "probes": ["ridge"],
}


def study_of(tmp_path, datasets=None, networks=None, **config):
    """Return the Study of a configuration with entries of its own."""
    own = {
        "datasets": {"pictures": IMAGES, "sentences": TEXTS, **(datasets or {})},
        "models": {"my_vit": VIT, "my_gpt2": GPT2, **(networks or {})},
    }
    content = deepcopy(RUN | config | {"entries": own})
    file = tmp_path / "study.yaml"
    file.write_text(yaml.safe_dump(content))
    return Study(content, FOLDER, [file])


def test_every_modality_is_declared_in_each_room_alike():
    assert list(MODALITIES) == list(KINDS) == list(PREPARATIONS)
    for modality in MODALITIES.values():
        assert KINDS[modality.name].column == modality.column
        assert set(modality.poolings) <= set(POOLINGS)
        assert set(modality.length_policies) <= set(LENGTH_POLICIES)


@pytest.mark.parametrize(
    ("modality", "name", "tests", "words"),
    [
        ("image", "image", {"a": {"path": "x.csv", "columns": {"image": "file"}}, "own": {}}, ""),
        ("text", "text", {"a": {"path": "x.csv", "columns": {"text": "t", "target": "y"}}}, ""),
        ("image", "image", {"a": {"path": "x.csv"}, "b": {"path": "x.csv"}}, "the same files"),
        ("image", "image", {"a": {"path": "x.csv", "columns": {"text": "t"}}}, "key 'text'"),
        ("text", "text", {"a": {"path": "x.csv", "columns": {"sequence": "t"}}}, "key 'sequence'"),
        ("image", "image", {"a": {"path": "x", "columns": {"mask": ["m"]}}}, "key 'mask'"),
        ("image", "image", {"a": {"path": "x", "format": "flip_fasta"}}, "key 'format'"),
        ("text", "text", {"a": {"columns": {}}}, "has neither path nor download"),
        ("text", "text", {"a": None}, "tests: a: None is no mapping"),
    ],
)
def test_named_test_sets_are_tables_of_their_data_sets_kind(modality, name, tests, words):
    split = {"path": "a.csv", "columns": {name: "file"}, "tests": tests}
    entry = {"modality": modality, "task_type": "classification", "splits": {"one": split}}
    if not words:
        (found,) = checked({"toy": entry}, "datasets", "datasets.yaml").values()
        assert set(found.splits["one"].tests) == set(tests)
        return
    with pytest.raises(InputError) as caught:
        checked({"toy": entry}, "datasets", "datasets.yaml")
    assert str(caught.value).startswith("datasets.yaml: toy: splits: one: tests: ")
    assert words in str(caught.value)


def test_a_model_runs_on_data_sets_of_its_modality_alone(tmp_path):
    study = study_of(tmp_path)
    models = {
        dataset: list(dict.fromkeys(model for model, _, _ in study.arms(dataset)))
        for dataset in ("pictures", "sentences", "tem1")
    }
    assert models == {
        "pictures": ["my_vit", "pixels_8"],
        "sentences": ["my_gpt2", "bag_of_words"],
        "tem1": ["onehot", "mini_esm2_100k"],
    }
    found = {tuple(file.split("/")[2:4]) for file in targets.embeddings(study)}
    assert found == {(d, m) for d, names in models.items() for m in names}


def test_poolings_are_those_of_the_modality(tmp_path):
    study = study_of(tmp_path, pooling=["mean", "cls", "last", "flat", "sites"])
    assert study.poolings("pictures", "my_vit") == ["mean", "cls", "flat"]
    assert study.poolings("sentences", "my_gpt2") == ["mean", "cls", "last"]
    assert study.poolings("pictures", "pixels_8") == ["flat"]


def test_nothing_of_proteins_is_asked_of_other_examples(tmp_path):
    study = study_of(tmp_path)
    assert study.clustering("pictures") == {"settings": None, "variants": False}
    assert study.clustering("sentences") == {"settings": None, "variants": False}
    assert study.control_tasks("pictures") == []
    assert "modality" not in study.reading("tem1", "random")  # so that nothing reruns
    assert study.reading("pictures", "one")["modality"] == "image"
    assert study.network("my_vit")["modality"] == "image"
    assert study.modality("tem1") == PROTEIN


DATA = [
    ({"modality": "image", "slice": [0, 3]}, "slice is for proteins, and these are images"),
    ({"modality": "text", "wild_type": "a.fasta"}, "wild_type is for proteins, and these are text"),
    ({"modality": "image", "nonstandard_residues": "mask"}, "nonstandard_residues is for proteins"),
    ({"modality": "text", "families": "none"}, "families is for proteins"),
    (
        {
            "modality": "image",
            "download": {"url": "https://a.b/c"},
            "splits": {"one": {"path": "a.csv", "sha256": "a" * 64}},
        },
        "give the archive's sha256, under download",
    ),
    ({"modality": "image", "task_type": "residue_classification"}, "is not for images; choose one"),
    ({"modality": "text", "pooling": ["sites"]}, "pooling: 'sites' is not for texts; choose of"),
    ({"modality": "image", "pooling": ["last"]}, "pooling: 'last' is not for images; choose of"),
    ({"modality": "text", "long_sequences": "windows"}, "'windows' is not for texts; choose of"),
    ({"modality": "image", "long_sequences": "drop"}, "'drop' is not for images; choose of"),
    ({"modality": "image", "columns": {"sequence": "a"}}, "sequence is not for modality image"),
    ({"modality": "text", "columns": {"image": "a"}}, "image is not for modality text"),
    ({"modality": "image", "format": "flip_fasta"}, "format"),
    ({"modality": "sound"}, "modality: 'sound' is not allowed; known: image, protein, text"),
    ({"modality": "imag"}, "did you mean 'image'"),
    ({"modality": 3}, "modality: 3 is not allowed"),
]


@pytest.mark.parametrize(("keys", "message"), DATA)
def test_a_key_that_makes_no_sense_for_a_modality_is_refused(tmp_path, keys, message):
    entry = {"splits": {"one": {"path": "a.csv"}}, **keys}
    with pytest.raises(InputError, match=message):
        study_of(tmp_path, datasets={"pictures": entry})


NETWORKS = [
    (VIT | {"writing": {}}, "writing is for proteins, and this model reads images"),
    (GPT2 | {"pretraining_fasta": "a.fa"}, "pretraining_fasta is for proteins, and this model"),
    (VIT | {"modality": "video"}, "modality"),
    (VIT | {"part": "tower"}, "part"),
    ({"family": "pixels"}, "side"),
    ({"family": "pixels", "side": 1000}, "side"),
    ({"family": "esm2", "modality": "image", "path": "a.pt"}, "modality is not for family esm2"),
]


@pytest.mark.parametrize(("entry", "message"), NETWORKS)
def test_a_model_that_cannot_read_what_it_says_is_refused(tmp_path, entry, message):
    with pytest.raises(InputError, match=message):
        study_of(tmp_path, networks={"my_vit": entry})


RUNS = [
    ({"tasks": ["tem1/random"]}, "'my_vit' reads none of the data sets under tasks, which are"),
    ({"models": ["my_vit", "my_gpt2"]}, "no model reads 'tem1', which is of proteins"),
    ({"perturb": {"sets": {"pictures": {"kinds": ["noise"]}}}}, "'pictures' is of images"),
]


@pytest.mark.parametrize(("config", "message"), RUNS)
def test_a_study_in_which_somebody_reads_nothing_is_refused(tmp_path, config, message):
    with pytest.raises(InputError, match=message):
        study_of(tmp_path, **config)
