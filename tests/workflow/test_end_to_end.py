"""A whole study, from CSV files to report, run as a user runs it, in a folder with a space."""

import base64
import re
import shutil
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest

from networks import TINY
from workflow.study import CONFIG

COLUMNS = {
    "scores": "dataset split model weights probe pooling layer seed subset n metric value",
    "summary": "dataset split model ablation pooling probe metric choice layer mean sd seeds n",
    "datasets": "dataset split rows dropped masked_letters unique_sequences train validation test "
    "shortest longest",
}
ARMS = [("onehot", "none")] + [
    (model, weights) for model in CONFIG["models"][1:] for weights in CONFIG["weights"]
]
SPLITS = ("first", "second")
BLOCKS = {"onehot": 0} | {f"tiny_{family}": size["layers"] for family, size in TINY.items()}
METRICS = {"spearman", "pearson", "r2", "rmse"}


def files(study, folder="results"):
    """Return {path: (time of change, content)} of the files below a folder, logs left out."""
    paths = [path for path in (study.root / folder).rglob("*") if path.is_file()]
    return {
        path.relative_to(study.root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in paths
        if "logs" not in path.parts
    }


def remove_results(study):
    """Delete all that was generated, and what Snakemake knows of it."""
    shutil.rmtree(study.root / "results")
    shutil.rmtree(study.root / ".snakemake")


def test_a_run_makes_every_file_and_leaves_no_other(finished):
    embeddings = {f"embeddings/toy/{model}/{weights}.h5" for model, weights in ARMS}
    scores = {
        f"scores/toy/{split}/{model}/{weights}/{probe}.tsv"
        for split in SPLITS
        for model, weights in ARMS
        for probe in CONFIG["probes"]
    }
    labels = {f"labels/toy/{split}.tsv" for split in SPLITS}
    figures = {f"figures/toy/{split}.svg" for split in SPLITS}
    sequences = {"sequences/toy.tsv", "sequences/toy.counts.tsv"}
    tables = {f"tables/{name}" for name in ("scores.tsv", "summary.tsv", "datasets.tsv")}
    expected = embeddings | scores | labels | figures | sequences | tables | {"tables/overview.md"}
    assert {path.removeprefix("results/") for path in files(finished)} == expected


def test_every_job_has_its_log(finished):
    logs = list((finished.root / "results/logs").rglob("*.log"))
    assert len(logs) == 2 + 1 + 7 + 28 + 2 + 3  # labels, sequences, embed, probe, figure, tables


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_documented_columns(finished, name):
    first, *rest = finished.read(f"results/tables/{name}.tsv").splitlines()
    assert first.split("\t") == COLUMNS[name].split()
    assert rest


def test_every_arm_has_every_layer_subset_and_metric_once(finished):
    rows = [row for row in finished.table("scores") if row["metric"] in METRICS]
    keys = [tuple(row[key] for key in row if key not in ("n", "value")) for row in rows]
    assert len(keys) == len(set(keys))
    layers = sum(BLOCKS[model] + 1 for model, _ in ARMS)
    assert len(keys) == layers * len(SPLITS) * len(CONFIG["probes"]) * 3 * len(METRICS)


def test_chosen_penalties_are_rows_of_validation(finished):
    rows = [row for row in finished.table("scores") if row["metric"] not in METRICS]
    assert {(row["metric"], row["subset"]) for row in rows} == {("alpha", "validation")}
    assert {row["value"] for row in rows if row["probe"] == "ridge_flip"} == {"1.0"}
    assert {float(row["value"]) for row in rows} <= {0.01, 1, 100}


def test_tables_of_data_sets_and_scores_agree_on_the_size_of_subsets(finished):
    sizes = {
        (row["split"], subset): row[subset]
        for row in finished.table("datasets")
        for subset in ("train", "validation", "test")
    }
    assert sum(map(int, sizes.values())) == 2 * 60
    assert {(row["split"], row["subset"], row["n"]) for row in finished.table("scores")} == {
        (*key, n) for key, n in sizes.items()
    }


def test_a_summary_row_is_a_row_of_scores_where_there_is_one_seed(finished):
    keys = ("split", "model", "probe", "layer", "metric")
    tested = [row for row in finished.table("scores") if row["subset"] == "test"]
    values = {
        (*(row[key] for key in keys), row["weights"].partition("-")[0]): row["value"]
        for row in tested
    }
    summary = finished.table("summary")
    assert {row["choice"] for row in summary} == {"best", "last"}
    for row in summary:
        assert row["mean"] == values[(*(row[key] for key in keys), row["ablation"])]
        assert row["seeds"] == "1"


def test_the_overview_has_a_row_a_task_probe_and_network(finished):
    text = finished.read("results/tables/overview.md")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    assert sorted(tuple(row[:3]) for row in rows) == sorted(
        (f"toy/{split}", probe, model)
        for split in SPLITS
        for probe in CONFIG["probes"]
        for model in CONFIG["models"][1:]
    )


def test_a_figure_is_svg_and_names_task_networks_and_arms(finished):
    for split in SPLITS:
        text = finished.read(f"results/figures/toy/{split}.svg")
        assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
        for words in ("Toy landscape", split, "made-up activity", "tiny_esm2", "tiny_carp"):
            assert words in text
        for words in ("one-hot", "reinit", "resample", "pretrained"):
            assert words in text


def test_a_sequence_of_two_splits_is_embedded_once(finished):
    lines = finished.read("results/sequences/toy.tsv").splitlines()[1:]
    ids = {line.split("\t")[0] for line in lines}
    with h5py.File(finished.root / "results/embeddings/toy/tiny_carp/pretrained.h5") as file:
        assert sorted(file["ids"].asstr()[:]) == sorted(ids)
        assert len(ids) == 60


def test_a_second_run_does_nothing(study):
    before = files(study)
    assert "Nothing to be done" in study.run()
    assert files(study) == before


def test_a_new_run_of_a_part_gives_the_same_lines(study):
    before = study.read("results/tables/scores.tsv").splitlines()
    remove_results(study)
    config = ["models=[onehot, tiny_carp]", "weights=[resample-0]", "probes=[ridge]"]
    study.run("results/tables/scores.tsv", "--config", *config, "tasks=[toy/first]")
    head, *lines = study.read("results/tables/scores.tsv").splitlines()
    arms = ("toy\tfirst\tonehot\tnone\tridge\t", "toy\tfirst\ttiny_carp\tresample-0\tridge\t")
    assert head == before[0]
    assert lines == [line for line in before if line.startswith(arms)]
    layers = 1 + BLOCKS["tiny_carp"] + 1
    assert len(lines) == layers * (1 + 3 * len(METRICS))


@pytest.mark.slow
def test_a_new_run_of_everything_gives_the_same_bytes(study):
    before = files(study)
    remove_results(study)
    study.run("--cores", "1")
    contents = [
        {path: content for path, (_, content) in found.items() if not path.endswith(".h5")}
        for found in (before, files(study))
    ]
    assert contents[0] == contents[1]


def test_the_size_of_batches_changes_embeddings_by_rounding_alone(study):
    file = "results/embeddings/toy/tiny_esm2/pretrained.h5"
    with h5py.File(study.root / file) as before:
        ids, values = before["ids"][:], before["mean"][:]
    (study.root / file).unlink()
    study.run(file, "--config", "compute={tokens_per_batch: 64}")
    with h5py.File(study.root / file) as after:
        assert (after["ids"][:] == ids).all()
        np.testing.assert_allclose(after["mean"][:], values, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def report(finished, tmp_path_factory):
    """Return the text of the study's report."""
    study = finished.copy(tmp_path_factory.mktemp("report") / "a study")
    study.run("--report", "results/report.html")
    return study.read("results/report.html")


def test_the_report_has_every_table_and_figure_with_its_caption(report, finished):
    words = " ".join(re.sub(r"\\n|<[^>]*>", " ", report).split())
    captions = ["datasets.rst", "scores.rst", "summary.rst", "workflow.rst"]
    for caption in captions:
        sentence = finished.read(f"resources/report/{caption}").split(":")[0].split("?")[0]
        assert " ".join(sentence.split()) in words
    for split in SPLITS:
        assert f"against the layer, for toy/{split}." in words
    for name in ("tables/scores.tsv", "tables/summary.tsv", "tables/datasets.tsv"):
        content = (finished.root / "results" / name).read_bytes()
        assert base64.b64encode(content).decode() in report
    for split in SPLITS:
        content = (finished.root / f"results/figures/toy/{split}.svg").read_bytes()
        assert base64.b64encode(content).decode() in report


def test_the_report_loads_nothing_from_elsewhere(report):
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", report)
    remote = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""")
    assert len(tags) > 5
    assert not [tag for tag in tags if remote.search(tag)]
