"""The tables that answer the study's question agree with the scores, and with each other."""

import math

import pytest

from helpers.columns import unsure
from helpers.studies import CONFIG
from plmbench.core.verdicts import VERDICTS

COLUMNS = {
    "arms": "dataset split probe pooling model ablation metric layer_selection "
    "layer value low high seeds n units training_data defined reason",
    "differences": "dataset split probe pooling model metric layer_selection layer "
    "reference role reference_pooling difference low high p error freedom "
    "most_noise test_error seed_error seeds seed_sd n units training_data defined reason "
    "share_of_gain share_low share_high share_reason p_holm p_no_gain in_verdict",
    "gains": "dataset split probe pooling model layer_selection layer reference reference_layer "
    "gain low high n units reason",
    "correlations": "dataset split probe pooling model axis points slope low high p per rho "
    "score_rho reason p_holm trend",
    "networks": "rank model tasks gain low high tied_with reason",
    "task_verdicts": "dataset split probe pooling metric units units_needed models benefits "
    "no_benefit worse unclear too_few not_assessable verdict published_rule "
    "published_verdict matches_published",
}
NETWORKS = CONFIG["models"][1:]
SPLITS = ("first", "second")
ROLES = {
    "onehot": "baseline",
    "reinit": "ablation",
    "resample": "ablation",
    "shuffled labels": "control",
}
UNITS = {"first": "20", "second": "15"}  # of test; an interval needs 20, a verdict 50


def keyed(rows, *keys):
    """Return {values of keys: row}; they must tell the rows apart."""
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def arms(finished):
    """Return {(split, probe, model, ablation, layer_selection): row} of the table of arms."""
    return keyed(finished.table("arms"), "split", "probe", "model", "ablation", "layer_selection")


@pytest.fixture(scope="module")
def differences(finished):
    """Return {(split, probe, model, reference, layer_selection): row}."""
    return keyed(
        finished.table("differences"), "split", "probe", "model", "reference", "layer_selection"
    )


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_documented_columns(finished, name):
    first, *rest = finished.read(f"results/tables/{name}.tsv").splitlines()
    assert first.split("\t") == COLUMNS[name].split()
    assert rest


def test_no_column_of_words_is_taken_for_numbers_where_no_row_has_one(finished, tmp_path):
    paths = sorted((finished.root / "results/tables").glob("*.tsv"))
    found = {path.name: unsure(path, tmp_path / path.name) for path in paths}
    assert len(found) > 8
    assert {name: columns for name, columns in found.items() if columns} == {}


def test_an_arm_has_the_value_of_the_summary_within_its_interval(arms, finished):
    keys = ("split", "probe", "model", "ablation", "layer_selection")
    summary = keyed([r for r in finished.table("summary") if r["metric"] == "spearman"], *keys)
    assert set(arms) == set(summary)
    for key, row in arms.items():
        assert (row["layer"], row["n"]) == (summary[key]["layer"], summary[key]["n"])
        assert float(row["value"]) == pytest.approx(float(summary[key]["mean"]), abs=1e-12)
        assert row["units"] == UNITS[row["split"]]
        if row["split"] == "first":
            assert -1 <= float(row["low"]) < float(row["high"]) <= 1


def test_a_split_of_too_few_test_sequences_has_no_interval_and_says_why(arms, differences):
    rows = [*arms.values(), *differences.values()]
    for row in [row for row in rows if row["split"] == "second"]:
        if row["reason"]:
            assert row["reason"] == "15 test units are too few: an interval needs 20"
            assert (row["low"], row["high"]) == ("NaN", "NaN")
        else:  # the layer is one that the ablation keeps
            assert float(row["difference"]) == pytest.approx(0, abs=1e-15)


def test_every_pretrained_network_is_compared_with_each_reference_once(differences):
    assert set(differences) == {
        (split, probe, model, reference, layer_selection)
        for split in SPLITS
        for probe in CONFIG["probes"]
        for model in NETWORKS
        for reference in ROLES
        for layer_selection in ("validation", "last")
        if reference != "shuffled labels" or probe == "ridge"  # has a control
    }
    assert all(row["role"] == ROLES[row["reference"]] for row in differences.values())


def test_a_difference_is_that_of_two_arms(differences, arms):
    for (split, probe, model, reference, layer_selection), row in differences.items():
        other = {
            "onehot": (split, probe, "onehot", "none", layer_selection),
            "shuffled labels": (split, "ridge_shuffled", model, "pretrained", layer_selection),
        }.get(reference, (split, probe, model, reference, layer_selection))
        mine = float(arms[split, probe, model, "pretrained", layer_selection]["value"])
        expected = mine - float(arms[other]["value"])
        assert float(row["difference"]) == pytest.approx(expected, abs=1e-12)
        assert row["reference_pooling"] == arms[other]["pooling"]


def test_only_baselines_and_ablations_are_corrected_for_their_number(differences):
    for row in differences.values():
        untested = row["role"] == "control" or math.isnan(float(row["p"]))
        assert math.isnan(float(row["p_holm"])) == untested
        assert not float(row["p_holm"]) < float(row["p"])


def test_what_depth_gives_is_measured_for_each_network(finished):
    rows = keyed(finished.table("correlations"), "split", "probe", "model", "axis")
    assert set(rows) == {
        (split, probe, model, "depth")
        for split in SPLITS
        for probe in CONFIG["probes"]
        for model in NETWORKS
    }
    assert {row["points"] for row in rows.values()} == {"3"}  # layers after the first
    assert {row["trend"] for row in rows.values()} == {"not assessable"}


def test_a_gain_is_the_difference_to_the_better_ablation(finished, differences):
    rows = [row for row in finished.table("gains") if row["layer_selection"] == "validation"]
    assert len(rows) == len(SPLITS) * len(CONFIG["probes"]) * len(NETWORKS)
    for row in rows:
        names = row["split"], row["probe"], row["model"]
        gains = [
            float(differences[(*names, name, "validation")]["difference"])
            for name in ("reinit", "resample")
        ]
        assert float(row["gain"]) == pytest.approx(min(gains), abs=1e-12)


def test_each_network_has_one_line_over_all_tasks(finished):
    rows = {row["model"]: row for row in finished.table("networks")}
    assert set(rows) == set(NETWORKS)
    gains = [row for row in finished.table("gains") if row["layer_selection"] == "validation"]
    for name, row in rows.items():
        own = [float(gain["gain"]) for gain in gains if gain["model"] == name]
        assert float(row["gain"]) == pytest.approx(sum(own) / len(own), nan_ok=True)
        assert row["tasks"] in ("2", "1")  # too few for an interval
        assert row["low"] == "NaN"


def test_a_row_of_transfer_has_its_arm_its_differences_and_a_verdict(finished, arms, differences):
    rows = keyed(finished.table("verdicts"), "split", "probe", "model")
    assert len(rows) == len(SPLITS) * len(CONFIG["probes"]) * len(NETWORKS)
    for (split, probe, model), row in rows.items():
        arm = arms[split, probe, model, "pretrained", "validation"]
        assert [row[k] for k in ("layer", "value", "low", "high", "n")] == [
            arm[k] for k in ("layer", "value", "low", "high", "n")
        ]
        for reference in ("onehot", "reinit", "resample"):
            found = differences[split, probe, model, reference, "validation"]
            names = (f"minus_{reference}{suffix}" for suffix in ("", "_low", "_high", "_p"))
            assert [row[name] for name in names] == [
                found[name] for name in ("difference", "low", "high", "p_holm")
            ]
        assert (row["verdict"], row["units_needed"]) == ("too few", "50")
        assert row["reason"] == f"{UNITS[split]} test unit(s); a verdict needs 50"


def test_a_verdict_of_a_task_counts_those_of_its_networks(finished):
    verdicts = finished.table("verdicts")
    for row in finished.table("task_verdicts"):
        mine = [
            found["verdict"]
            for found in verdicts
            if (found["split"], found["probe"]) == (row["split"], row["probe"])
        ]
        counts = {name: int(row[name.replace(" ", "_")]) for name in VERDICTS}
        assert counts == {name: mine.count(name) for name in VERDICTS}
        assert int(row["models"]) == len(mine) == len(NETWORKS)


def test_a_verdict_stands_beside_that_of_the_published_study(finished):
    for row in finished.table("task_verdicts"):
        assert row["published_verdict"] == {"first": "benefits", "second": ""}[row["split"]]
        agrees = "yes" if row["published_rule"] == row["published_verdict"] else "no"
        known = row["published_verdict"] and row["published_rule"]
        assert row["matches_published"] == (agrees if known else "")
