"""The recipe of the container: its files are there, and it builds and runs where buildah is."""

import os
import re
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, requires, version

import pytest
from packaging.requirements import Requirement

from helpers.studies import ROOT

RECIPE = (ROOT / "envs/Dockerfile").read_text(encoding="utf-8")
NEEDED = ("buildah", "debootstrap")
CERTIFICATES = os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt")


def test_the_recipe_names_files_that_are_there_and_a_python_that_is_supported():
    for source in re.findall(r"^COPY (\S+) ", RECIPE, re.M):
        assert (ROOT / source).is_file(), source
    minor = int(re.search(r"^ARG BASE=\S*python:3\.(\d+)", RECIPE, re.M)[1])
    assert minor in range(11, 15)
    assert RECIPE.rstrip().endswith('ENTRYPOINT ["python", "-m", "snakemake"]')


def needs_of(name, found):
    """Add {package: version} of a package and of all that it needs here."""
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        return found
    for text in requires(name) or ():
        need = Requirement(text)
        if need.name not in found and (not need.marker or need.marker.evaluate({"extra": ""})):
            needs_of(need.name, found)
    return found


@pytest.fixture(scope="module")
def buildah(tmp_path_factory):
    """Return a function that calls buildah, with a store of its own."""
    if missing := [name for name in NEEDED if not shutil.which(name)] or os.getuid() != 0:
        pytest.skip(f"needs root and {NEEDED}: {missing}")
    folder = tmp_path_factory.mktemp("buildah")
    store = ["--storage-driver", "vfs", "--root", folder / "store", "--runroot", folder / "run"]

    def call(*words):
        command = ["buildah", *store, *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    return call


@pytest.fixture(scope="module")
def base(buildah, tmp_path_factory):
    """Return the name of an image with Python, from Debian's packages: no registry is asked."""
    root = tmp_path_factory.mktemp("debian") / "root"
    command = ["debootstrap", "--variant=minbase", "--include=ca-certificates,python3-venv"]
    made = subprocess.run([*command, "bookworm", root], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("Debian's packages cannot be had")
    subprocess.run(["chroot", root, "python3", "-m", "venv", "/usr/local"], check=True)
    container = buildah("from", "scratch")
    buildah("add", container, root, "/")
    buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
    buildah("commit", container, "localhost/base")
    return "localhost/base"


@pytest.mark.slow
def test_the_recipe_builds_and_its_snakemake_answers(buildah, base, tmp_path):
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    small = needs_of("snakemake", {})  # the whole lock has gigabytes
    lines = [f"{name}=={number}\n" for name, number in small.items()]
    (tmp_path / "requirements.lock").write_text("".join(lines))
    (tmp_path / "pip.conf").write_text("[global]\ncert = /opt/certificates\n")
    mounts = (f"{tmp_path}/pip.conf:/etc/pip.conf:ro", f"{CERTIFICATES}:/opt/certificates:ro")
    volumes = [word for mount in mounts for word in ("--volume", mount)]
    options = ["--isolation", "chroot", "--build-arg", f"BASE={base}", "--pull-never", *volumes]
    buildah("bud", *options, "--file", tmp_path / "envs/Dockerfile", "--tag", "plmbench", tmp_path)
    container = buildah("from", "--pull-never", "localhost/plmbench")
    run = ("run", "--isolation", "chroot", container, "--", "python", "-m", "snakemake")
    assert buildah(*run, "--version") == version("snakemake")
