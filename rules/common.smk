"""The study, wildcard constraints, and what rules of several stages ask. No rules here."""

import os
import re
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

sys.path.insert(0, str(Path(workflow.basedir) / "scripts"))
from plmbench.core.canonical import canonical
from plmbench.core.errors import InputError
from plmbench.core.weights import PATTERN
from plmbench.study import parameters, targets
from plmbench.study.catalogues import Study
from plmbench.study.code import code_of
from plmbench.study.files import Files
from plmbench.study.resources import at_attempt, table_mb, table_minutes

if " " in sys.executable:
    # Snakemake writes this path into a shell command without quotes; PATH knows no such trouble.
    folder, sys.executable = os.path.split(sys.executable)
    os.environ.update(PATH=os.pathsep.join([folder, *os.get_exec_path()]))

try:
    STUDY = Study(config, Path(workflow.basedir) / "config")
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(STUDY.config)  # scripts see the defaults, too
FILES = Files(STUDY, workflow.basedir)


wildcard_constraints:
    dataset="|".join(STUDY.datasets),
    split=r"[A-Za-z0-9_]+",
    model="|".join(map(re.escape, STUDY.models)),
    weights=PATTERN,
    shard="[0-9a-f]{16}",
    probe="|".join(STUDY.probes),
    source="[0-9a-f]{16}",
    recipe="|".join(STUDY.recipes),
    download=r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+\.test)?",
    file=r"(test\.)?(path|sequences|mask)",


def job_param(value, *names):
    """Return what Snakemake asks for a param: `value` of the study and these wildcards, as text
    that is equal for equal content. A job reruns when it changes."""

    def param(wildcards):
        return canonical(value(STUDY, *(wildcards[name] for name in names)))

    return param


def bytes_of(files):
    """Return the bytes of files; where one is not there yet, Snakemake asks again later."""
    return sum(map(os.path.getsize, files))


def table_memory(wildcards, input, attempt):
    return at_attempt(table_mb(bytes_of(input)), attempt)


def table_runtime(wildcards, input, attempt):
    return at_attempt(table_minutes(bytes_of(input)), attempt)
