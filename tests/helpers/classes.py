"""A small study of classes: a user's files, entries of the catalogue, and a network with a limit.

The network takes 16 residues; many sequences are longer, and each data set has another policy for
these. Two data sets have a class a sequence, two a class a residue.
"""

import csv
import random

from helpers.networks import TINY
from helpers.studies import Study, copy_workflow, tiny_models, write_catalogues

LIMIT, DIM = 16, TINY["carp"]["hidden_size"]
LAYERS = TINY["carp"]["num_layers"] + 1
FOLDS = 3
PLACES = ("cell membrane", "cytosol", "nucleus")
CLASSES = {"places": PLACES, "places_fasta": PLACES, "helices": "CEH", "helices_first": "CEH"}
SEQUENCES, RESIDUES = ("places", "places_fasta"), ("helices", "helices_first")
ARMS = [("onehot", "none"), ("tiny_carp", "pretrained"), ("tiny_carp", "reinit-0")]
CONFIG = {
    "tasks": list(CLASSES),
    "models": ["onehot", "tiny_carp"],
    "weights": ["pretrained", "reinit-0"],
    "probes": ["ridge", "logistic", "mlp"],
    "controls": ["logistic_shuffled"],
    "layers": [0, -1],
    "dtype": "float16",
    "statistics": {"n_bootstrap": 100},
}
PROBES = {
    "ridge": {"type": "ridge", "alphas": [0.01, 1]},
    "logistic": {"type": "logistic", "Cs": [0.01, 1]},
    "mlp": {"type": "mlp", "hidden": [[8]], "alphas": [1], "epochs": 5, "seeds": [0, 1]},
    "logistic_shuffled": {"permutes_labels_of": "logistic"},
}
TESTED = {
    "path": "tested.csv",
    "format": "csv",
    "columns": {"target": "helix", "mask": ["resolved", "scored"]},
}
HELICES = {
    "path": "labels.fasta",
    "sequences": "sequences.fasta",
    "mask": "mask.fasta",
    "test": TESTED,
}
COLUMNS = {"sequence": "protein", "target": "where", "id": "name"}
CHOSEN = {"validation": {"folds": FOLDS}}
DATASETS = {
    "places": {
        "task_type": "classification",
        "about": {"title": "Places", "target": "a place"},
        "columns": COLUMNS,
        "long_sequences": "drop",
        "splits": {"mine": {"path": "places.csv"}},
        **CHOSEN,
    },
    "places_fasta": {
        "task_type": "classification",
        "about": {"title": "Places again"},
        "format": "flip_fasta",
        "long_sequences": "keep_ends",
        "splits": {"mine": {"path": "places.fasta"}},
        **CHOSEN,
    },
    "helices": {
        "task_type": "residue_classification",
        "about": {"title": "Helices"},
        "format": "residue_fasta",
        "long_sequences": "windows",
        "splits": {"mine": HELICES},
        **CHOSEN,
    },
    "helices_first": {
        "task_type": "residue_classification",
        "about": {"title": "Helices at the start"},
        "format": "residue_fasta",
        "long_sequences": "truncate",
        "splits": {"mine": HELICES},
        **CHOSEN,
    },
}


def made_up_rows(prefix, count, seed):
    """Return made-up proteins of 8 to 40 residues, with a place, a letter a residue, and flags."""
    draw, rows = random.Random(seed), []
    for i in range(count):
        place = PLACES[i // 3 % len(PLACES)]  # every third row is of test
        letters = {"cell membrane": "AILVF", "cytosol": "DEST", "nucleus": "KRHG"}[place]
        sequence = "".join(draw.choices(letters + "ACDEFGHIKLMNPQRSTVWY", k=draw.randint(8, 40)))
        rows.append(
            {
                "name": f"{prefix}{i}",
                "protein": sequence,
                "where": place,
                "set": "test" if i % 3 == 2 else "train",
                "helix": "".join(
                    "H" if c in "AELMK" else "E" if c in "VITY" else "C" for c in sequence
                ),
                "resolved": "".join(draw.choices("0111", k=len(sequence))),
                "scored": "".join(draw.choices("0111", k=len(sequence))),
            }
        )
    return rows


ROWS, OTHERS = made_up_rows("protein", 60, 0), made_up_rows("other", 12, 1)


def both(row):
    """Return the mask of a row of tested.csv: where both flags say 1."""
    pairs = zip(row["resolved"], row["scored"], strict=True)
    return "".join(min(pair) for pair in pairs)


def write_csv(path, rows, names):
    """Write columns of rows under other names, {theirs: ours}."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(names))
        table.writeheader()
        table.writerows({theirs: row[ours] for theirs, ours in names.items()} for row in rows)


def write_fasta(path, records):
    """Write (header, letters) pairs, letters over lines of at most 30."""
    lines = (
        f">{header}\n" + "".join(f"{text[i : i + 30]}\n" for i in range(0, len(text), 30))
        for header, text in records
    )
    path.write_text("".join(lines))


def write_files(root):
    """Write the user's files."""
    names = {name: name for name in ("name", "protein", "where", "set")}
    write_csv(root / "places.csv", ROWS, names)
    flip = [(f"{r['name']} TARGET={r['where']} SET={r['set']}", r["protein"]) for r in ROWS]
    write_fasta(root / "places.fasta", flip)
    labels = [(f"{r['name']} SET={r['set']} VALIDATION=False", r["helix"]) for r in ROWS]
    write_fasta(root / "labels.fasta", labels)
    write_fasta(root / "sequences.fasta", [(r["name"], r["protein"]) for r in ROWS])
    write_fasta(root / "mask.fasta", [(r["name"], r["resolved"]) for r in ROWS])
    names = {"id": "name", "sequence": "protein"} | {n: n for n in ("helix", "resolved", "scored")}
    write_csv(root / "tested.csv", OTHERS, names)


def new_study_of_classes(root):
    """Return a Study in the new folder `root`, not yet run."""
    copy_workflow(root)
    write_files(root)
    models = tiny_models(root, ["carp"])
    models["tiny_carp"]["max_length"] = LIMIT
    write_catalogues(root, config=CONFIG, models=models, datasets=DATASETS, probes=PROBES)
    return Study(root)
