"""Entries of a user's own, in the file that says what to run."""

import pytest
import yaml

from helpers.configurations import CONFIG, study
from plmbench.core.errors import InputError
from plmbench.study.catalogues import Study
from plmbench.study.files import Files
from plmbench.study.yaml_files import read_yaml

ROOT = CONFIG.parent
ASSAY = {"task_type": "regression", "splits": {"random": {"path": "data/assay.csv"}}}
NET = {"family": "carp", "path": "nets/my.pt", "num_layers": 8, "hidden_size": 80}
HERE = {"tasks": ["assay/random"], "models": ["onehot", "net"], "checkpoints": []}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that writes a study's file with these entries, and returns its Study as
    seen from another folder."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "run").mkdir()
    monkeypatch.chdir(tmp_path / "run")

    def make(entries, **changes):
        path = tmp_path / "mine" / "my_study.yaml"
        own = HERE | changes | {"entries": entries}
        path.write_text(yaml.safe_dump(own))
        merged = read_yaml(CONFIG / "config.yaml") | own
        return Study(merged, CONFIG, [CONFIG / "config.yaml", path])

    return make


def refused(made, entries, *words, **changes):
    """Check that these entries are refused with a message that has these words."""
    with pytest.raises(InputError) as caught:
        made(entries, **changes)
    for word in words:
        assert word in str(caught.value)


def test_own_entries_stand_beside_the_shipped_ones(made):
    own = made({"datasets": {"assay": ASSAY}, "models": {"net": NET}})
    assert own.tasks == [("assay", "random")]
    assert {"net", "onehot", "mini_carp_100k"} <= set(own.models)
    assert own.datasets["gb1"] == study().datasets["gb1"]


def test_paths_count_from_the_folder_of_the_file_whatever_folder_it_runs_in(made):
    own = made({"datasets": {"assay": ASSAY}, "models": {"net": NET}})
    files = Files(own, ROOT)
    assert files.of_split("assay", "random") == ["../mine/data/assay.csv"]
    assert [file for _, file in files.given()][-1] == "../mine/nets/my.pt"


@pytest.mark.parametrize(
    ("entry", "place", "moves"),
    [
        (ASSAY | {"wild_type": "wt.fasta"}, ("wild_type",), True),
        (ASSAY, ("splits", "random", "path"), True),
        (ASSAY | {"download": {"path": "all.zip"}}, ("download", "path"), True),
        # With a download the path is the name of a member of it.
        (ASSAY | {"download": {"path": "all.zip"}}, ("splits", "random", "path"), False),
        (
            ASSAY | {"splits": {"random": {"path": "a.csv", "test": {"path": "b.csv"}}}},
            ("splits", "random", "test", "path"),
            True,
        ),
        (
            ASSAY | {"splits": {"random": {"path": "a.csv", "tests": {"near": {"path": "b.csv"}}}}},
            ("splits", "random", "tests", "near", "path"),
            True,
        ),
        (
            {
                "task_type": "residue_classification",
                "format": "residue_fasta",
                "splits": {"random": {"path": "l.fa", "sequences": "s.fa", "mask": "m.fa"}},
            },
            ("splits", "random", "mask"),
            True,
        ),
        (ASSAY | {"splits": {"random": {"path": "/data/a.csv"}}}, ("splits", "random", "path"), 0),
    ],
)
def test_every_key_that_names_a_file_of_the_user_is_moved(made, entry, place, moves, tmp_path):
    models = {"models": ["onehot"], "probes": ["ridge", "logistic"]}
    own = made({"datasets": {"assay": entry}}, **models)
    before, after = entry, own.entries.datasets["assay"].as_dict()
    for key in place:
        before, after = before[key], after[key]
    if moves:
        assert (ROOT / after).resolve() == (tmp_path / "mine" / before).resolve()
    else:
        assert after == before


def test_a_network_of_a_recipe_is_found_in_the_folder_of_results(made, tmp_path):
    net = NET | {"path": "../run/results/pretraining/mine/mine.pt"}
    own = made({"datasets": {"assay": ASSAY}, "models": {"net": net}})
    assert Files(own, ROOT).located(own.models["net"]["path"]).startswith("results/pretraining/")


def test_a_name_that_is_shipped_needs_the_word_override(made):
    models = {"models": {"mini_carp_100k": NET}}
    names = {"tasks": ["gb1_small"], "models": ["mini_carp_100k"]}
    refused(made, models, "my_study.yaml", "mini_carp_100k", "`override: true`", **names)
    own = made({"models": {"mini_carp_100k": NET | {"override": True}}}, **names)
    assert own.models["mini_carp_100k"]["path"].endswith("nets/my.pt")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"models": {"net": NET | {"override": True}}}, ["my_study.yaml", "overrides nothing"]),
        ({"models": {"net": NET | {"override": "yes"}}}, ["override", "write true"]),
        ({"models": {"net": NET | {"famly": 1}}}, ["my_study.yaml: entries: models: net", "famly"]),
        ({"modles": {"net": NET}}, ["entries", "'modles'", "did you mean 'models'?"]),
        ({"models": {"net": None}}, ["entries: models: net"]),
        ({"models": [NET]}, ["entries: models"]),
        ({"datasets": {"as say": ASSAY}}, ["entries: datasets", "as say"]),
    ],
)
def test_what_is_wrong_in_an_own_entry_is_said_with_its_file(made, entries, words):
    refused(made, entries, *words)


def test_a_missing_file_is_named_with_the_users_own_file(made):
    own = made({"datasets": {"assay": ASSAY}, "models": {"net": NET}})
    missing = "\n".join(Files(own, ROOT).missing())
    assert "my_study.yaml: entries: datasets: assay: splits: random: path" in missing
    assert "my_study.yaml: entries: models: net: path" in missing


def test_an_entry_of_the_command_line_counts_from_the_folder_of_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = HERE | {"models": ["onehot"], "entries": {"datasets": {"assay": ASSAY}}}
    own = Study(read_yaml(CONFIG / "config.yaml") | said, CONFIG)
    assert Files(own, ROOT).of_split("assay", "random") == ["data/assay.csv"]


def test_all_that_is_wrong_is_said_at_once(made):
    names = {"tasks": ["assay/other"], "models": ["nett", "onehto"]}
    entries = {"datasets": {"assay": ASSAY}, "models": {"net": NET}}
    refused(made, entries, "'other'", "'nett'", "'onehto'", **names)
    wrong = {"models": {"net": NET | {"a": 1}}, "datasets": {"assay": ASSAY | {"b": 2}}}
    refused(made, wrong, "net: unknown key 'a'", "assay: unknown key 'b'")
