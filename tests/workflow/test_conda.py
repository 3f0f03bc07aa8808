"""`snakemake --sdm conda` with a channel in a folder: solve, link, activation and pip are real, the
`conda` command and what its packages hold are stand-ins (conda_stand_in.py, local_channel.py)."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rattler.index import index_fs

from helpers import conda_channel as local_channel
from helpers import conda_stand_in
from helpers.studies import ROOT, Study, new_study

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.version_info[:2] != (3, 11),
        reason="envs/ asks for Python 3.11, and the stand-in of its package is this interpreter",
    ),
]
SMALL = {
    "tasks": ["toy/first"],
    "models": ["tiny_esm2"],
    "weights": ["pretrained"],
    "probes": ["ridge"],
    "controls": [],
}
TARGETS = ("results/tables/summary.tsv", "results/figures/toy/first.curves.svg")
ENVIRONMENT = """
channels: [conda-forge, nodefaults]
dependencies:
  - python =3.11.13
  - only_here =1.0.0
"""
SNAKEFILE = """
rule all:
    input:
        "where.txt",


rule where:
    output:
        file="where.txt",
    conda:
        "where.yaml"
    params:
        anything=1,
    script:
        "where.py"
"""
SCRIPT = """
import os, sys
import only_here

with open(snakemake.output.file, "w") as file:
    facts = sys.prefix, os.environ["CONDA_PREFIX"], only_here.__file__, only_here.VERSION
    print(*facts, sep="\\n", file=file)
"""


def write_module(channel, version):
    """Write a package of one module, which nothing but this channel has."""
    files = channel.parent / f"only_here {version}"
    (files / "site-packages").mkdir(parents=True)
    (files / "site-packages/only_here.py").write_text(f"VERSION = {version!r}\n")
    local_channel.write_package(channel, "only_here", version, depends=["python"], files=files)
    asyncio.run(index_fs(channel))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Return conda's folder: bin/ with its commands, a folder of channels, wheels for pip."""
    folder = tmp_path_factory.mktemp("conda")
    channel, wheels = folder / "channels" / local_channel.CHANNEL, folder / "wheels"
    for new in (channel, wheels, folder / "bin"):
        new.mkdir(parents=True)
    local_channel.write_channel(channel, local_channel.environments())
    write_module(channel, "1.0.0")
    local_channel.write_wheels(wheels, local_channel.environments())
    words = [sys.executable, conda_stand_in.__file__, str(folder / "channels")]
    command = shlex.join(words)
    (folder / "bin/conda").write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    (folder / "bin/conda").chmod(0o755)
    (folder / "bin/activate").write_text(f'eval "$({command} activate "$1")"\n')
    return folder


@pytest.fixture
def conda(base, monkeypatch):
    """Put the stand-in on PATH, and the wheels before pip; return conda's folder."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(base / "bin"), os.environ["PATH"]]))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(base / "wheels"))
    return base


@pytest.fixture
def tiny(tmp_path):
    """Return a Study of one rule, whose environment has a module that is nowhere else."""
    root = tmp_path / "a study"
    root.mkdir()
    for name, text in {
        "Snakefile": SNAKEFILE,
        "where.yaml": ENVIRONMENT,
        "where.py": SCRIPT,
    }.items():
        (root / name).write_text(text)
    return Study(root, "--sdm", "conda")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a small Study, run without conda to results of which each environment has a part."""
    study = new_study(tmp_path_factory.mktemp("small") / "a study", families=["esm2"], **SMALL)
    study.run(*TARGETS)
    return study


def environments_of(study):
    """Return {name of the file in envs/: folder} of the environments that a study has made."""
    folders = [path for path in (study.root / ".snakemake/conda").iterdir() if path.is_dir()]
    texts = {path.read_text(): path.stem for path in local_channel.environments()}
    return {
        texts[folder.with_name(f"{folder.name}.yaml").read_text()]: folder for folder in folders
    }


def test_a_rules_script_runs_in_the_environment_that_snakemake_makes_with_a_stand_in_for_conda(
    conda, tiny
):
    assert "Creating conda environment where.yaml" in tiny.run()
    prefix, active, module, version = tiny.read("where.txt").splitlines()
    assert prefix == active
    assert Path(prefix).parent == tiny.root / ".snakemake/conda"
    assert module == f"{prefix}/lib/python3.11/site-packages/only_here.py"
    assert version == "1.0.0"
    assert not tiny.counts()


def test_a_new_pin_makes_a_new_environment_and_reruns_nothing_by_itself(conda, tiny, tmp_path):
    triggers = ["--rerun-triggers", "mtime", "params", "input"]
    tiny.run(*triggers)
    write_module(conda / "channels" / local_channel.CHANNEL, "2.0.0")
    tiny.write("where.yaml", ENVIRONMENT.replace("only_here =1.0.0", "only_here =2.0.0"))
    assert not tiny.counts(*triggers)
    tiny.run("--forceall", *triggers)
    assert tiny.read("where.txt").splitlines()[3] == "2.0.0"


def test_an_environment_that_no_channel_has_is_an_error_that_names_the_package(conda, tiny):
    tiny.write("where.yaml", ENVIRONMENT.replace("=1.0.0", "=9.9.9"))
    assert re.search(r"Could not create conda environment.*only_here 9\.9\.9", tiny.fail(), re.S)


def test_the_study_in_its_environments_of_linked_packages_has_the_results_it_has_without(
    conda, small
):
    expected = [small.read(path) for path in TARGETS]
    output = small.run("--sdm", "conda", "--forceall", *TARGETS)
    jobs = int(re.findall(r"^total +(\d+)$", output, re.M)[-1])
    assert output.count("Activating conda environment: .snakemake/conda/") >= jobs
    assert set(environments_of(small)) == {"inputs", "embed", "probe", "report"}
    assert [small.read(path) for path in TARGETS] == expected
    assert not small.counts(*TARGETS)


def test_each_environment_alone_imports_the_scripts_of_its_rules(conda, small):
    small.run("--sdm", "conda", "--conda-create-envs-only")
    scripts = {"inputs": "sequences labels", "embed": "embed", "probe": "probe", "report": "page"}
    for name, folder in environments_of(small).items():
        lines = (
            f"import sys; sys.path.insert(0, 'scripts'); import {scripts[name].replace(' ', ', ')}"
        )
        python = [folder / "bin/python", "-I", "-c", lines]
        done = subprocess.run(python, cwd=small.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"envs/{name}.yaml: {done.stderr}"


def solved(conda, name):
    """Return the packages that conda's stand-in chooses for an environment of envs/."""
    records = conda_stand_in.records_of(conda / "channels", ROOT / f"envs/{name}.yaml")
    return {(one.name.normalized, str(one.build)) for one in records}


def test_the_cuda_variant_needs_a_gpu_or_the_word_of_one_and_the_other_takes_none(
    conda, monkeypatch
):
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "12.8")
    assert ("pytorch", "cuda_0") in solved(conda, "embed-cuda")
    assert ("pytorch", "cpu_0") in solved(conda, "embed")
    monkeypatch.setenv("CONDA_OVERRIDE_CUDA", "")
    with pytest.raises(Exception, match="__cuda"):
        solved(conda, "embed-cuda")


def test_choosing_the_other_environment_for_networks_makes_that_one_and_embeds_nothing_again(
    conda, small
):
    other = ("--config", "compute={environment: embed-cuda}", "--sdm", "conda")
    output = small.run("--dry-run", *other, "--", *TARGETS)
    assert "Conda environment envs/embed-cuda.yaml will be created" in output
    assert "envs/embed.yaml" not in output
    assert "Nothing to be done" in output


def test_make_pins_lists_what_each_environment_without_pip_was_solved_to(conda, tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    subprocess.run(["make", "pins"], cwd=tmp_path, check=True)
    made = {path.name for path in (tmp_path / "envs").glob("*.pin.txt")}
    plain = [p for p in local_channel.environments() if not local_channel.dependencies(p)[1]]
    assert made == {f"{path.stem}.linux-64.pin.txt" for path in plain} != set()
    lines = (tmp_path / "envs/probe.linux-64.pin.txt").read_text().splitlines()
    assert lines.count("@EXPLICIT") == 1
    names = {re.search(r"/([\w-]+)-[\w.]+-\w+\.conda#[0-9a-f]{32}$", line)[1] for line in lines[1:]}
    assert {"python", "scikit-learn", "joblib"} <= names


def test_a_pin_file_leaves_out_what_pip_installs_so_embed_is_given_none(conda, small, tmp_path):
    root, esm = tmp_path / "pinned", ".snakemake/conda/*/lib/python3.11/site-packages/esm"
    study = small.copy(root)
    before = set(root.glob(esm))  # of the environments that other tests have made, unpinned
    prefix = tmp_path / "made"
    command = ["conda", "env", "create", "--file", "envs/embed.yaml", "--prefix", prefix]
    subprocess.run(command, cwd=root, check=True)
    command = ["conda", "list", "--explicit", "--md5", "--prefix", prefix]
    pins = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert len(pins.splitlines()) > 10
    study.write("envs/embed.linux-64.pin.txt", pins)
    output = study.run("--sdm", "conda", "--conda-create-envs-only")
    assert "Using pinnings from" in output
    assert set(root.glob(esm)) == before
    assert list(prefix.glob("lib/python3.11/site-packages/esm"))
    assert not list((ROOT / "envs").glob("embed*.pin.txt"))
