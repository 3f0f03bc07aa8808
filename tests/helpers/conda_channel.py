"""A conda channel in a folder, with what envs/ asks for, from what this Python has installed.

The packages are conda's, built by py-rattler-build, with the names, versions and dependencies that
the installed distributions have. What they hold is a stand-in: links to the installed files. So are
the versions of `python`, which is this interpreter, and `pip`: those of envs/, as no lock has any.
"""

import asyncio
import os
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from rattler import Subdir
from rattler.index import index_fs
from rattler_build import assemble_package

from helpers.studies import ROOT

CHANNEL = "conda-forge"
PYTORCH = "pytorch"  # conda-forge's name of torch
VARIANTS = {"pytorch-cpu": "cpu", "pytorch-gpu": "cuda"}  # what chooses a build of it
NO_FILES = ("..", "__pycache__")  # scripts beside the packages; what Python makes itself
OF_INSTALLER = ("RECORD", "INSTALLER", "REQUESTED")


def dependencies(path):
    """Return {package: version or ""} of an environment file without its pip section, and the pip
    section's lines."""
    entries = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["dependencies"]
    pairs = [entry.partition(" =") for entry in entries if isinstance(entry, str)]
    pip = [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]
    return {name: version for name, _, version in pairs}, pip


def conda_name(name):
    """Return what conda calls a distribution."""
    name = name.lower().replace("_", "-")
    return PYTORCH if name == "torch" else name


def installed(names):
    """Return {conda's name: (distribution, its requirements)} of distributions and all that they
    need."""
    found, pending = {}, list(names)
    while pending:
        one = distribution(pending.pop())
        name = conda_name(one.metadata["Name"])
        if name not in found:
            needs = [Requirement(text) for text in one.requires or ()]
            needs = [n for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
            found[name] = one, needs
            pending += [need.name for need in needs]
    return found


def link_files(one, folder):
    """Link the packages and modules of a distribution into `folder`; those of a package without
    __init__.py one by one, as it may belong to several."""
    files = [file for file in one.files if file.parts[0] not in NO_FILES]
    for top in {file.parts[0] for file in files}:
        inside = {file.parts[1] for file in files if file.parts[0] == top and len(file.parts) > 1}
        shared = inside and "__init__.py" not in inside and not top.endswith(".dist-info")
        for name in [f"{top}/{part}" for part in inside] if shared else [top]:
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path(one.locate_file(name)).resolve())


def write_package(channel, name, version, build="0", depends=(), files=None, noarch="python"):
    """Write a package of the files in a folder, or of none, into a channel."""
    subdir = "noarch" if noarch else str(Subdir.current())
    folder = channel / subdir
    folder.mkdir(parents=True, exist_ok=True)
    if files is None:
        files = channel.parent / "nothing"
        files.mkdir(exist_ok=True)
    assemble_package(
        name=name,
        version=version,
        target_platform=subdir,
        build_string=build,
        output_dir=folder,
        files_dir=files,
        depends=list(depends),
        noarch=noarch,
        compression_level=1,
    )


def write_python(channel, version):
    """Write the package `python`: this interpreter, found as in a virtual environment."""
    files, base = channel.parent / "python", Path(os.path.realpath(sys.executable))
    (files / "bin").mkdir(parents=True)
    for name in ("python", "python3", f"python{version.rpartition('.')[0]}"):
        (files / "bin" / name).symlink_to(base)
    text = f"home = {base.parent}\ninclude-system-site-packages = false\n"
    (files / "pyvenv.cfg").write_text(text)
    write_package(channel, "python", version, "0_cpython", files=files, noarch=None)


def write_distribution(channel, name, version, one, needs):
    """Write the package of a distribution; of torch one for CPUs and one that needs a GPU."""
    files = channel.parent / "files" / name
    link_files(one, files / "site-packages")
    depends = ["python", *(f"{conda_name(n.name)} {n.specifier}".strip() for n in needs)]
    if name != PYTORCH:
        write_package(channel, name, version, depends=depends, files=files)
        return
    for build, need in (("cpu_0", []), ("cuda_0", ["__cuda"])):
        write_package(channel, name, version, build, depends + need, files)
    for chooser, kind in VARIANTS.items():
        write_package(channel, chooser, version, depends=[f"{name} =={version} {kind}_0"])


def write_channel(channel, environments):
    """Write the channel `channel`, a folder, for the environment files of the list."""
    wanted = {}
    for path in environments:
        wanted |= dependencies(path)[0]
    write_python(channel, wanted.pop("python"))
    names = ["torch" if name in VARIANTS else name for name in wanted]
    for name, (one, needs) in installed(names).items():
        version = wanted["pip"] if name == "pip" else one.version.partition("+")[0]
        write_distribution(channel, name, version, one, needs)
    asyncio.run(index_fs(channel))


def write_wheels(folder, environments):
    """Write a wheel of each distribution that the pip sections of environment files ask for, and of
    all that these need."""
    lines = [line for path in environments for line in dependencies(path)[1]]
    for one, _ in installed(dict.fromkeys(Requirement(line).name for line in lines)).values():
        write_wheel(folder, one)


def write_wheel(folder, one):
    """Write the wheel of a distribution, as the package index has it."""
    files = [f for f in one.files if not set(f.parts) & set(NO_FILES)]
    files = [f for f in files if f.name not in OF_INSTALLER]
    info = next(file.parts[0] for file in files if file.parts[0].endswith(".dist-info"))
    wheel = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in files:
            archive.write(one.locate_file(file), str(file))
        record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
        archive.writestr(f"{info}/RECORD", record)


def environments():
    """Return the environment files of the project."""
    return sorted((ROOT / "envs").glob("*.yaml"))
