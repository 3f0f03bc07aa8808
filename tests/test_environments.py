"""The conda environments agree with requirements.lock, and hold what their scripts import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml

from plmbench.provenance import SCRIPTS, imported_files

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
LOCK = {
    name.lower(): version
    for name, version in (
        line.split("==")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    )
}
PYPI = {"pytorch": "torch"}  # conda-forge's name -> the package index's
PACKAGES = {
    "sklearn": "scikit-learn",
    "esm": "fair-esm",
    "sequence_models": "sequence-models",
    "yaml": "pyyaml",
}
RULE = re.compile(r'conda:\s*"\.\./envs/(\w+\.yaml)".*?script:\s*"\.\./scripts/(\w+\.py)"', re.S)


def pins(path):
    """Return {package: version} of an environment, by the package index's names."""
    found = {}
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, _, version = line.replace("==", "=").replace(" ", "").partition("=")
            found[PYPI.get(name, name)] = version
    return found


def scripts_of(environment):
    """Return the scripts of the rules that use an environment."""
    text = "".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
    rules = [rule for rule in re.split(r"(?m)^rule ", text) if "conda:" in rule]
    pairs = [RULE.search(rule).groups() for rule in rules]
    return [script for env, script in pairs if env == environment]


def third_party(script):
    """Return the packages that a script and the project's modules under it import."""
    pending, seen, names = [SCRIPTS / script], set(), set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        tree = ast.parse(path.read_text())
        pending.extend(imported_files(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
    names -= set(sys.stdlib_module_names) | {"plmbench"}
    return {PACKAGES.get(name, name) for name in names}


def test_every_environment_is_used():
    assert ENVIRONMENTS
    assert all(scripts_of(path.name) for path in ENVIRONMENTS)


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_pins_equal_the_lock(path):
    unpinned = {"python", "pip"}
    found = {name: version for name, version in pins(path).items() if name not in unpinned}
    assert found == {name: LOCK[name] for name in found}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_channels_are_conda_forge_alone(path):
    assert yaml.safe_load(path.read_text())["channels"] == ["conda-forge", "nodefaults"]


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_holds_what_its_scripts_import(path):
    needed = set().union(*(third_party(script) for script in scripts_of(path.name)))
    assert needed <= set(pins(path)), f"envs/{path.name} lacks {sorted(needed - set(pins(path)))}"


def test_direct_requirements_are_in_the_lock():
    lines = (ROOT / "requirements.in").read_text().splitlines()
    names = {re.split(r"[=>]", line)[0] for line in lines if line and line[0] != "#"}
    assert {name.lower() for name in names} <= set(LOCK)
