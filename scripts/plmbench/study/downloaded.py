"""What jobs are handed that download, or take a file out of a download."""

from plmbench.core.canonical import selected
from plmbench.study.catalogues import Study
from plmbench.study.files import named_source


def source(study: Study, model: str) -> dict:
    """Return where a checkpoint is downloaded from."""
    return selected(study.models[model], ["url", "revision", "files", "sha256"])


def is_downloaded(study: Study, model: str) -> bool:
    """Tell whether a model's checkpoint is downloaded."""
    return "url" in study.models[model]


def download(study: Study, name: str) -> dict:
    """Return where a download of a data set comes from, and its digest."""
    return selected(named_source(study, name), ["url", "mirrors", "sha256", "git_sha1"])


def member(study: Study, dataset: str, split: str, part: str, role: str) -> str:
    """Return the name that a file has within its archive."""
    return study.source(dataset, split, part)[role]
