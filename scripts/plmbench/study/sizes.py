"""What the job that counts parameters, and bytes of embeddings, is handed."""

from typing import Any

from plmbench.core.canonical import selected
from plmbench.study.catalogues import Study
from plmbench.study.code import code_of
from plmbench.study.files import Files
from plmbench.study.targets import of_datasets, used_datasets

KEYS = ("family", "num_layers", "hidden_size", "architecture", "side", "part", "config")
CONFIG = "config.json"
ABLATIONS = ("reinit", "resample")  # entries of ablations.yaml whose share is told
SEQUENCES = "results/sequences/{dataset}.tsv"
SITES = "results/sequences/{dataset}.sites.tsv"


def embedded(study: Study) -> list[str]:
    """Return the models that embed, each once."""
    return list(dict.fromkeys(model for model, _ in study.runs()))


def counted(study: Study) -> list[tuple[str, dict[str, Any]]]:
    """Return (model, what its parameters follow from) of each model that embeds, in order."""
    found = []
    for model in embedded(study):
        entry, ablations = study.models[model], {}
        if study.has_weights(model):
            ablations = {name: study.ablation(model, f"{name}-0") for name in ABLATIONS}
        facts = {
            "encoder": study.families[entry["family"]].encoder,
            "stated": entry["about"].get("parameters"),
            "ablations": ablations,
            "here": "path" in entry,
        }
        found.append((model, selected(entry, KEYS) | facts))
    return found


def stored(study: Study) -> list[tuple[str, dict[str, dict[str, Any]]]]:
    """Return (data set, {model: how its embeddings are stored, and for how many weights}) of each
    data set, in order."""
    read = {d: dict.fromkeys(model for model, _ in study.runs(d)) for d in used_datasets(study)}
    return [(d, {model: storage(study, d, model) for model in read[d]}) for d in read]


def storage(study: Study, dataset: str, model: str) -> dict[str, Any]:
    """Return how a model's embeddings of a data set are stored, and for how many weights."""
    return {
        "storage": study.storage(dataset, model),
        "modality": study.modality(dataset),
        "max_length": study.models[model].get("max_length"),
        "files": len(study.weights_of(model)),
    }


def checkpoints(study: Study, files: Files) -> list[str]:
    """Return the checkpoints that are here, in the order of the models; of a folder its
    config.json, which says all shapes."""
    found = []
    for entry in (study.models[model] for model in embedded(study)):
        if "path" in entry:
            of_folders = "files" in study.families[entry["family"]].optional
            path = files.located(entry["path"])
            found.append(f"{path}/{CONFIG}" if of_folders else path)
    return found


def inputs(study: Study, files: Files) -> dict[str, list[str]]:
    """Return what is read: of each data set its sequences and sites, and the checkpoints."""
    tables = {"sequences": of_datasets(study, SEQUENCES), "sites": of_datasets(study, SITES)}
    return {**tables, "weights": checkpoints(study, files)}


def code(study: Study) -> str:
    """Return the digest of the code that counts, that of all families among it."""
    return code_of("params.py", sorted({study.families[f].module for f in study.families}))
