"""Studies that ablate networks in part: their tables, and that all else stays as it is."""

import pytest

from helpers.studies import new_study, shipped

TABLES = ("results/tables/critical_depth.tsv", "results/tables/parts.tsv")
TOLERANCE = {"top": (15.1, 0.4), "bottom": (5.1, 1.4)}  # the reference's intervals, one seed


@pytest.mark.slow
def test_a_study_with_a_sweep_has_its_tables_and_page_and_is_then_finished(tmp_path):
    weights = ["pretrained", "reinit-0", "parts-0", "parts-1"]
    models = ["onehot", "tiny_carp"]
    keys = {"models": models, "checkpoints": [], "controls": [], "weights": weights}
    keys |= {"tasks": ["toy/first"], "probes": ["ridge"]}
    study = new_study(tmp_path / "a study", families=("carp",), **keys)
    study.run()
    depth, parts = study.table("critical_depth"), study.table("parts")
    assert {row["direction"] for row in depth} == {"top", "bottom"}
    assert {row["kind"] for row in parts} == {"whole", "roles", "window"}
    assert {row["weights"] for row in (*depth, *parts)} == {"parts"}
    assert "parts" not in {row["ablation"] for row in study.table("arms")}
    assert 'id="parts"' in (study.root / "results/study.html").read_text()
    assert study.jobs() == []


@pytest.mark.slow
def test_critical_depths_of_a_shipped_network_are_those_of_the_reference(tmp_path):
    study = shipped(tmp_path)
    settings = ["models=[mini_carp_600k]", "checkpoints=[]", "controls=[]", "layers=[-1]"]
    settings += ["tasks=[secondary_structure_small/extract]", "probes=[logistic_parts]"]
    settings += ["weights=[pretrained,depth-0]"]
    study.run(*TABLES, "--config", *settings)
    found = {row["direction"]: float(row["k50"]) for row in study.table("critical_depth")}
    for direction, (expected, tolerance) in TOLERANCE.items():
        assert found[direction] == pytest.approx(expected, abs=tolerance)
