"""Where the workflow and its Python lie does not matter."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from helpers.studies import new_study


def python_in(folder):
    """Return a Python in a virtual environment in `folder` that sees this one's packages."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    (packages / "outer.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin" / "python"


def test_jobs_run_with_a_python_in_a_path_with_a_space(tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"])
    python = python_in(tmp_path / "a venv")
    target = "results/labels/toy/first.tsv"
    command = [python, "-m", "snakemake", "--cores", "1", target]
    done = subprocess.run(command, cwd=study.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (Path(study.root) / target).exists()
