"""The command, installed into an environment of its own."""

import os
import subprocess
import sys
import sysconfig

import pytest

from helpers.configurations import CONFIG
from helpers.studies import copy_workflow

ROOT = CONFIG.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return the folder of programs of an environment with plmbench installed, which finds its
    libraries in that of the tests."""
    folder = tmp_path_factory.mktemp("an environment")
    clone = folder / "clone"
    clone.mkdir()
    copy_workflow(clone)
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        (clone / name).write_bytes((ROOT / name).read_bytes())
    (clone / "resources" / "citations.bib").write_bytes(
        (ROOT / "resources" / "citations.bib").read_bytes()
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    python = folder / "env" / "bin" / "python"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / "env" / "lib" / version / "site-packages"
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", clone], check=True)
    return python.parent


@pytest.mark.slow
def test_the_installation_has_the_logger_of_snakemake(installed, tmp_path):
    command = [installed / "python", "-m", "snakemake", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "brief" in done.stdout


@pytest.mark.slow
def test_the_installed_command_writes_checks_and_refuses_studies(installed, tmp_path):
    rows = [f"{'MKTAYIAKQR' * 3}{'ACDEFGHIKL'[i % 10]},{i}" for i in range(60)]
    lines = [f"{row},{'train' if i % 2 else 'test'}" for i, row in enumerate(rows)]
    (tmp_path / "assay.csv").write_text("\n".join(["sequence,target,set", *lines]) + "\n")

    def plmbench(*words):
        """Return exit status and output of the command, run far from the clone."""
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        done = subprocess.run(
            [installed / "plmbench", *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    status, text = plmbench("init", "my", "--csv", "assay.csv")
    # An installation has the catalogues, and no networks: the shipped ones are not there.
    assert (tmp_path / "my" / "my_study.yaml").is_file(), text
    assert "30 train, 0 validation, 30 test" in text
    assert (status, "there is no file" in text) == (1, True)
    study = tmp_path / "my" / "my_study.yaml"
    shipped = "models: [onehot, mini_carp_100k, mini_esm2_100k]"
    study.write_text(study.read_text().replace(shipped, "models: [onehot]"))
    assert plmbench("validate", str(study))[0] == 0
    status, text = plmbench("show", "nowhere")
    assert (status, "name the folder `results`" in text) == (1, True)
