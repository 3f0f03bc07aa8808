"""The files of a configuration and the models that they are read by.

Types, defaults, limits and descriptions stand in the models; what spans two keys of an entry is a
validator there. What spans two entries is checked here or by the Study.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plmbench.core.errors import InputError, Refusals
from plmbench.study.ablation_entries import ABLATIONS, AblationEntry
from plmbench.study.contact_entries import CONTACTS, ContactSet
from plmbench.study.dataset_entries import Dataset
from plmbench.study.messages import in_words, joined, nearest
from plmbench.study.modality_entries import DATASETS
from plmbench.study.model_entries import MODELS, Described
from plmbench.study.own_entries import KEY, OwnEntry, check_name, content_moved
from plmbench.study.probe_entries import (
    CONTROLS,
    PROBES,
    ControlTaskProbe,
    PermutedProbe,
    ProbeEntry,
)
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
# keys that hold numbers, but no names
NUMERIC = ("layers", "families", "statistics", "perturb", "cost")


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


AnyProbe = ProbeEntry | PermutedProbe | ControlTaskProbe


def check_controls(probes: Mapping[str, AnyProbe], where: str) -> None:
    """Raise InputError for a control that is not that of a probe."""
    known = [name for name, entry in probes.items() if isinstance(entry, ProbeEntry)]
    for name, entry in probes.items():
        for key in CONTROLS:
            other = getattr(entry, key, None)
            if other is not None and other not in known:
                reason = f"{key}: {other!r} is no probe; {nearest(other, known)}"
                raise InputError(joined(where, [name], reason))


def shipped_entries(folder: Path, catalogue: str) -> dict[str, Any]:
    """Return the entries of one of the catalogues in a folder."""
    where = f"config/{catalogue}.yaml"
    entries: dict[str, Any] = checked(read_yaml(folder / f"{catalogue}.yaml"), catalogue, where)
    return entries


def own_entry(entry: OwnEntry, shipped: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return {name: entry} of a user's own; shipped: the entries of its catalogue."""
    check_name(entry, shipped)
    content = {entry.name: content_moved(entry, folder.parent)}
    where = joined(entry.file, [KEY], entry.catalogue)
    checked_entry: dict[str, Any] = checked(content, entry.catalogue, where)
    return checked_entry


@dataclass(frozen=True)
class Entries:
    """The entries of every catalogue, typed and checked, by their names."""

    models: Mapping[str, Described]
    datasets: Mapping[str, Dataset]
    ablations: Mapping[str, AblationEntry]
    probes: Mapping[str, AnyProbe]
    recipes: Mapping[str, Recipe]
    contacts: Mapping[str, ContactSet]
    own: Mapping[tuple[str, str], str]  # {(catalogue, name): the file of a user's own entry}

    @classmethod
    def read(cls, folder: Path, own: Sequence[OwnEntry] = ()) -> "Entries":
        """Return the entries of the catalogues in a folder, and those of a user's own."""
        refusals = Refusals()
        found: dict[str, Any]
        found = {name: refusals.of(shipped_entries, folder, name) for name in CATALOGUES}
        refusals.report()
        added = [(e.catalogue, refusals.of(own_entry, e, found[e.catalogue], folder)) for e in own]
        refusals.report()
        for catalogue, entry in added:
            found[catalogue] |= entry
        check_controls(found["probes"], "config/probes.yaml")
        return cls(**found, own={(entry.catalogue, entry.name): entry.file for entry in own})

    def place(self, catalogue: str, name: str) -> str:
        """Return where an entry stands, for messages."""
        file = self.own.get((catalogue, name))
        place = joined(file, [KEY], catalogue) if file else f"config/{catalogue}.yaml"
        return f"{place}: {name}"


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
