"""A small study in a folder of its own: a copy of the workflow, tiny networks, made-up data."""

import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import yaml

from helpers import forks
from helpers.networks import TINY, save_tiny

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("Snakefile", "rules", "scripts", "config", "envs", "profiles", "resources/report")
COPIED += ("benchmarks/results",)
FOREIGN = ("PYTHON", "SNAKEMAKE", "PLMBENCH", "PYTEST", "XDG_", "CONDA", "MPL")
RULE = re.compile(r"^(?:local)?(?:rule|checkpoint) (\w+):\n((?: {4}.*\n)*)", re.M)
WILDCARDS = re.compile(r"^ {4}wildcards: (.*)$", re.M)
TOTAL = re.compile(r"^total +(\d+)$", re.M)

FAMILIES = ("esm2", "carp", "esm1b")  # networks in the catalogue, as tiny_<family>
CONFIG = {
    "tasks": ["toy"],
    "models": ["onehot", "tiny_esm2", "tiny_carp"],
    "checkpoints": [],
    "weights": ["pretrained", "reinit-0", "resample-0"],
    "probes": ["ridge", "ridge_flip"],
    "controls": ["ridge_shuffled"],
    "statistics": {"n_bootstrap": 100},
}
PROBES = {
    "ridge": {"type": "ridge", "alphas": [0.01, 1, 100]},
    "ridge_flip": {"type": "ridge", "alphas": [1], "refit": True},
    "ridge_shuffled": {"permutes_labels_of": "ridge"},
}
WILD_TYPE = "resources/datasets/toy/wild_type.fasta"
DATASETS = {
    "toy": {
        "about": {"title": "Toy landscape", "target": "made-up activity"},
        "wild_type": WILD_TYPE,
        "splits": {
            "first": {"path": "resources/datasets/toy/first.csv", "published": "benefits"},
            "second": {"path": "resources/datasets/toy/second.csv"},
        },
    }
}
ONE_HOT = {
    "family": "onehot",
    "pooling": ["flat"],
    "about": {"title": "one-hot", "role": "baseline"},
}


class Job(NamedTuple):
    """A job that would run: its rule and wildcards."""

    rule: str
    wildcards: dict


class Finished(NamedTuple):
    """What a run of Snakemake left: its exit status, and what it said."""

    code: int
    output: str


def toy_rows(count=60, length=12, seed=0):
    """Return distinct made-up sequences with a target that depends on their letters."""
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        sequence = "".join(draw.choices("ACDEFGHIKLMNPQRSTVWY", k=length))
        target = sum(map("AILMFVWY".count, sequence)) + 0.5 * (sequence[0] in "KR")
        rows.append({"id": f"variant{i}", "sequence": sequence, "target": target})
    return rows


def write_split(path, rows, test_every):
    """Write a split: each `test_every`th row is of the test subset, some others of validation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, ["id", "sequence", "target", "set", "validation"])
        table.writeheader()
        for i, row in enumerate(rows):
            subset = "test" if i % test_every == 0 else "train"
            validation = subset == "train" and i % 7 == 1
            table.writerow(row | {"set": subset, "validation": validation or ""})


def jobs_in(output):
    """Return the Jobs that a dry run lists; they are as many as its table of counts says."""
    if "Nothing to be done" in output:
        return []
    jobs = []
    for rule, block in RULE.findall(output):
        pairs = WILDCARDS.search(block)
        wildcards = dict(pair.split("=") for pair in pairs[1].split(", ")) if pairs else {}
        jobs.append(Job(rule, wildcards))
    total = int(TOTAL.search(output)[1])
    assert len(jobs) == total, f"{len(jobs)} jobs read, {total} announced\n{output}"
    return [job for job in jobs if job.rule != "all"]


def counts_of(jobs):
    """Return {rule: number of jobs}."""
    return dict(Counter(job.rule for job in jobs))


class Study:
    """A folder in which Snakemake runs, as a user would run it there."""

    # The profile gives a network all cores; these are small, and run side by side.
    default = ("--set-threads", "embed=1", "--cores", "2")

    def __init__(self, root, *arguments, start_in=None):
        """`arguments` are given to every call of Snakemake, which starts in `root` or elsewhere."""
        self.root, self.arguments = Path(root), arguments
        self.start_in = start_in or self.root

    def environment(self):
        """Return the environment of Snakemake: the caller's without what bears on it."""
        home = self.root.parent / "home"
        home.mkdir(exist_ok=True)
        ours = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        return ours | {"HOME": str(home)}

    def start(self, *arguments, within=()):
        """Start Snakemake in a process group of its own, without the caller's environment; within:
        a command that is given another to run."""
        arguments = [*self.default, *self.arguments, *arguments]
        return subprocess.Popen(
            [*within, sys.executable, "-m", "snakemake", *arguments],
            cwd=self.start_in,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def snakemake(self, *arguments, timeout=900):
        """Run Snakemake to its end, whatever that is."""
        if type(self).start is Study.start:
            arguments = [*self.default, *self.arguments, *arguments]
            return Finished(*forks.snakemake(arguments, self.start_in, self.environment(), timeout))
        process = self.start(*arguments)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Finished(process.returncode, output)

    def run(self, *arguments):
        """Run Snakemake, which must succeed; return what it said."""
        code, output = self.snakemake(*arguments)
        assert code == 0, output
        return output

    def fail(self, *arguments):
        """Run Snakemake, which must fail; return what it said."""
        code, output = self.snakemake(*arguments)
        assert code == 1, output
        return output

    def jobs(self, *arguments):
        """Return the Jobs that a run would do, without rule `all`."""
        return jobs_in(self.run("--dry-run", *arguments))

    def counts(self, *arguments):
        """Return {rule: number of jobs} of what a run would do."""
        return counts_of(self.jobs(*arguments))

    def read(self, path):
        """Return a file's text."""
        return (self.root / path).read_text(encoding="utf-8")

    def table(self, name):
        """Return the rows of results/tables/<name>.tsv as dicts of text."""
        lines = self.read(f"results/tables/{name}.tsv").splitlines()
        return list(csv.DictReader(lines, delimiter="\t"))

    def append(self, path, text):
        """Add text to the end of a file that is there."""
        self.write(path, self.read(path) + text)

    def write(self, path, text):
        """Write a file's text."""
        (self.root / path).write_text(text, encoding="utf-8")

    def edit(self, name, change):
        """Let `change` alter what config/<name>.yaml holds, in place."""
        content = yaml.safe_load(self.read(f"config/{name}.yaml"))
        change(content)
        self.write(f"config/{name}.yaml", yaml.safe_dump(content, sort_keys=False))

    def copy(self, root):
        """Return the same study elsewhere: all files with their times, and what Snakemake knows."""
        shutil.copytree(self.root, root, copy_function=shutil.copy2)
        return Study(root, *self.arguments)


def copy_workflow(root):
    """Copy the workflow, without data, weights and results, to the new folder `root`."""
    for name in COPIED:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)


def tiny_models(root, families):
    """Write the checkpoints of tiny networks; return the entries of these and of one-hot."""
    models = {"onehot": dict(ONE_HOT)}
    for family in families:
        path = f"resources/weights/{family}.pt"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        save_tiny(family, root / path)
        models[f"tiny_{family}"] = {"family": family, "path": path, **TINY[family]}
    return models


def write_catalogues(root, **catalogues):
    """Write config/<name>.yaml of each name."""
    for name, content in catalogues.items():
        text = yaml.safe_dump(content, sort_keys=False)
        (root / f"config/{name}.yaml").write_text(text, encoding="utf-8")


def new_study(root, rows=None, families=FAMILIES, **config):
    """Return a Study in the new folder `root`, not yet run. `config` replaces keys of CONFIG."""
    copy_workflow(root)
    rows = rows or toy_rows()
    for i, split in enumerate(DATASETS["toy"]["splits"].values()):
        write_split(root / split["path"], rows, test_every=3 + i)
    (root / WILD_TYPE).write_text(f">wild type\n{'A' * len(rows[0]['sequence'])}\n")
    write_catalogues(
        root,
        config=CONFIG | config,
        models=tiny_models(root, families),
        datasets=DATASETS,
        probes=PROBES,
    )
    return Study(root)


def shipped(folder):
    """Return the Study of the repository as it is, with its results in `folder`."""
    return Study(folder, "--directory", str(folder), start_in=ROOT)
