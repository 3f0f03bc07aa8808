"""The workflow used from elsewhere: from a hosted repository, by the catalog, by snakedeploy."""

import json
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from docs.settings import SCHEMAS
from helpers.marks import mostly_slow
from helpers.studies import ROOT, Study, new_study, shipped

pytestmark = pytest.mark.runs

HOSTED = "https://github.com/someone/plmbench"
# What snakedeploy writes.
DEPLOYED = """from snakemake.utils import min_version
min_version("6.10.0")
configfile: "config/config.yaml"
module plmbench:
    snakefile:
        {snakefile}
    config:
        config
use rule * from plmbench
"""


def git(folder, *words):
    """Run git in a folder."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Return a repository with a small study's workflow and data, and a tag."""
    folder = tmp_path_factory.mktemp("hosted") / "plmbench"
    study = new_study(folder, families=["carp"], models=["onehot", "tiny_carp"])
    for name in ("workflow", "LICENSE"):
        source, target = ROOT / name, study.root / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    for words in (["init"], ["add", "--all"], ["commit", "-m", "All"], ["tag", "v1"]):
        git(study.root, *words)
    return study.root


@pytest.fixture
def host(monkeypatch):
    """Return a function that lets git find a repository where a host would have it."""

    def serve(repository):
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{repository}.insteadOf")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", HOSTED)

    return serve


@pytest.fixture
def online(clone, host):
    """Let git find the clone where a host would have it."""
    host(clone)


def deployed(folder, clone, snakefile):
    """Return a Study in the layout of snakedeploy, from copies of the clone's files."""
    (folder / "workflow").mkdir(parents=True)
    (folder / "workflow/Snakefile").write_text(DEPLOYED.format(snakefile=snakefile))
    for name in ("config", "profiles"):
        shutil.copytree(clone / name, folder / name)
    return Study(folder)


REMOTE = {
    "tag": 'github("someone/plmbench", path="workflow/Snakefile", tag="v1")',
    "branch": 'github("someone/plmbench", path="workflow/Snakefile", branch="main")',
    "short": '"gh:someone/plmbench@v1"',
}


@pytest.fixture(scope="module")
def planned(clone):
    """Return what the clone itself would run."""
    return Study(clone).counts()


@pytest.mark.parametrize("kind", REMOTE)
def test_a_module_from_a_host_plans_what_its_clone_plans(kind, online, clone, planned, tmp_path):
    study = deployed(tmp_path / "deployed", clone, REMOTE[kind])
    assert study.counts() == planned
    (copy,) = (study.root / ".snakemake/plmbench/source").iterdir()
    assert re.fullmatch("[0-9a-f]{40}", copy.name)
    if kind == "tag":
        assert study.counts() == planned  # and again, with the copy that is there


def test_a_module_from_a_host_runs(online, clone, tmp_path):
    study = deployed(tmp_path / "deployed", clone, REMOTE["tag"])
    target = "results/labels/toy/first.tsv"
    study.run(target)
    assert "Nothing to be done" in study.run(target)


def test_the_deployed_configuration_says_what_runs(clone, planned, tmp_path):
    study = deployed(tmp_path / "deployed", clone, f'"{clone}/workflow/Snakefile"')
    study.edit("config", lambda config: config.update(models=["onehot"]))
    fewer = study.counts()
    assert fewer["join"] < planned["join"]
    assert study.counts("--config", "models=[onehot, tiny_carp]") == planned


EDITED = ["models.yaml", "datasets.yaml", "families/carp.yaml"]


@pytest.mark.parametrize("name", mostly_slow(EDITED, ["families/carp.yaml"]))
def test_an_edited_copy_of_a_catalogue_is_refused(name, clone, tmp_path):
    study = deployed(tmp_path / "deployed", clone, f'"{clone}/workflow/Snakefile"')
    study.append(f"config/{name}", "\n# mine\n")
    output = study.fail("--dry-run")
    assert f"config/{name}: this copy is not read, and differs" in output
    assert "`entries:`" in output
    (study.root / "config" / name).unlink()
    study.run("--dry-run")


def test_the_root_snakefile_of_a_host_says_which_file_to_name(online, clone, tmp_path):
    remote = REMOTE["tag"].replace("workflow/Snakefile", "Snakefile")
    output = deployed(tmp_path / "deployed", clone, remote).fail("--dry-run")
    assert "let the module read workflow/Snakefile" in output
    assert "Traceback" not in output


def test_the_catalogs_tools_find_the_schema_of_the_configuration():
    names = [
        f"{folder}/schemas/config.schema.{end}"
        for folder in ("config", "workflow")
        for end in ("yml", "yaml")
    ]
    (found,) = (ROOT / name for name in names if (ROOT / name).exists())
    schema = yaml.safe_load(found.read_text(encoding="utf-8"))
    assert schema == json.loads((SCHEMAS / "config.schema.json").read_text(encoding="utf-8"))
    assert {"tasks", "models", "weights"} <= set(schema["properties"])


def test_the_catalog_takes_the_workflow_for_standardised():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage["software-stack-deployment"]) >= {"conda", "apptainer", "apptainer+conda"}
    assert (ROOT / "config/README.md").is_file()


@pytest.fixture(scope="module")
def snakedeploy(tmp_path_factory):
    """Return the program snakedeploy in an environment of its own."""
    folder = tmp_path_factory.mktemp("snakedeploy") / "env"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "snakedeploy"]
    if subprocess.run(pip, capture_output=True, timeout=300, check=False).returncode:
        pytest.skip("snakedeploy cannot be installed")
    return folder / "bin/snakedeploy"


@pytest.mark.slow
@pytest.mark.parametrize("source", ["a host", "a clone"])
def test_snakedeploy_lays_out_a_study_that_plans_the_demo(source, snakedeploy, host, tmp_path):
    repository = tmp_path / "plmbench"
    git(tmp_path, "clone", str(ROOT), str(repository))
    git(repository, "checkout", "-B", "deployed")
    host(repository)
    study = Study(tmp_path / "elsewhere")
    words = ["deploy-workflow", HOSTED if source == "a host" else repository, study.root]
    subprocess.run([snakedeploy, *words, "--branch", "deployed", "--name", "plmbench"], check=True)
    if source == "a clone":  # snakedeploy writes a path that counts from the clone
        text = study.read("workflow/Snakefile")
        study.write("workflow/Snakefile", text.replace('"workflow', f'"{repository}/workflow'))
    assert study.counts() == shipped(tmp_path).counts()
