"""The command `plmbench`, as a person types it."""

import csv
import random
import shutil

import pytest
import yaml
from typer.testing import CliRunner

from helpers.configurations import CONFIG
from plmbench.command import app
from plmbench.core.errors import InputError

NETWORK = CONFIG.parent / "resources" / "weights" / "mini_carp_100k" / "mini_carp_100k.pt"
run = CliRunner().invoke


def told(*words):
    """Return what the command writes, and its exit status; a refusal is as `main` writes it."""
    done = run(app.app, [str(word) for word in words])
    if isinstance(done.exception, InputError):
        return str(done.exception), 1
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output, done.exit_code


def table(path, header=("sequence", "target", "set"), kind="numbers", rows=60):
    """Write a table of random proteins, half of it test."""
    draw = random.Random(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for i in range(rows):
            sequence = "M" + "".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=29))
            target = {
                "numbers": round(draw.gauss(0, 1), 3),
                "classes": draw.choice(["in", "out"]),
                "letters": "".join(draw.choices("HEC", k=30)),
            }[kind]
            writer.writerow([sequence, target, "train" if i % 2 else "test"])
    return path


@pytest.mark.parametrize(
    ("header", "kind", "task_type"),
    [
        (("sequence", "target", "set"), "numbers", "regression"),
        (("Protein", "fitness", "Split"), "numbers", "regression"),
        (("seq", "label", "stage"), "classes", "classification"),
        (("sequence", "target", "set"), "letters", "residue_classification"),
    ],
)
def test_init_writes_a_study_that_is_right_as_it_is(tmp_path, header, kind, task_type):
    path = table(tmp_path / "an assay.csv", header, kind)
    text, status = told("init", tmp_path / "my study", "--csv", path)
    assert (status, "a run can start" in text) == (0, True), text
    assert "30 train, 0 validation, 30 test" in text
    written = yaml.safe_load((tmp_path / "my study" / "my_study.yaml").read_text())
    entry = written["entries"]["datasets"]["an_assay"]
    assert entry["task_type"] == task_type
    renamed = {o: t for o, t in zip(("sequence", "target", "set"), header, strict=True) if o != t}
    assert entry.get("columns", {}) == renamed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--csv", "no.csv"], "there is no file no.csv"),
        (["--csv", "{table}", "--target", "fittness"], "did you mean 'fitness'?"),
        (["--csv", "{table}", "--target", "which"], "has no column 'which'"),
        (["--csv", "{table}"], "which column is set? Say --set"),
        (["--csv", "{table}", "--set", "fitness"], "one column cannot be two"),
        (["--csv", "{table}", "--set", "part", "--model", "."], "no config.json"),
    ],
)
def test_init_says_what_it_could_not_find(tmp_path, words, expected, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = table(tmp_path / "assay.csv", ("sequence", "fitness", "part"))
    words = [word.replace("{table}", str(path)) for word in words]
    text, status = told("init", tmp_path / "new", *words)
    assert (status, expected in text) == (1, True), text
    assert not (tmp_path / "new").exists()


def test_init_leaves_a_study_that_is_there_as_it_is(tmp_path):
    path = table(tmp_path / "assay.csv")
    (tmp_path / "my_study.yaml").write_text("mine: 1\n")
    text, status = told("init", tmp_path, "--csv", path)
    assert (status, "is there already" in text) == (1, True)
    assert (tmp_path / "my_study.yaml").read_text() == "mine: 1\n"


@pytest.fixture
def study(tmp_path):
    """Return a function that writes a study over a table and a network of its own."""
    table(tmp_path / "assay.csv")
    shutil.copy(NETWORK, tmp_path / "net.pt")
    network = {"family": "carp", "path": "net.pt", "num_layers": 8, "hidden_size": 80}
    assay = {"task_type": "regression", "splits": {"given": {"path": "assay.csv"}}}

    def write(assay_changes=(), network_changes=(), **changes):
        content = {
            "tasks": ["assay"],
            "models": ["onehot", "net"],
            "checkpoints": [],
            "entries": {
                "datasets": {"assay": assay | dict(assay_changes)},
                "models": {"net": network | dict(network_changes)},
            },
        } | changes
        (tmp_path / "s.yaml").write_text(yaml.safe_dump(content))
        return told("validate", tmp_path / "s.yaml")

    return write


def test_validate_finds_a_right_study_right(study):
    text, status = study()
    assert (status, "a run can start" in text) == (0, True), text
    assert "model net: 8 blocks of width 80" in text


def test_validate_names_what_is_wrong_with_data_and_networks_at_once(study, tmp_path):
    rows = (tmp_path / "assay.csv").read_text().splitlines()
    rows[3], rows[9] = rows[3].replace("M", "1", 1), rows[9].rsplit(",", 1)[0] + ",tset"
    (tmp_path / "assay.csv").write_text("\n".join(rows))
    text, status = study(network_changes={"hidden_size": 81}, assay_changes={"wild_type": "no.fa"})
    assert status == 1
    for words in ("line 4", "line 10", "hidden_size 80", "no.fa", "3 check(s) found something"):
        assert words in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": ["onehot", "nett"]}, "did you mean 'net'?"),
        ({"wieghts": []}, "did you mean 'weights'?"),
        ({"network_changes": {"max_length": 10}}, "above the model's max_length of 10"),
        ({"network_changes": {"path": "gone.pt"}}, "gone.pt"),
        ({"network_changes": {"sha256": "0" * 64}}, "sha256"),
        ({"assay_changes": {"wild_type": "net.pt"}}, "net.pt"),
    ],
)
def test_validate_makes_the_checks_of_a_run(study, changes, words):
    text, status = study(**changes)
    assert (status, words in text) == (1, True), text


@pytest.mark.parametrize("content", ["- a\n", "a: b: c\n", "tasks: [x\n"])
def test_validate_refuses_a_file_that_is_no_mapping(tmp_path, content):
    (tmp_path / "s.yaml").write_text(content)
    text, status = told("validate", tmp_path / "s.yaml")
    assert (status, "s.yaml" in text) == (1, True)


HEADER = "dataset split probe pooling model metric layer value low high minus_onehot reason verdict"


def verdicts(folder, rows):
    """Write a table of verdicts; "_" stands for an empty cell."""
    (folder / "tables").mkdir(parents=True)
    lines = ["\t".join(line.split()).replace("\t_\t", "\t\t") for line in [HEADER, *rows]]
    (folder / "tables" / "verdicts.tsv").write_text("\n".join(lines) + "\n")


ROWS = [
    "gb1 sampled ridge mean big spearman 3 0.812 0.7 0.9 0.2 _ benefits",
    "gb1 sampled ridge mean small spearman NaN NaN NaN NaN NaN undefined unclear",
    "scl all logistic mean big accuracy 1 0.5 0.4 0.6 -0.1 _ worse",
]


def test_show_has_a_row_for_every_network(tmp_path):
    verdicts(tmp_path / "results", ROWS)
    for folder in (tmp_path, tmp_path / "results"):
        text, status = told("show", folder)
        assert status == 0
        assert all(
            word in text for word in ("gb1/sampled, ridge, mean (spearman)", "0.812", "worse")
        )
        assert "(undefined)" in text


def test_show_keeps_names_that_look_like_numbers_and_leaves_out_a_reason_that_none_has(tmp_path):
    verdicts(tmp_path, ["1e3 007 010 mean NaN spearman 3 0.8 0.7 0.9 0.2 _ benefits"])
    text, status = told("show", tmp_path, "--network", "NaN")
    assert (status, "1e3/007, 010, mean (spearman)" in text, "()" in text) == (0, True, False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no table of verdicts (No columns to parse from file)"),
        ("dataset\tsplit\n", "is no table of verdicts ("),
        ("other\n1\n", "is no table of verdicts ("),
        ("a\tb\n1\t2\t3\n1\t2\t3\t4\t5\n", "is no table of verdicts ("),
        ("\0\0\0", "is no table of verdicts ("),
        ("\t".join(HEADER.split()) + "\n" + "word\t" * 12 + "word\n", "is no table of verdicts ("),
        (None, "has no verdict, for no network ran"),
    ],
)
def test_show_says_what_is_wrong_with_a_table(content, words, tmp_path):
    verdicts(tmp_path, [])
    if content is not None:
        (tmp_path / "tables/verdicts.tsv").write_text(content)
    text, status = told("show", tmp_path)
    assert (status, words in text) == (1, True), text


def test_show_filters_and_says_what_there_is(tmp_path):
    verdicts(tmp_path, ROWS)
    text, _ = told("show", tmp_path, "--task", "scl", "--network", "big")
    assert "scl/all" in text
    assert "gb1" not in text
    text, status = told("show", tmp_path, "--probe", "rigde")
    assert (status, "there is: logistic, ridge" in text) == (1, True)
    assert told("show", tmp_path / "no")[1] == 1
