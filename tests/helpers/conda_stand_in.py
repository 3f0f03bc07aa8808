"""The part of the `conda` command that Snakemake calls, on py-rattler.

Real: the solve, the links, activation, and pip in the environment. Not conda's: this command line,
and that the channels are folders beside each other in `CHANNELS`.

usage: python conda_stand_in.py CHANNELS SUBCOMMAND ...
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import rattler
import yaml
from rattler.repo_data import SparseRepoData
from rattler.shell import ActivationVariables, Shell, activate

CONDA = "conda 25.1.0 (a stand-in on py-rattler)\n"
FLAGS = ("quiet", "no-default-packages", "json", "explicit", "md5", "version", "tarballs")
ALIKE = "nodefaults"  # a word of conda's, no channel


def records_of(channels, path):
    """Return the solution for an environment file: a list of records to link."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    configuration = rattler.ChannelConfig(channels.as_uri() + "/")
    sources = [rattler.Channel(n, configuration) for n in content["channels"] if n != ALIKE]
    specs = [line for line in content["dependencies"] if isinstance(line, str)]
    virtual = rattler.VirtualPackage.detect(rattler.VirtualPackageOverrides.from_env())
    return asyncio.run(rattler.solve(sources, specs, virtual_packages=virtual))


def pip_lines(path):
    """Return the lines of an environment file's pip section."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]
    return [line for entry in entries if isinstance(entry, dict) for line in entry["pip"]]


def records_of_urls(channels, path):
    """Return the records that an explicit list (`@EXPLICIT`, a URL a line) names."""
    found = {}
    for repodata in channels.glob("*/*/repodata.json"):
        channel = rattler.Channel(repodata.parents[1].as_uri())
        data = SparseRepoData(channel, repodata.parent.name, repodata)
        found |= {record.url: record for record in data.load_all_records()}
    lines = path.read_text(encoding="utf-8").splitlines()
    return [found[line.partition("#")[0]] for line in lines if line.startswith("file:")]


def link(channels, records, prefix):
    """Link packages into the folder `prefix`."""
    cache = channels.parent / "cache"
    asyncio.run(rattler.install(records, prefix, cache_dir=cache, show_progress=False))


def create(channels, options):
    """Make an environment from an environment file, or from an explicit list."""
    if options.file.suffix != ".yaml":
        link(channels, records_of_urls(channels, options.file), options.prefix)
        return
    link(channels, records_of(channels, options.file), options.prefix)
    if lines := pip_lines(options.file):
        python = options.prefix / "bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *lines], check=True)


def list_explicit(prefix):
    """Print the explicit list of an environment."""
    records = map(rattler.PrefixRecord.from_path, sorted(prefix.glob("conda-meta/*.json")))
    print("@EXPLICIT", *(f"{one.url}#{one.md5.hex()}" for one in records), sep="\n")


def parsed(arguments):
    """Return the command line's options."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-y", "--yes", action="store_true")
    for flag in FLAGS:
        parser.add_argument(f"--{flag}", action="store_true")
    for name in ("file", "prefix"):
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--get")
    parser.add_argument("words", nargs="*")
    return parser.parse_args(arguments)


def main(channels, *arguments):
    """Do what `conda ARGUMENTS` does."""
    options, channels = parsed(arguments), Path(channels)
    match options.words:
        case [] if options.version:
            sys.stdout.write(CONDA)
        case ["info"]:
            facts = {
                "conda_prefix": str(channels.parent),
                "platform": str(rattler.Subdir.current()),
            }
            print(json.dumps(facts))
        case ["config"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["create"] | ["env", "create"]:
            create(channels, options)
        case ["clean"]:
            assert options.tarballs  # of which rattler's cache keeps none
        case ["list"]:
            list_explicit(options.prefix)
        case ["activate", prefix]:
            print(activate(Path(prefix), ActivationVariables(), Shell.bash).script)
        case words:
            sys.exit(f"conda's stand-in does not know {' '.join(words)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(0)  # rattler's threads may still let go of objects when Python tears itself down
