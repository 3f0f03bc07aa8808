"""What a study costs where something is amiss: no file, no size, a benchmark file cut short."""

import csv
import math
from types import SimpleNamespace

import pytest

from helpers.images import inline, picture, write_table
from helpers.studies import ROOT
from plmbench.data.shards import Shard
from plmbench.study.catalogues import Study
from plmbench.study.cost import cost_table, cpu_seconds
from plmbench.study.cost_facts import Facts
from plmbench.study.cost_jobs import jobs_of
from plmbench.study.cost_machine import Machine, Start
from plmbench.study.cost_rates import read_rates
from plmbench.study.cost_sizes import COUNTED, Sizes
from plmbench.study.cost_text import text_of
from plmbench.study.files import Files
from plmbench.study.job_resources import JobResources
from plmbench.study.resources import FLOPS, PATCHES

KINDS = ("store", "table", "probe", "network")
MACHINE = Machine(1, 100e9, dict.fromkeys(KINDS, Start(1.0, 100.0)), 1e8)
SPLITS = {
    "first": {"path": "all.csv", "tests": {"own": {}, "near": {"path": "near.csv"}}},
    "plain": {"path": "all.csv"},
}
SETS = ("train", "test")
SIZES = {"num_layers": 2, "hidden_size": 8}


def text_and_table(folder, monkeypatch, model=None, splits=SPLITS, tasks=("toy/first",)):
    """Return the estimate of a small study in a folder, as text and as a table."""
    monkeypatch.chdir(folder)
    for name in ("all.csv", "near.csv"):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([("sequence", "target", "set"), *rows()])
    toy = {"task_type": "classification", "splits": splits}
    entries = {"datasets": {"toy": toy}, "models": {"mine": model} if model else {}}
    models = ["onehot", *entries["models"]]
    config = {"tasks": list(tasks), "models": models, "weights": ["pretrained", "reinit-0"]}
    study_file = folder / "study.yaml"
    study_file.write_text("")
    study = Study(
        config | {"probes": ["logistic_small"], "entries": entries},
        *(ROOT / "config", [study_file, ROOT / "config/config.yaml"]),
    )
    facts = Facts(
        study, Sizes(study, Files(study, ROOT)), read_rates(ROOT / "benchmarks/results"), MACHINE
    )
    table = cost_table(facts, jobs_of(study, facts.sizes))
    return text_of(facts, table), table


def rows():
    """Yield rows of a table with two classes in train and in test."""
    for i, letter in enumerate("ACDEFGHIKLMNPQRSTVWY"):
        yield f"M{letter * 9}", "ab"[i % 2], "train" if i < 12 else "test"


@pytest.mark.parametrize(
    ("tasks", "splits"),
    [
        (["toy/first"], SPLITS),
        (["toy/first@near"], SPLITS),
        (["toy/plain", "toy/first@own"], SPLITS),
        (["toy/first"], {"first": {"path": "all.csv", "tests": {"only": {}}}}),
    ],
)
def test_a_split_with_named_sets_whose_files_are_there_is_counted(
    tasks, splits, tmp_path, monkeypatch
):
    text, table = text_and_table(tmp_path, monkeypatch, tasks=tasks, splits=splits)
    assert set(table["size"][table["dataset"] == "toy"]) == {COUNTED}
    assert "not there yet" not in text


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ({"family": "carp", "path": "mine.pt"}, False),
        ({"family": "transformers", "path": "a folder"}, False),
        ({"family": "esm2", "path": "mine.pt", "num_layers": 2}, False),
        ({"family": "esm2", "path": "mine.pt", "hidden_size": 8}, False),
        ({"family": "esm2", "path": "mine.pt", "about": {"parameters": 1000}}, False),
        ({"family": "carp", "path": "mine.pt", **SIZES}, True),
        ({"family": "transformers", "path": "a folder", **SIZES}, True),
    ],
)
def test_a_network_of_unknown_size_costs_not_nothing_but_is_named(
    model, known, tmp_path, monkeypatch
):
    text, table = text_and_table(tmp_path, monkeypatch, model)
    assert ("at least" in text.splitlines()[0]) == (not known)
    assert ("mine: unknown, and left out: state num_layers and hidden_size" in text) == (not known)
    assert not (table.select_dtypes("number") < 0).any(axis=None)


@pytest.mark.parametrize(
    ("splits", "missing"),
    [
        ({"first": {"path": "no.csv"}}, ["no.csv"]),
        ({"first": {"path": "all.csv", "test": {"path": "no.csv"}}}, ["no.csv"]),
        ({"first": {"path": "all.csv", "tests": {"a": {}, "b": {"path": "no.csv"}}}}, ["no.csv"]),
        ({"first": {"path": "no.csv", "test": {"path": "nor.csv"}}}, ["no.csv", "nor.csv"]),
    ],
)
def test_a_file_that_no_download_brings_is_named(splits, missing, tmp_path, monkeypatch):
    text, _ = text_and_table(tmp_path, monkeypatch, splits=splits)
    (line,) = [line for line in text.splitlines() if line.startswith("toy: unknown")]
    assert line.startswith("toy: unknown: there is no file ")
    assert all(name in line for name in missing)
    assert "download" not in line


@pytest.mark.parametrize(
    ("side", "config", "tokens"),
    [
        (8, {"image_size": 224, "patch_size": 16}, 20 * 196),
        (64, {"image_size": 224, "patch_size": 16}, 20 * 196),
        (8, {"image_size": 32, "patch_size": 8}, 20 * 16),
        (64, {}, 20 * PATCHES),
    ],
)
def test_a_network_sees_patches_of_an_image_whatever_its_size(
    side, config, tokens, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    facts = of_images(tmp_path, side, config)
    counted = {
        job.model: facts.tokens(job) for job in jobs_of(facts.study, facts.sizes) if job.model
    }
    assert counted["mine"] == tokens
    embeds = [job for job in jobs_of(facts.study, facts.sizes) if job.rule == "embed"]
    states = {job.model: facts.states(job) for job in embeds}
    assert states["pixels_8"] == {"flat": 20 * 64}  # as the representation scales them


@pytest.mark.parametrize(("count", "side"), [(60_000, 32), (60_000, 8), (600, 512)])
def test_so_does_the_time_that_a_job_asks_for(count, side, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = of_images(tmp_path, 8, {}).study
    study.models["mine"] |= {"num_layers": 12, "hidden_size": 768}
    shards = {"a": Shard("a", count, count * side**2, ""), "one": Shard("one", 1, side**2, "")}
    asking = JobResources(study, lambda dataset: shards)
    names = {"dataset": "toy", "model": "mine", "weights": "pretrained"}
    whole, one = (
        asking.embed_runtime(SimpleNamespace(**names, shard=shard), 1, 1) for shard in shards
    )
    operations = 2 * 12 * 12 * 768**2 * count * PATCHES
    assert whole - one == pytest.approx(operations / FLOPS["cpu"] / 60, rel=0.01, abs=2)


def of_images(folder, side, config):
    """Return the Facts of a study of 20 images of side x side pixels."""
    cells = [inline(picture(i, (side, side))) for i in range(20)]
    rows = [{"image": c, "target": "ab"[i % 2], "set": SETS[i > 12]} for i, c in enumerate(cells)]
    write_table(folder / "t.csv", rows)
    (folder / "study.yaml").write_text("")
    one = {"modality": "image", "task_type": "classification", "splits": {"a": {"path": "t.csv"}}}
    mine = {"family": "transformers", "modality": "image", "path": "f", **SIZES}
    entries = {
        "datasets": {"toy": one},
        "models": {"mine": mine | ({"config": config} if config else {})},
    }
    study = Study(
        {
            "tasks": ["toy"],
            "models": ["pixels_8", "mine"],
            "compute": {"device": "cpu"},
            "weights": ["pretrained"],
            "probes": ["logistic_small"],
            "entries": entries,
        },
        *(ROOT / "config", [folder / "study.yaml", ROOT / "config/config.yaml"]),
    )
    rates = read_rates(ROOT / "benchmarks/results")
    return Facts(study, Sizes(study, Files(study, ROOT)), rates, MACHINE)


@pytest.mark.parametrize("place", ["core-hours:", "disk:"])
def test_what_has_no_data_set_is_on_none(place, tmp_path, monkeypatch):
    text, _ = text_and_table(tmp_path, monkeypatch)
    assert place in text
    assert " on ;" not in text
    assert "on 1 core;" in text


@pytest.mark.parametrize(
    ("content", "expected", "named"),
    [
        (b"s\tcpu_time\n1\t2.5\n", [2.5], False),
        (b"s\tcpu_time\n1\tNA\n", [], False),
        (b"s\tcpu_time\n1\t-\n", [], False),
        (b"", [], True),
        (b"s\tcpu_time\n", [], True),
        (b"s\th:m:s\n1\t0:00:01\n", [], True),
        (b"s\tcpu_time\n1\tabc\n", [], True),
        (b"s\tcpu_time\n1\t-5\n", [], True),
        (b"s\tcpu_time\n1\tinf\n", [], True),
        (b"\xff\xfe\x00s\tcpu_time\n1\t2\n", [], True),
        (b"\0" * 200, [], True),
    ],
)
@pytest.mark.parametrize("shards", [False, True])
def test_a_benchmark_file_that_cannot_be_read_is_left_out_and_named(
    content, expected, named, shards, tmp_path, caplog
):
    (tmp_path / "job").mkdir()
    path = tmp_path / ("job/0.tsv" if shards else "job.tsv")
    path.write_bytes(content)
    found = cpu_seconds(str(tmp_path / "job"))
    assert found == expected
    assert not any(math.isnan(value) for value in found)
    assert [str(path) in record.getMessage() for record in caplog.records] == [True] * named
