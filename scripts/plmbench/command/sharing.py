"""The results of a study as one file to share, described as an RO-Crate."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml
from rocrate.rocrate import ROCrate

from plmbench.command.citations import bibliography, licence_warnings
from plmbench.core.errors import InputError
from plmbench.study.catalogues import Study
from plmbench.study.targets import used_datasets

SHARED = ("tables", "figures", "labels", "predictions")  # folders of results
PAGE, SUMS, SETTINGS, BIBLIOGRAPHY = "study.html", "sha256.txt", "study.yaml", "citations.bib"
DESCRIPTIONS = {
    PAGE: "The whole study on one page",
    SUMS: "The sha256 of every file",
    SETTINGS: "The configuration: what ran, and the entries that it names",
    BIBLIOGRAPHY: "What the study cites",
    "tables/verdicts.tsv": "What pretraining gives, by task, probe, pooling and network",
    "tables/runs.tsv": "Seeds, digests, versions, device and precision of every embedding",
}


def results_folder(folder: Path) -> Path:
    """Return the folder `results`, named itself or by that of its study; raises InputError where
    no run has finished there."""
    for found in (folder, folder / "results"):
        if (found / "tables" / "verdicts.tsv").is_file():
            if (found / PAGE).is_file():  # which a run makes last
                return found
            raise InputError(f"{found}: there is no {PAGE}, so its run did not end; run it again")
    raise InputError(f"{folder}: there is no tables/verdicts.tsv; name the results of a whole run")


def shared_files(results: Path) -> Iterator[Path]:
    """Yield the files of results that are shared, in one order; links are not followed."""
    yield results / PAGE
    for folder in SHARED:
        for top, folders, names in os.walk(results / folder):
            folders.sort()
            yield from (Path(top) / name for name in sorted(names))


def settings_of(study: Study) -> str:
    """Return the configuration of a study with the entries that it names, as YAML."""
    models = dict.fromkeys(model for model, _ in study.runs())
    probes = [*study.run.probes, *study.run.controls]
    entries = {
        "datasets": {n: study.entries.datasets[n].as_dict() for n in used_datasets(study)},
        "models": {name: study.models[name] for name in models},
        "probes": {name: study.probes[name] for name in probes},
        "ablations": dict(study.ablations),
    }
    settings = study.config | {"entries": entries}
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def written(study: Study, workflow: Path, results: Path, folder: Path) -> dict[str, Path]:
    """Write what describes the results into a folder; return {name in the archive: file} of all
    that is shared."""
    files = {str(path.relative_to(results)): path for path in shared_files(results)}
    texts = {SETTINGS: settings_of(study), BIBLIOGRAPHY: bibliography(study, workflow)}
    if (workflow / "requirements.lock").is_file():
        texts["requirements.lock"] = (workflow / "requirements.lock").read_text(encoding="utf-8")
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        files[name] = folder / name
    sums = "".join(f"{sha256_of(path)}  {name}\n" for name, path in files.items())
    (folder / SUMS).write_text(sums, encoding="utf-8")
    return files | {SUMS: folder / SUMS}


def export(results: Path, to: Path, study: Study, workflow: Path) -> list[str]:
    """Write the archive of a study; return what is to be known of licences.

    The archive has its name when it is whole. Raises InputError where one is there already.
    """
    if to.exists():
        raise InputError(f"{to} is there already; choose another name, or delete it")
    if to.suffix != ".zip":
        raise InputError(f"{to}: is no name of a zip; let it end in .zip")
    results, warnings = results_folder(results), licence_warnings(study)
    crate = ROCrate()
    crate.name = "A study with plmbench: what pretraining gives protein language models"
    crate.description = "; ".join(f"{task.dataset}/{task.split}" for task in study.tasks)
    crate.license = "\n".join(warnings) or "see the licences of its data sets and models"
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".export") as folder:
        for name, path in written(study, workflow, results, Path(folder)).items():
            about = {"name": name, "description": DESCRIPTIONS.get(name, "")}
            crate.add_file(path, name, properties={k: v for k, v in about.items() if v})
        crate.write_zip(Path(folder) / "made.zip")
        (Path(folder) / "made.zip").replace(to)
    return warnings


def faults_of(archive: zipfile.ZipFile) -> list[str]:
    """Return what differs between an archive and the checksums in it, a sentence each."""
    if SUMS not in archive.namelist():
        return [f"has no {SUMS}: it is none of `plmbench export`"]
    faults = []
    for line in archive.read(SUMS).decode().splitlines():
        digest, _, name = line.partition("  ")
        if name not in archive.namelist():
            faults.append(f"{name} is missing")
        elif hashlib.sha256(archive.read(name)).hexdigest() != digest:
            faults.append(f"{name} is not the file that was exported")
    return faults
