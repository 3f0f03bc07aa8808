"""Cases about files: what each holds is in its folder of ../shared/cases, with its source."""

import torch
import yaml

from cases.case import Case, counted, judged, refused, shows, valued, warned
from plmbench.models.checkpoints import load_checkpoint

MINE = r"mine\.csv"
SPLIT = {"random": {"path": "@CASE@/mine.csv"}}
CLASSES = {"task_type": "classification", "splits": SPLIT}
BASELINE = {"mean": 0.516}  # of mini_carp_100k, from the right file
BY_POOLING = {"mean": 0.516, "mutated": 0.55, "sites": 0.672}
POOLINGS = "[mean, mutated, sites]"
ALL_EQUAL = {"statistics": "{n_bootstrap: 200}"}
TOO_FEW = "too few"


def split(file, **settings):
    """Return an entry of numbers in another file."""
    return {"splits": {"random": {"path": f"@CASE@/{file}"}}, **settings}


def fasta(policy):
    """Return the entry of a FASTA file under a policy for residues."""
    return split("mine.fasta", format="flip_fasta", nonstandard_residues=policy)


def wild_type(expect):
    """Return a case about a wild type."""
    entry = {"wild_type": "@CASE@/wild_type.fasta", "pooling": ["mean", "mutated", "sites"]}
    return Case(expect, {**entry, "splits": SPLIT}, {"pooling": POOLINGS})


def checkpoint(write, expect):
    """Return a case about a checkpoint that `write(data, path)` writes of a shipped one's data."""

    def prepare(study, folder):
        shipped = study.root / "resources/weights/mini_esm2_100k/mini_esm2_100k.pt"
        write(load_checkpoint(shipped)[0], study.root / "tuned.pt")
        about = {"network": "tuned", "series": "tuned", "parameters": 117249}
        entry = {"family": "esm2", "path": "tuned.pt", "num_layers": 4, "hidden_size": 48}
        study.append(
            "config/models.yaml", "\n" + yaml.safe_dump({"tuned": entry | {"about": about}})
        )

    return Case(expect, {"splits": SPLIT}, {"models": "[onehot, tuned]"}, prepare=prepare)


def with_prefix(data, path):
    """Write a checkpoint as training on several GPUs does."""
    torch.save({**data, "model": {f"module.{k}": v for k, v in data["model"].items()}}, path)


def tensors_alone(data, path):
    """Write the tensors of a network and nothing else."""
    torch.save({f"model.{k}": v for k, v in data["model"].items()}, path)


def pointer(data, path):
    """Write what git leaves where it does not fetch a large file."""
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def recipe(expect):
    """Return a case about the proteins of a recipe."""

    def prepare(study, folder):
        entry = {
            "family": "carp",
            "architecture": {
                **{"num_layers": 2, "hidden_size": 16, "embedding_size": 8},
                **{"dilation": 4, "slim": True},
            },
            **{"data": f"{folder}/data.fasta", "held_out": f"{folder}/held.fasta"},
            **{"steps": 16, "tokens": 512, "learning_rate": 1.0e-3},
            "about": {"series": "tiny", "licence": "none"},
        }
        study.append("config/recipes.yaml", "\n" + yaml.safe_dump({"tiny": entry}))

    tiny = {"tasks": "[gb1_small/low_vs_high]", "recipes": "[tiny]"}
    return Case(expect, {}, tiny, ("pretrain",), prepare)


def catalogue(encoding, expect):
    """Return a case about the catalogue of data sets in another encoding."""

    def prepare(study, folder):
        path = study.root / "config/datasets.yaml"
        title = "Ångström assay"
        text = (
            path.read_text()
            + "\n"
            + yaml.safe_dump(
                {"mine": {"about": {"title": title}, "splits": SPLIT}}, allow_unicode=True
            ).replace("@CASE@", str(folder))
        )
        path.write_bytes(text.encode(encoding))

    return Case(expect, prepare=prepare, targets=("-n", "results/tables/datasets.tsv"))


FILES = {
    "baseline": wild_type(shows(valued(**BY_POOLING), counted(rows=60, dropped=0))),
    "blanks_in_sequence_mask": Case(
        shows(valued(**BASELINE), counted(blanks_removed=180, masked_residues=0, longest=40)),
        {"nonstandard_residues": "mask", "splits": SPLIT},
    ),
    "spaced_letters": Case(
        shows(valued(**BASELINE), counted(blanks_removed=2340, masked_residues=0, longest=40)),
        {"nonstandard_residues": "mask", "splits": SPLIT},
    ),
    "fasta_joined_mask": Case(
        refused(r"mine\.fasta", "line", "'>'", "put a line end before"), fasta("mask")
    ),
    "fasta_joined_drop": Case(
        refused(r"mine\.fasta", "line", "'>'", "put a line end before"), fasta("drop")
    ),
    "dna": Case(shows(counted(suspected_nucleotides=60), warned("nucleotide")), {"splits": SPLIT}),
    "wt_lower_case": wild_type(refused(r"wild_type\.fasta", "line", "upper case")),
    "wt_soft_masked": wild_type(refused(r"wild_type\.fasta", "line", "upper case")),
    "wt_second_record": wild_type(refused(r"wild_type\.fasta", "line", "record")),
    "wt_stop": wild_type(refused(r"wild_type\.fasta", r"'\*'", "41", "take the stop off")),
    "classes_1_and_1.0": Case(refused("1\\.0", "test", "train"), CLASSES),
    "classes_case": Case(refused("membrane", "test", "Membrane"), CLASSES),
    "number_as_class": Case(refused(MINE, "class", "regression"), CLASSES),
    "one_positive": Case(refused("rare", "1 ", "fold"), CLASSES),
    "readme_example": Case(refused("mine", "1 ", "validation"), {"splits": SPLIT}),
    "two_test_rows": Case(shows(judged(TOO_FEW)), CLASSES),
    "three_test_rows": Case(shows(judged(TOO_FEW)), CLASSES),
    "one_test_protein": Case(
        shows(judged(TOO_FEW)), {"task_type": "residue_classification", "splits": SPLIT}
    ),
    "target_offset": Case(shows(valued(**BASELINE)), {"splits": SPLIT}),
    "unassigned_without_target": Case(
        shows(counted(missing_split=1)), {"missing_split": "drop", "splits": SPLIT}
    ),
    "tab_separated": Case(shows(valued(**BASELINE)), {"splits": SPLIT}),
    "excel_semicolon": Case(shows(valued(**BASELINE)), {"splits": SPLIT}),
    "excel_sep_line": Case(shows(valued(**BASELINE)), {"splits": SPLIT}),
    "fasta_as_csv": Case(refused(MINE, "FASTA", "flip_fasta"), {"splits": SPLIT}),
    "double_gzip": Case(refused(r"mine\.csv\.gz", "twice"), split("mine.csv.gz")),
    "zip_as_csv": Case(refused(r"mine\.zip", "zip", "download"), split("mine.zip")),
    "latin1_csv": Case(refused(MINE, "line", "UTF-8"), {"splits": SPLIT}),
    "yaml_latin1": catalogue("latin-1", refused(r"datasets\.yaml", "line", "UTF-8")),
    "yaml_utf16": catalogue("utf-16", refused(r"datasets\.yaml", "UTF-16", "UTF-8")),
    "checkpoint_ddp_prefix": checkpoint(with_prefix, shows()),
    "checkpoint_state_dict": checkpoint(
        tensors_alone, refused(r"tuned\.pt", "tensors alone", r"torch\.save")
    ),
    "checkpoint_lfs_pointer": checkpoint(
        pointer, refused(r"tuned\.pt", "Git LFS pointer", "git lfs pull")
    ),
    "pretrain_lower": recipe(refused(r"data\.fasta", "line", "upper case")),
    "pretrain_many_empty_records": recipe(
        refused(r"data\.fasta", "without sequence", "line 61", "take")
    ),
    "pretrain_only_empty": recipe(refused(r"held\.fasta", "without sequence", "line 1", "take")),
}
