"""What a study is to cite, and what its parts may be used for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from plmbench.core.licences import restricted
from plmbench.study.catalogues import Study
from plmbench.study.targets import used_datasets

ALWAYS = ("li2024",)  # the study that the workflow implements
ENTRY = re.compile(r"^@\w+\{([^,]+),.*?^\}", re.MULTILINE | re.DOTALL)


class Part(NamedTuple):
    """A data set or a model of a study: what it is called, its licence, what it asks to cite."""

    name: str
    licence: str
    cite: tuple[str, ...]


def parts_of(study: Study) -> Iterator[Part]:
    """Yield the data sets and models that a study uses."""
    for dataset in used_datasets(study):
        about = study.datasets[dataset].get("about", {})
        yield Part(f"data set {dataset}", about.get("licence", ""), tuple(about.get("cite", ())))
    for model in dict.fromkeys(model for model, _ in study.runs()):
        about = study.models[model].get("about", {})
        family = study.families[study.models[model]["family"]]
        cite = (*family.cite, *about.get("cite", ()))
        licence = about.get("licence", "") if study.has_weights(model) else "none needed"
        yield Part(f"model {model}", licence, cite)


def bibliography(study: Study, workflow: Path) -> str:
    """Return the BibTeX entries of what a study uses, in the order of resources/citations.bib."""
    wanted = {*ALWAYS, *(key for part in parts_of(study) for key in part.cite)}
    text = (workflow / "resources" / "citations.bib").read_text(encoding="utf-8")
    found = {match[1]: match[0] for match in ENTRY.finditer(text)}
    entries = [entry for key, entry in found.items() if key in wanted]
    lost = [f"% no entry for {key}; add it" for key in sorted(wanted - set(found))]
    return "\n\n".join([*entries, *lost]) + "\n"


def licence_warnings(study: Study) -> list[str]:
    """Return a sentence for each part whose licence forbids or leaves open how it may be used."""
    warnings = []
    for part in parts_of(study):
        if not part.licence:
            warnings.append(f"{part.name}: its entry states no licence")
        elif restricted(part.licence):
            warnings.append(f"{part.name}: {part.licence}")
    return warnings
