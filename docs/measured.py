"""The tables of what benchmarks measured, from benchmarks/results, one per processor."""

from pathlib import Path

import pandas as pd

from plmbench.report.overview import markdown

RESULTS = Path(__file__).resolve().parents[1] / "benchmarks/results"
PEERS = ("earlier procedure", "extract loop", "transformers")
PROBED = {
    "logistic": "logistic regression, six C",
    "mlp": "an epoch of six networks of 128",
}


def measured(benchmark):
    """Return the files of what a benchmark measured, one per processor."""
    return sorted((RESULTS / benchmark).glob("*.tsv"))


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
