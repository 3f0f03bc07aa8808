"""The files of a configuration and the models that they are read by.

Types, defaults, limits and descriptions stand in the models; what spans two keys of an entry is a
validator there. What spans two entries is checked here or by the Study.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plmbench.core.errors import InputError
from plmbench.study.ablation_entries import ABLATIONS, AblationEntry
from plmbench.study.contact_entries import CONTACTS, ContactSet
from plmbench.study.dataset_entries import DATASETS, Dataset
from plmbench.study.messages import in_words, joined, nearest
from plmbench.study.model_entries import MODELS, ModelEntry
from plmbench.study.probe_entries import PROBES, PermutedProbe, ProbeEntry
from plmbench.study.recipe_entries import RECIPES, Recipe
from plmbench.study.renamed import sentences
from plmbench.study.run_settings import RunSettings
from plmbench.study.yaml_files import check_plain, read_yaml, with_numbers

FILES: dict[str, Any] = {
    "config": RunSettings,
    "models": MODELS,
    "datasets": DATASETS,
    "ablations": ABLATIONS,
    "probes": PROBES,
    "recipes": RECIPES,
    "contacts": CONTACTS,
}

CATALOGUES = ("models", "datasets", "ablations", "probes", "recipes", "contacts")
NUMERIC = (
    "layers",
    "statistics",
    "perturb",
)  # keys of the configuration that hold numbers, but no names


@cache
def adapter(file: str) -> TypeAdapter[Any]:
    """Return what reads the content of config/<file>.yaml."""
    return TypeAdapter(FILES[file])


def checked(value: object, file: str, where: str) -> Any:
    """Return what config/<file>.yaml holds as its model, or as {name: entry} of a catalogue.

    where: what messages call the file. Raises InputError naming all that is wrong.
    """
    check_plain(value, where)
    if old := list(sentences(value, file)):
        raise InputError("\n".join(joined(where, keys, sentence) for keys, sentence in old))
    try:
        return adapter(file).validate_python(value)
    except ValidationError as error:
        raise InputError(in_words(error, FILES[file], where)) from None


def check_permuted(probes: dict[str, ProbeEntry | PermutedProbe], where: str) -> None:
    """Raise InputError for a control on permuted labels that is not that of a probe."""
    known = [name for name, entry in probes.items() if isinstance(entry, ProbeEntry)]
    for name, entry in probes.items():
        if isinstance(entry, PermutedProbe) and entry.permutes_labels_of not in known:
            other = entry.permutes_labels_of
            reason = f"permutes_labels_of: {other!r} is no probe; {nearest(other, known)}"
            raise InputError(joined(where, [name], reason))


@dataclass(frozen=True)
class Entries:
    """The entries of every catalogue, typed and checked, by their names."""

    models: Mapping[str, ModelEntry]
    datasets: Mapping[str, Dataset]
    ablations: Mapping[str, AblationEntry]
    probes: Mapping[str, ProbeEntry | PermutedProbe]
    recipes: Mapping[str, Recipe]
    contacts: Mapping[str, ContactSet]

    @classmethod
    def read(cls, folder: Path) -> "Entries":
        """Return the entries of the catalogues in a folder."""
        found = {
            name: checked(read_yaml(folder / f"{name}.yaml"), name, f"config/{name}.yaml")
            for name in CATALOGUES
        }
        check_permuted(found["probes"], "config/probes.yaml")
        return cls(**found)


def run_settings(config: Mapping[str, Any]) -> RunSettings:
    """Return what a configuration says, as Snakemake hands it over."""
    config = dict(config)
    check_plain(config, "config")
    numbers = {key: with_numbers(config[key]) for key in NUMERIC if key in config}
    settings: RunSettings = checked(config | numbers, "config", "config")
    return settings


def as_dicts(catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a catalogue as rules read them."""
    return {name: entry.as_dict() for name, entry in catalogue.items()}
