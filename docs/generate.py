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
DEMO, SERIES = DOCS / "demo", DOCS / "series"
WEIGHTS = ROOT / "resources" / "weights"
PEERS = ("earlier procedure", "extract loop", "transformers")
CLASSES = {"albert": "ALBERT", "bart": "BART", "bert": "BERT", "carp": "CARP", "esm1b": "ESM-1b"}
CLASSES |= {"esm2": "ESM-2", "gpt2": "GPT-2", "t5": "T5"}
SHARES = {"12": "1/8", "25": "1/4", "50": "1/2", "100": "the end"}
PROBED = {
    "logistic": "logistic regression, six C",
    "mlp": "an epoch of six networks of 128",
}
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


def overview():
    """Return the table that the demo printed, one row per task, probe, pooling and network."""
    lines = (DEMO / "overview.md").read_text(encoding="utf-8").splitlines()
    header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return pd.DataFrame(rows, columns=header)


def demo():
    """Return the rows of the demo's table that README shows, in the order of ROWS."""
    shown = overview().set_index(["task", "probe", "pooling", "network"], drop=False)
    if missing := [row for row in ROWS if row not in shown.index]:
        raise ValueError(f"docs/demo/overview.md has no row {missing[0]}; mend ROWS")
    return markdown(shown.loc[ROWS, COLUMNS])


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


def measured(benchmark):
    """Return the files of what a benchmark measured, one per processor."""
    return sorted((ROOT / "benchmarks/results" / benchmark).glob("*.tsv"))


def grid():
    """Return the tables of what planning a study takes, one per processor."""
    texts = []
    for path in measured("grid"):
        table = pd.read_csv(path, sep="\t")
        axes = ["datasets", "networks", "seeds", "probes"]
        table["grid"] = table[axes].astype(str).agg(" x ".join, axis=1)
        wide = table.pivot_table(
            index="grid", columns="there", values=["jobs", "seconds", "peak_mb"], sort=False
        )
        shown = pd.DataFrame(
            {
                "data sets x networks x seeds of 2 ablations x probes": wide.index,
                "jobs": wide["jobs"].max(axis=1).map("{:,.0f}".format),
                "seconds, from nothing": wide["seconds", "nothing"].map("{:.1f}".format),
                "seconds, sequences read": wide["seconds", "sequences"].map("{:.1f}".format),
                "peak memory, MB": wide["peak_mb"].max(axis=1).map("{:,.0f}".format),
            }
        )
        texts.append(f"`{path.stem}`:\n\n{markdown(shown)}")
    return "\n".join(texts)


def benchmark():
    """Return the tables of measured speed, one per processor: one row per network and data set."""
    texts = []
    for path in measured("extraction"):
        table = pd.read_csv(path, sep="\t")
        wide = table.pivot_table(index=["network", "data"], columns="contender", sort=False)
        rate, ours = wide["residues_per_s"], "plmbench"
        shown = wide.index.to_frame(index=False)
        peers = [name for name in PEERS if name in rate]  # not every machine has them all
        for name in (*peers, ours, "plmbench, bf16"):
            shown[name] = rate[name].map("{:,.0f}".format).replace("nan", "").to_numpy()
        for name in peers:
            ratio = (rate[ours] / rate[name]).map("{:.1f}".format).replace("nan", "")
            shown[f"times {name}"] = ratio.to_numpy()
        share = wide["gflops"][ours] / wide["gemm_gflops"][ours]
        shown["share of plain product"] = share.map("{:.2f}".format).to_numpy()
        shown["difference"] = wide["difference"][ours].map("{:.0e}".format).to_numpy()
        for name in ("extract loop", ours):
            peak = wide["peak_mb"][name].map("{:,.0f}".format).replace("nan", "")
            shown[f"{name}, MB"] = peak.to_numpy()
        rounds = table["rounds"].iloc[0]
        texts.append(f"`{path.stem}`, medians of {rounds} rounds:\n\n{markdown(shown)}")
    return "\n".join(texts)


def architectures():
    """Return the tables of how fast networks of transformers are, one per processor."""
    texts = []
    for path in measured("architectures"):
        table = pd.read_csv(path, sep="\t").drop(columns=["sequences", "rounds"])
        table["residues_per_cpu_s"] = table["residues_per_cpu_s"].map("{:,}".format)
        named = table.rename(columns=lambda name: name.replace("_", " "))
        texts.append(f"`{path.stem}`:\n\n{markdown(named)}")
    return "\n".join(texts)


def parts():
    """Return the tables of what a study does beside the forward pass, one per processor."""
    texts = []
    for path in measured("parts"):
        table = pd.read_csv(path, sep="\t")
        spread = (
            table["seconds_min"].map("{:.2f}".format)
            + " to "
            + table["seconds_max"].map("{:.2f}".format)
        )
        shown = pd.DataFrame(
            {
                "what": table["part"],
                "seconds": table["seconds"].map("{:.2f}".format),
                "range": spread,
                "goal": table["goal"].map("{:g}".format),
                "peer": table["peer"],
                "peer's seconds": table["peer_seconds"].map("{:.2f}".format),
                "rounds": table["rounds"].astype(str),
            }
        )
        texts.append(f"`{path.stem}`:\n\n{markdown(shown)}")
    return "\n".join(texts)


def probes():
    """Return the tables of what the probes take beside scikit-learn, one per processor."""
    texts = []
    for path in measured("probes"):
        table = pd.read_csv(path, sep="\t")
        shown = pd.DataFrame(
            {
                "what": table["probe"].map(PROBED),
                "examples x features": table.apply(
                    lambda row: f"{row['examples']:,} x {row['features']:,}", axis=1
                ),
                "by": table["contender"],
                "CPU, s": table["cpu_s"].map("{:.2f}".format),
                "wall, s": table["wall_s"].map("{:.2f}".format),
                "memory beside the features, MB": table["peak_mb"].astype(int).astype(str),
            }
        )
        ours = table[table["contender"] == "plmbench"].set_index("name")["cpu_s"]
        shown["times plmbench's CPU"] = (table["cpu_s"] / table["name"].map(ours)).map(
            "{:.1f}".format
        )
        for other, tolerance in (("scikit-learn", "default"), ("scikit-learn, tol 1e-6", "1e-6")):
            excess = table[f"excess over {other}"].map("{:+.1e}".format).replace("+nan", "")
            shown[f"objective against tol {tolerance}"] = excess
            agreement = table[f"agreement with {other}"].map("{:.2%}".format).replace("nan%", "")
            shown[f"same classes as at tol {tolerance}"] = agreement
        texts.append(f"`{path.stem}`:\n\n{markdown(shown)}")
    return "\n".join(texts)


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
    settings.write()
    for document in PARTS:
        document.write_text(filled(document), encoding="utf-8")
