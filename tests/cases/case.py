"""A case: a study of one data set `mine`, what is run, and what is right."""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import yaml

from helpers.studies import ROOT, Study, copy_workflow

SHARED = ROOT.parent / "shared"
CASES = Path(os.environ.get("CASES", SHARED / "cases"))
MOST_LINES = 4  # of a message
TABLES = ("results/tables/task_verdicts.tsv", "results/tables/datasets.tsv")
CONFIG = {
    "tasks": "[mine/random]",
    "models": "[onehot, mini_carp_100k]",
    "checkpoints": "[]",
    "weights": "[pretrained, reinit-0]",
    "controls": "[]",
    "probes": "[ridge, logistic_small]",
    "pooling": "[mean]",
    "statistics": "{n_bootstrap: 200}",
}
MESSAGE = re.compile(  # of a job, or of the workflow before any job
    r"^Error in rule \w+: (.*(?:\n(?!\w+Exception:|\[|Select jobs).*)*)"
    r"|^WorkflowError.*:\n((?:(?! *File ).*\n)*)",
    re.M,
)


class Case(NamedTuple):
    """A case about a file: the entry of `mine` in the words of today's configuration, and what a
    run is to show. prepare: what makes files of its own, given the Study and the case's folder."""

    expect: Callable[["Ran"], None]
    entry: Mapping = MappingProxyType({})
    config: Mapping = MappingProxyType({})
    targets: tuple = TABLES
    prepare: Callable[[Study, Path], None] | None = None


class Ran(NamedTuple):
    """What a run has left."""

    study: Study
    code: int
    output: str

    def rows(self, name):
        """Return the rows of results/tables/<name>.tsv as dicts of text."""
        return self.study.table(name)

    def logs(self, stage):
        """Return all that the logs of a stage say."""
        folder = self.study.root / "results/logs" / stage
        files = [folder.with_suffix(".log"), *sorted(folder.rglob("*.log"))]
        return "\n".join(file.read_text() for file in files if file.exists())


def new_clone(folder):
    """Return the Study of a copy of this working tree in a new folder, its weights and data those
    of the working tree."""
    copy_workflow(folder)
    for path in (ROOT / "resources").iterdir():
        if path.name != "report":
            (folder / "resources" / path.name).symlink_to(path)
    return Study(folder, "--cores", "1")


def filled(entry, folder):
    """Return an entry with the case's folder in its paths."""
    return yaml.safe_load(yaml.safe_dump(entry).replace("@CASE@", str(folder)))


def config_arguments(config):
    """Return the arguments of Snakemake for a configuration by keys."""
    return ["--config", *(f"{key}={value}" for key, value in (CONFIG | config).items())]


def run_case(case, name, folder):
    """Run a case in a new folder and check it; raises AssertionError where it is not right."""
    given = CASES / name
    study = new_clone(folder)
    if case.entry:
        entry = yaml.safe_dump({"mine": filled(dict(case.entry), given)}, sort_keys=False)
        study.append("config/datasets.yaml", "\n" + entry)
    if case.prepare:
        case.prepare(study, given)
    code, output = study.snakemake(*case.targets, *config_arguments(case.config))
    case.expect(Ran(study, code, output))
    shutil.rmtree(folder)


def message_of(output):
    """Return the message that ended a run, without what Snakemake says around it."""
    found = MESSAGE.search(output)
    assert found, output
    return (found[1] or found[2]).strip()


def refused(*parts):
    """Return what checks that a run stops with a short message that has all parts, in order."""

    def check(ran):
        assert ran.code != 0, "the run went on:\n" + ran.output
        message = message_of(ran.output)
        assert re.search(".*".join(parts), message, re.S), message
        assert len(message.splitlines()) <= MOST_LINES, message
        assert "Traceback" not in ran.output, ran.output

    return check


def shows(*checks):
    """Return what checks that a run ends well, and then all of `checks`."""

    def check(ran):
        assert ran.code == 0, ran.output
        for one in checks:
            one(ran)

    return check


def counted(**columns):
    """Return what checks a row of the table of data sets."""

    def check(ran):
        (row,) = ran.rows("datasets")
        found = {name: row[name] for name in columns}
        assert found == {name: str(value) for name, value in columns.items()}, row

    return check


def valued(**values):
    """Return what checks a network's values on test by pooling, to three decimals."""

    def check(ran):
        found = {row["pooling"]: float(row["value"]) for row in ran.rows("verdicts")}
        shown = {pooling: round(value, 3) for pooling, value in found.items()}
        assert shown == values, shown

    return check


def warned(words, stage="labels"):
    """Return what checks that logs of a stage have words."""

    def check(ran):
        assert re.search(words, ran.logs(stage)), ran.logs(stage)

    return check


def judged(*verdicts):
    """Return what checks the verdicts of all networks."""

    def check(ran):
        assert {row["verdict"] for row in ran.rows("verdicts")} == {*verdicts}

    return check
