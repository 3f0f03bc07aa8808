"""Write the generated parts of README and of the pages in docs/ (PARTS), each from files.

usage: python -m docs.generate   (by `make readme`; copies what they show into docs/)
"""

import re
import shutil
from pathlib import Path

import pandas as pd
import yaml

from docs import settings
from docs.cost import cost_held, paper_cost
from docs.measured import architectures, benchmark, grid, parts, probes
from docs.published import systems
from docs.simulations import (
    coverage,
    equal_outcomes,
    few_units,
    gb1_refits,
    scaling,
    seeds,
    verdict_rules,
)
from plmbench.report.overview import markdown

ROOT = Path(__file__).resolve().parents[1]
README, DOCS = ROOT / "README.md", ROOT / "docs"
DEMO, SERIES, ACROSS = DOCS / "demo", DOCS / "series", DOCS / "architectures"
WEIGHTS = ROOT / "resources" / "weights"
CLASSES = {"albert": "ALBERT", "bart": "BART", "bert": "BERT", "carp": "CARP", "esm1b": "ESM-1b"}
CLASSES |= {"esm2": "ESM-2", "gpt2": "GPT-2", "t5": "T5"}
SHARES = {"12": "1/8", "25": "1/4", "50": "1/2", "100": "the end"}
DEMO_FILES = {
    "results/tables/overview.md": "overview.md",
    "results/tables/arms.tsv": "arms.tsv",
    "results/tables/verdicts.tsv": "verdicts.tsv",
    "results/figures/secondary_structure_medium/extract.curves.svg": "secondary_structure.svg",
    "results/reference/results/tables/summary.tsv": "reference.tsv",
}
SERIES_FILES = {
    "results/series/results/tables/arms.tsv": "arms.tsv",
    "results/series/results/tables/verdicts.tsv": "verdicts.tsv",
    "results/series/results/figures/secondary_structure_small/extract.scaling.svg": "scaling.svg",
}
ACROSS_FILES = {"results/architectures/results/tables/overview.md": "overview.md"}
# The columns of the demo's table that README shows; the whole one has more.
COLUMNS = ["task", "probe", "network", "one-hot", "reinit", "resample", "pretrained"]
COLUMNS += ["worth in labels", "verdict", "beside it"]
# The rows of the demo that README shows: task, probe, pooling, network. Gains, none, no answer.
ROWS = [
    ("secondary_structure_medium/extract", "logistic_small", "residues", "mini_carp_600k"),
    ("secondary_structure_medium/extract", "mlp_small", "residues", "mini_carp_600k"),
    ("secondary_structure_medium/extract", "logistic_small", "residues", "mini_esm2_700k"),
    ("localisation_medium/extract", "logistic_small", "mean", "mini_carp_600k"),
    ("localisation_medium/extract", "mlp_small", "mean", "mini_carp_600k"),
    ("gb1_medium/low_vs_high", "ridge", "sites", "mini_carp_600k"),
    ("gb1_medium/low_vs_high", "mlp_small", "sites", "mini_carp_600k"),
]


def copy(files, folder):
    """Copy {file of a run: name} into a folder of docs/."""
    folder.mkdir(parents=True, exist_ok=True)
    for source, name in files.items():
        shutil.copyfile(ROOT / source, folder / name)


def overview(folder):
    """Return the table that a run printed, one row per task, probe, pooling and network."""
    lines = (folder / "overview.md").read_text(encoding="utf-8").splitlines()
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return pd.DataFrame(rows, columns=header)


def demo():
    """Return the rows of the demo's table that README shows, in the order of ROWS."""
    shown = overview(DEMO).set_index(["task", "probe", "pooling", "network"], drop=False)
    if missing := [row for row in ROWS if row not in shown.index]:
        raise ValueError(f"docs/demo/overview.md has no row {missing[0]}; mend ROWS")
    return markdown(shown.loc[ROWS, COLUMNS])


def across():
    """Return the table of the study across architectures."""
    columns = ["network", "one-hot", "reinit", "resample", "pretrained", "verdict", "beside it"]
    return markdown(overview(ACROSS)[columns])


def reference():
    """Return Spearman's correlation of one-hot by probe and split, to the digits of the source."""
    summary = pd.read_csv(DEMO / "reference.tsv", sep="\t")
    best = summary[(summary["metric"] == "spearman") & (summary["layer_selection"] == "validation")]
    table = best.pivot_table(index="probe", columns="split", values="mean", sort=False)
    return markdown(table.map("{:.4f}".format).reset_index())


def tasks_in(splits):
    """Return what the tasks of a data set are called after its name."""
    return [
        f"{split}@{name}" if name else split
        for split, entry in splits.items()
        for name in entry.get("tests", [""])
    ]


def datasets():
    """Return the table of data sets in the catalogue."""
    catalogue = yaml.safe_load((ROOT / "config/datasets.yaml").read_text(encoding="utf-8"))
    rows = [
        {
            "data set": f"`{name}`",
            "task type": entry.get("task_type", "regression").replace("_", " "),
            "splits": ", ".join(tasks_in(entry["splits"])),
            "files": "download" if "download" in entry else "shipped",
            "licence": entry["about"]["licence"],
        }
        for name, entry in catalogue.items()
    ]
    return markdown(pd.DataFrame(rows))


def shipped_models():
    """Return the entries of models.yaml whose checkpoints are shipped, {name: entry}."""
    models = yaml.safe_load((ROOT / "config/models.yaml").read_text(encoding="utf-8"))
    return {n: e for n, e in models.items() if e.get("path", "").startswith("resources/weights/")}


def networks():
    """Return the table of shipped networks: size, and held-out loss along the training."""
    rows = []
    for name, entry in shipped_models().items():
        if entry["about"]["pretraining"] < 1:
            continue
        made = yaml.safe_load((WEIGHTS / name / "provenance.yaml").read_text(encoding="utf-8"))
        losses = {
            f"loss at {SHARES[mark]}": f"{part['held_out_loss']:.3f}"
            for mark, part in made["checkpoints"].items()
        }
        size = f"{entry['num_layers']} x {entry['hidden_size']}"
        parameters = f"{entry['about']['parameters']:,}"
        kind = made["recipe"]["architecture"].get("model_type", made["recipe"]["family"])
        facts = {"class": CLASSES[kind], "layers x width": size}
        rows.append({"network": f"`{name}`", **facts, "parameters": parameters, **losses})
    return markdown(pd.DataFrame(rows))


def checkpoints():
    """Return the table of shipped checkpoints and their digests."""
    rows = [
        {
            "file": f"`{entry['path'].removeprefix('resources/weights/')}`",
            "pretraining": f"{entry['about']['pretraining']:g}",
            "held-out loss (nats)": f"{entry['about']['loss']:.4f}",
            "sha256": f"`{entry['sha256']}`",
        }
        for entry in shipped_models().values()
    ]
    return markdown(pd.DataFrame(rows))


PARTS = {
    README: (demo,),
    DOCS / "data.md": (datasets,),
    DOCS / "models.md": (networks, systems),
    DOCS / "pretraining.md": (across,),
    DOCS / "verdicts.md": (verdict_rules, reference),
    DOCS / "statistics.md": (seeds, equal_outcomes, few_units, coverage),
    DOCS / "scaling.md": (scaling,),
    DOCS / "refits.md": (gb1_refits,),
    DOCS / "speed.md": (benchmark, architectures, parts, probes),
    DOCS / "scale.md": (paper_cost, cost_held, grid),
    WEIGHTS / "README.md": (checkpoints,),
}


def filled(document):
    """Return the text of a document with every generated part anew."""
    text = document.read_text(encoding="utf-8")
    for part in PARTS[document]:
        name = part.__name__
        pattern = rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"
        text, count = re.subn(pattern, lambda m, p=part: f"{m[1]}\n{p()}\n{m[2]}", text, flags=re.S)
        if count != 1:
            raise ValueError(f"{document.name}: {count} parts named {name!r}, not one")
    return text


if __name__ == "__main__":
    copy(DEMO_FILES, DEMO)
    copy(SERIES_FILES, SERIES)
    copy(ACROSS_FILES, ACROSS)
    settings.write()
    for document in PARTS:
        document.write_text(filled(document), encoding="utf-8")
