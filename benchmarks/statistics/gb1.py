"""The GB1 landscape of FLIP's split low_vs_high under the shipped networks: a real population from
which small studies are drawn again and again. The repository ships all it needs."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from plmbench.data.mutations import read_sites
from plmbench.data.splits import read_rows, unique_sequences, with_files
from plmbench.embed.dataset import embed_dataset
from plmbench.embed.settings import Compute, Files, Job
from plmbench.store.embeddings import open_embeddings
from plmbench.study.catalogues import Study
from plmbench.study.files import Files as StudyFiles

ROOT = Path(__file__).resolve().parents[2]
DATASET, SPLIT = "gb1", "low_vs_high"
BASELINE = "onehot"

Source = tuple[str, str, str]  # model, weights, pooling


class Population(NamedTuple):
    """All variants of the split."""

    y: np.ndarray  # float64 [variant]
    subset: np.ndarray  # text [variant]
    layers: dict[Source, list[np.ndarray]]  # one per layer, float32 [variant, feature]


def study_of(models: Sequence[str], weights: Sequence[str]) -> Study:
    """Return the Study of one-hot and some networks on the split."""
    config = {"tasks": [f"{DATASET}/{SPLIT}"], "models": [BASELINE, *models], "weights": weights}
    return Study(config, ROOT / "config")


def write_tables(study: Study, files: StudyFiles, folder: Path) -> tuple[np.ndarray, ...]:
    """Write the tables that are embedded; return ids, targets and subsets [variant]."""
    paths = dict(zip(study.files(DATASET, SPLIT), files.of_split(DATASET, SPLIT), strict=True))
    rows = read_rows(**with_files(study.reading(DATASET, SPLIT), paths))
    wild_type, cut = files.wild_type(DATASET)["wild_type"], study.datasets[DATASET]["slice"]
    unique_sequences([rows]).to_csv(folder / "sequences.tsv", sep="\t", index=False)
    read_sites(wild_type, rows, cut).to_csv(folder / "sites.tsv", sep="\t", index=False)
    rows = rows.drop_duplicates("id")
    return rows["id"].to_numpy(), rows["target"].to_numpy(np.float64), rows["subset"].to_numpy()


def embed(study: Study, files: StudyFiles, model: str, weights: str, folder: Path) -> Path:
    """Return the file of a network's embeddings in the folder; made where it is not there."""
    path, entry = folder / f"{model}.{weights}.h5", study.models[model]
    if not path.exists():
        names = {"dataset": DATASET, "model": model, "weights": weights}
        rest = study.storage(DATASET, model), study.ablation(model, weights), ""
        job = Job.read(names, study.network(model), *rest)
        checkpoint = files.located(entry["path"]) if "path" in entry else None
        tables = folder / "sequences.tsv", path, folder / "sites.tsv", checkpoint
        embed_dataset(Files(*tables), job, Compute.read(study.config["compute"], 1))
    return path


def varying(layer: np.ndarray) -> np.ndarray:
    """Return the features [variant, feature] that are not the same throughout: no fit uses those
    that are."""
    return layer[:, np.ptp(layer, axis=0) > 0]


def population(folder: Path, models: Sequence[str], weights: Sequence[str]) -> Population:
    """Return the split under one-hot and some networks; the folder keeps what was embedded."""
    study = study_of(models, weights)
    files, layers = StudyFiles(study, ROOT), {}
    ids, y, subset = write_tables(study, files, folder)
    for model, own in study.runs():
        with open_embeddings(embed(study, files, model, own, folder)) as embeddings:
            rows = embeddings.rows(ids)
            for pooling in set(embeddings.poolings) & {"mean", "sites", "flat"}:
                numbers = embeddings.layers_of(pooling)
                read = (embeddings.layer(pooling, number)[rows] for number in numbers)
                layers[model, own, pooling] = [varying(layer) for layer in read]
    return Population(y, subset, layers)
