"""A whole study, from CSV files to report, run as a user runs it, in a folder with a space."""

import re
import shutil
from itertools import product
from string import Formatter
from xml.etree import ElementTree

import h5py
import numpy as np
import pytest
from scipy.stats import spearmanr

from helpers.columns import COLUMNS
from helpers.networks import TINY
from helpers.studies import CONFIG, ROOT
from plmbench.core.digests import sha256_of_file

NETWORKS = CONFIG["models"][1:]
ARMS = [("onehot", "none")] + [(m, weights) for m in NETWORKS for weights in CONFIG["weights"]]
FITS = [(*arm, probe) for arm in ARMS for probe in CONFIG["probes"]] + [
    (model, "pretrained", control) for model in NETWORKS for control in CONFIG["controls"]
]
SPLITS = ("first", "second")
FIGURES = ("curves", "bars", "scaling")
BLOCKS = {"onehot": 0} | {f"tiny_{family}": size["num_layers"] for family, size in TINY.items()}
METRICS = {"spearman", "pearson", "r2", "rmse", "ndcg", "ndcg_corrected"}
FILES = ROOT / "tests/files/study_files.txt"
MEASURED = ("labels", "overlap", "relatives", "compare", "identity_bins")  # jobs of a split


def files(study, folder="results"):
    """Return {path: (time of change, content)} of the files below a folder; neither logs nor
    benchmarks, which hold times."""
    paths = [path for path in (study.root / folder).rglob("*") if path.is_file()]
    return {
        path.relative_to(study.root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in paths
        if not {"logs", "benchmarks"} & set(path.parts)
    }


def remove_results(study):
    """Delete all that was generated, and what Snakemake knows of it."""
    shutil.rmtree(study.root / "results")
    shutil.rmtree(study.root / ".snakemake")


def expected_files(shard):
    """Return the paths below results/ that the study of one shard makes, without logs: each line of
    study_files.txt, for every combination of what it names in braces."""
    named = {
        "arm": ["/".join(arm) for arm in ARMS],
        "fit": ["/".join(fit) for fit in FITS],
        **{"split": SPLITS, "figure": FIGURES, "measured": MEASURED, "shard": [shard]},
    }
    found = set()
    for line in FILES.read_text().splitlines():
        names = [name for _, name, _, _ in Formatter().parse(line) if name]
        values = product(*(named[name] for name in names))
        found |= {line.format(**dict(zip(names, own, strict=True))) for own in values}
    return found


def test_a_run_makes_every_file_and_leaves_no_other(finished):
    results = finished.root / "results"
    paths = {p.relative_to(results).as_posix() for p in results.rglob("*") if p.is_file()}
    named_by_content = {path for path in paths if path.startswith("sequences/toy/")}
    # One shard, the sites, and what Snakemake leaves in a folder that it made.
    assert len(named_by_content) == 3
    others = {path for path in paths if not path.startswith("logs/")} - named_by_content
    shards = finished.read("results/sequences/toy.shards.tsv").splitlines()
    assert others == expected_files(shards[1].split("\t")[0])


def test_every_job_has_its_log(finished):
    logs = list((finished.root / "results/logs").rglob("*.log"))
    # sequences and families; labels, overlap and relatives; embed, join, probe; compare and
    # bins of a split; tables, figures and page
    assert len(logs) == 2 + 6 + 2 * len(ARMS) + 2 * len(FITS) + 2 * 2 + 8 + 2


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_documented_columns(finished, name):
    first, *rest = finished.read(f"results/tables/{name}.tsv").splitlines()
    assert first.split("\t") == COLUMNS[name].split()
    assert rest or name == "pretraining_overlap"  # no network says what it was pretrained on


def test_every_arm_has_every_layer_subset_and_metric_once(finished):
    rows = [row for row in finished.table("scores") if row["metric"] in METRICS]
    keys = [tuple(row[key] for key in row if key not in ("n", "value")) for row in rows]
    assert len(keys) == len(set(keys))
    layers = sum(BLOCKS[model] + 1 for model, _, _ in FITS)
    assert len(keys) == layers * len(SPLITS) * 3 * len(METRICS)


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
    assert {row["layer_selection"] for row in summary} == {"validation", "last"}
    for row in summary:
        assert row["mean"] == values[(*(row[key] for key in keys), row["ablation"])]
        assert row["seeds"] == "1"


def test_kept_predictions_give_the_scores_again(finished):
    rows = [
        row
        for row in finished.table("scores")
        if (row["subset"], row["metric"]) == ("test", "spearman")
    ]
    assert len(rows) == 2 * sum(BLOCKS[model] + 1 for model, _, _ in FITS)
    for row in rows:
        job = "/".join(row[key] for key in ("dataset", "split", "model", "weights", "probe"))
        with h5py.File(finished.root / f"results/predictions/{job}.h5") as file:
            [prediction] = file[f"{row['pooling']}/{row['layer']}"][:]
            y_true = file["y_true"][:]
        assert float(row["value"]) == pytest.approx(spearmanr(y_true, prediction)[0], abs=1e-12)
        assert len(y_true) == int(row["n"])


def test_sites_are_where_sequences_differ_from_the_wild_type(finished):
    lines = finished.read("results/sequences/toy.sites.tsv").splitlines()
    assert lines[0].split("\t") == ["site", "wild_type", "residues"]
    assert [line.split("\t")[:2] for line in lines[1:]] == [[str(i), "A"] for i in range(12)]


def test_a_run_is_listed_with_the_digest_of_its_checkpoint(finished):
    rows = {(row["model"], row["weights"]): row for row in finished.table("runs")}
    assert set(rows) == set(ARMS)
    digests = {
        f"tiny_{family}": sha256_of_file(finished.root / f"resources/weights/{family}.pt")
        for family in ("esm2", "carp")
    }
    for (model, _), row in rows.items():
        assert row["checkpoint_sha256"] == digests.get(model, "")
        assert row["sequences"] == "60"


def test_the_overview_has_a_row_a_task_probe_and_network(finished):
    text = finished.read("results/tables/overview.md")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]
    assert sorted(tuple(row[:4]) for row in rows) == sorted(
        (f"toy/{split}", probe, "mean", model)
        for split in SPLITS
        for probe in CONFIG["probes"]
        for model in NETWORKS
    )


def test_a_figure_is_svg_and_names_its_task_and_arms(finished):
    for split in SPLITS:
        for name in FIGURES:
            text = finished.read(f"results/figures/toy/{split}.{name}.svg")
            assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own file
            for words in ("Toy landscape", split, "tiny_esm2", "tiny_carp"):
                assert words in text
        text = finished.read(f"results/figures/toy/{split}.bars.svg")
        for words in ("one-hot", "reinit", "resample", "pretrained", "shuffled"):
            assert words in text


def test_the_heat_map_has_every_task_and_network(finished):
    text = finished.read("results/figures/heat_map.svg")
    for words in ("Toy landscape", *SPLITS, *NETWORKS):
        assert words in text


def test_the_page_has_every_task_verdict_and_figure_and_loads_nothing(finished):
    page = finished.read("results/study.html")
    words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    for row in finished.table("task_verdicts"):
        assert f"Toy landscape, {row['split']}" in words
        assert row["verdict"] in words
    assert page.count("<svg") == 3 + len(SPLITS) * len(FIGURES)
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)
    assert "made-up activity" in words


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


@pytest.mark.slow
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
    assert not (study.root / "results/study.html").exists()


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
