"""Every real data set that is at hand, from its file to a verdict, with a small real network."""

import shutil

import pytest

from helpers.studies import ROOT, Study, copy_workflow
from plmbench.core.verdicts import VERDICTS

SHARED = ROOT.parent / "shared" / "data"
SAMPLE = 200  # sequences a subset: the whole sets take hours on two cores
SHIPPED = {
    "gb1": ["sampled", "low_vs_high", "one_vs_rest", "two_vs_rest", "three_vs_rest"],
    "avgfp": ["few_vs_many"],
    "tem1": ["random"],
    "localisation_small": ["extract"],
    "secondary_structure_small": ["extract"],
}
FLIP = "flip_{}/{}.fasta.gz"
CSV = {
    "meltome_legacy": (
        "flip_meltome_legacy/clustered_task.csv.gz",
        {"nonstandard_residues": "mask"},
    ),
    "localisation": ("scl_deeploc_part/test_as_train.csv.gz", {"task_type": "classification"}),
}
BIND = ["from_publication", "one_vs_many", "two_vs_many", "one_vs_sm", "one_vs_mn", "one_vs_sn"]
RESIDUES = {"secondary_structure": ["sampled"], "conservation": ["sampled"], "bind": BIND}


def residue_split(name, split):
    """Return the entry of a FLIP split of residues, read from a local folder."""
    files = {"path": split, "sequences": "sequences"}
    files |= {"mask": "mask"} if name == "secondary_structure" else {}
    return {role: str(SHARED / FLIP.format(name, file)) for role, file in files.items()}


def add_shared(catalogue):
    """Put the data sets beside the repository into the catalogue; return their splits."""
    tasks = {}
    for name, (path, settings) in CSV.items():
        splits = {"whole": {"path": str(SHARED / path)}}
        catalogue[name] = {"splits": splits, **settings}
        tasks[name] = ["whole"]
    for name, splits in RESIDUES.items():
        entry = catalogue[name]
        del entry["download"]
        entry["splits"] = {split: residue_split(name, split) for split in splits}
        tasks[name] = splits
    test = {
        "path": "resources/datasets/cb513/cb513.csv.gz",
        "format": "csv",
        "columns": {"target": "ss3", "mask": ["resolved", "cb513_mask"]},
    }
    own = catalogue["secondary_structure"]["splits"]
    own["cb513"] = own["sampled"] | {"test": test}
    tasks["secondary_structure"] = ["sampled", "cb513"]
    return tasks


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Return the Study of all data sets after its run, and the tasks it has."""
    root, tasks = tmp_path_factory.mktemp("real") / "a study", dict(SHIPPED)
    root.mkdir()
    copy_workflow(root)
    for folder in ("resources/datasets", "resources/weights"):
        shutil.copytree(ROOT / folder, root / folder)
    study = Study(root)

    def sample(catalogue):
        if SHARED.is_dir():
            tasks.update(add_shared(catalogue))
        for name in tasks:
            catalogue[name]["sample"] = {"sequences": SAMPLE}

    study.edit("datasets", sample)
    names = [f"{name}/{split}" for name, splits in tasks.items() for split in splits]

    def configure(config):
        config.update(
            tasks=names,
            models=["onehot", "composition", "mini_carp_600k"],
            checkpoints=[],
            weights=["pretrained", "reinit-0", "resample-0"],
            layers={"every": 8},
            probes=["ridge", "logistic"],
            statistics={"n_bootstrap": 200},
        )

    study.edit("config", configure)
    code, output = study.snakemake("--resources", "gpu=2", timeout=3000)
    assert code == 0, output
    return study, names


@pytest.mark.slow
def test_every_task_has_a_verdict_for_each_probe_that_serves_it(verdicts):
    study, names = verdicts
    rows = study.table("task_verdicts")
    numbers = {f"{name}/{split}" for name in ("gb1", "avgfp", "tem1") for split in SHIPPED[name]}
    numbers.add("meltome_legacy/whole")
    for name in names:
        mine = [row for row in rows if f"{row['dataset']}/{row['split']}" == name]
        probes = {"ridge"} if name in numbers else {"ridge", "logistic"}
        assert {row["probe"] for row in mine} == probes, name
        assert {row["verdict"] for row in mine} <= set(VERDICTS)


@pytest.mark.slow
def test_what_is_undefined_says_why_and_nothing_else_is(verdicts):
    study, _ = verdicts
    for row in study.table("scores"):
        assert (row["value"] == "NaN") == bool(row["reason"]), row


@pytest.mark.slow
def test_secondary_structure_gains_from_pretraining_and_one_hot_does_not_explain_it(verdicts):
    study, _ = verdicts
    rows = [r for r in study.table("verdicts") if r["dataset"].startswith("secondary_structure")]
    rows = [row for row in rows if row["probe"] == "logistic"]
    assert rows
    for row in rows:
        assert row["verdict"] == "benefits", row
        for reference in ("onehot", "reinit", "resample"):
            assert float(row[f"minus_{reference}_low"]) > 0.05


@pytest.mark.slow
def test_subsets_have_the_sampled_size_at_most_and_leakage_is_counted(verdicts):
    study, names = verdicts
    rows = study.table("datasets")
    assert len(rows) == len(names)
    for row in rows:
        assert int(row["unique_sequences"]) <= 3 * SAMPLE
        assert int(row["leakage"]) >= 0
        assert int(row["train"]) > 0
        assert int(row["test"]) > 0
        assert (int(row["folds"]) == 5) == (row["validation"] == "0")
