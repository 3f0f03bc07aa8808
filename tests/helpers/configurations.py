"""The shipped configuration, as it is, changed, or spoiled in a copy."""

import shutil
from pathlib import Path

import yaml

from plmbench.study.catalogues import Study
from plmbench.study.yaml_files import read_yaml

CONFIG = Path(__file__).resolve().parents[2] / "config"
GB1, RESIDUES, CLASSES = "gb1", "secondary_structure_small", "localisation_small"


def study(folder=CONFIG, name="config", **changes):
    """Return the Study of a shipped configuration, with changed keys."""
    return Study(read_yaml(CONFIG / f"{name}.yaml") | changes, folder)


def copied(folder):
    """Return a copy of config/ in a new folder, to spoil."""
    shutil.copytree(CONFIG, folder)
    return folder


def spoiled(folder, name, change):
    """Change what config/<name>.yaml holds in place."""
    content = read_yaml(folder / f"{name}.yaml")
    change(content)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
