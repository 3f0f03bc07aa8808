"""config/architectures.yaml: networks of every class that is shipped, from one configuration to
verdicts."""

import pytest
import yaml

from helpers.studies import ROOT, shipped

FILE = ROOT / "config/architectures.yaml"
CONFIG = yaml.safe_load(FILE.read_text(encoding="utf-8"))
MODELS = yaml.safe_load((ROOT / "config/models.yaml").read_text(encoding="utf-8"))
NETWORKS = [name for name in CONFIG["models"] if "path" in MODELS[name]]
WANTED = ("bert", "albert", "t5", "gpt2", "bart", "esm2_100k", "esm2_100k_hub")


def test_every_architecture_is_in_it_from_files_that_are_shipped():
    assert all((ROOT / MODELS[name]["path"]).exists() for name in NETWORKS)
    for wanted in WANTED:
        assert [name for name in NETWORKS if name.startswith(f"mini_{wanted}")], wanted


@pytest.mark.slow
def test_it_runs_to_verdicts_and_both_formats_of_esm2_score_alike(tmp_path):
    study = shipped(tmp_path)
    code, output = study.snakemake(
        "results/tables/verdicts.tsv", "--configfile", str(FILE), timeout=3600
    )
    assert code == 0, output
    rows = {row["model"]: row for row in study.table("verdicts")}
    assert set(rows) == set(NETWORKS)
    values = [float(rows[name]["value"]) for name in ("mini_esm2_100k", "mini_esm2_100k_hub")]
    assert values[0] == pytest.approx(values[1], abs=2e-3)
    assert {rows[f"mini_{name}_100k"]["verdict"] for name in ("esm2", "bert")} == {"benefits"}
