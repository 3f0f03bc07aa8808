"""Where the workflow and its Python lie does not matter."""

import subprocess
from pathlib import Path

import pytest

from helpers.interpreters import python_in
from helpers.marks import mostly_slow
from helpers.studies import Study, new_study


def test_jobs_run_with_a_python_in_a_path_with_a_space(tmp_path):
    study = new_study(tmp_path / "a study", families=(), models=["onehot"])
    python = python_in(tmp_path / "a venv")
    target = "results/labels/toy/first.tsv"
    command = [python, "-m", "snakemake", "--cores", "1", target]
    done = subprocess.run(command, cwd=study.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (Path(study.root) / target).exists()


@pytest.mark.parametrize("name", mostly_slow(["cl{one}", "cl}", "cl{", "{}"], ["cl{one}", "cl}"]))
def test_a_brace_in_the_path_of_the_workflow_stops_with_one_sentence(name, tmp_path):
    study = new_study(tmp_path / name, families=(), models=["onehot"])
    for start in (study, Study(tmp_path, "--snakefile", str(study.root / "Snakefile"))):
        output = start.fail("--dry-run")
        assert f"{study.root}: Snakemake takes what stands in braces for a wildcard; " in output
        assert "Traceback" not in output


ODD = ["st{one}", "st}", "a\nb", "a*b?", "a[b]", "a'b", 'a"b', "é 🧬", "$(touch x)", "; a", "-a"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_the_folder_of_a_study_may_have_any_name(name, tmp_path):
    study = new_study(tmp_path / "workflow", families=(), models=["onehot"])
    target = "results/labels/toy/first.tsv"
    study.run(target, "--directory", str(tmp_path / name))
    assert (tmp_path / name / target).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"workflow", name, "home"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ODD if not set("{}") & set(name)])
def test_the_folder_of_the_workflow_may_have_any_name_without_braces(name, tmp_path):
    study = new_study(tmp_path / name, families=(), models=["onehot"])
    target = "results/labels/toy/first.tsv"
    study.run(target, "--directory", str(tmp_path / "results"))
    assert (tmp_path / "results" / target).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"results", name, "home"}
