"""Networks of transformers in a study: from folders to verdicts, beside networks of other
libraries."""

import pytest
import yaml

from helpers.hub_folders import edit_json, folder_of
from helpers.studies import new_study

KINDS = ("bert", "t5", "gpt2")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a study of a tiny network of each architecture, after its run."""
    root = tmp_path_factory.mktemp("architectures") / "a study"
    less = {"probes": ["ridge"], "controls": [], "tasks": ["toy/first"]}
    models = ["onehot", "tiny_esm2", *(f"hub_{kind}" for kind in KINDS)]
    study = new_study(root, models=models, weights=["pretrained", "reinit-0"], **less)
    for kind in KINDS:
        folder_of(kind, root / f"resources/weights/{kind}")
    entries = {
        f"hub_{kind}": {
            "family": "transformers",
            "path": f"resources/weights/{kind}",
            "num_layers": 3,
            "hidden_size": 32,
        }
        for kind in KINDS
    }
    study.append("config/models.yaml", yaml.safe_dump(entries))
    code, output = study.snakemake(timeout=900)
    assert code == 0, output
    return study


@pytest.mark.slow
def test_every_architecture_has_a_verdict(study):
    rows = {row["model"]: row for row in study.table("verdicts")}
    assert {"tiny_esm2", *(f"hub_{kind}" for kind in KINDS)} == set(rows)
    assert all(row["minus_reinit"] for row in rows.values())


@pytest.mark.slow
def test_the_table_of_runs_says_what_each_network_is(study):
    rows = [row for row in study.table("runs") if row["model"].startswith("hub_")]
    assert len(rows) == 2 * len(KINDS)
    said = {row["model"]: row["network"] for row in rows}
    assert said["hub_t5"].startswith("T5EncoderModel of transformers 5.24")
    assert "causal" in said["hub_gpt2"]


@pytest.mark.slow
def test_a_second_run_does_nothing_and_a_changed_folder_its_own_network_again(study):
    assert study.counts() == {}
    (study.root / "resources/weights/bert/README.md").write_text("a card")
    assert study.counts() == {}
    edit_json(study.root / "resources/weights/bert/config.json", lambda c: c.update(note=1))
    assert {job.wildcards["model"] for job in study.jobs() if job.rule == "embed"} == {"hub_bert"}


@pytest.mark.slow
def test_sites_of_a_causal_network_are_refused_with_the_reason(study):
    study.edit("models", lambda c: c["hub_gpt2"].update(pooling=["sites"]))
    output = study.fail("--keep-going")
    assert "pooling sites is not for model hub_gpt2, for its tokens are pieces" in output
