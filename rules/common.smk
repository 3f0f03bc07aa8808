"""The study, wildcard constraints, and what rules of several stages ask. No rules here."""

import re
import sys
from functools import cache
from pathlib import Path

from snakemake.exceptions import IncompleteCheckpointException, WorkflowError

# Of this file, not of the workflow that it may be a module of.
ROOT = Path(str(workflow.current_basedir)).parent
sys.path.insert(0, str(ROOT / "scripts"))
from plmbench.core.canonical import canonical
from plmbench.core.errors import InputError
from plmbench.core.weights import PATTERN
from plmbench.data.shards import read_list
from plmbench.study import (
    downloaded,
    figures,
    parameters,
    perturbations,
    refits,
    sizes,
    targets,
)
from plmbench.study.catalogues import Study
from plmbench.study.code import code_of
from plmbench.study.contents import Contents
from plmbench.study.deployed import refuse_edited_copies
from plmbench.study.files import Files
from plmbench.study.interpreters import let_python_be_found
from plmbench.study.job_inputs import JobInputs
from plmbench.study.job_resources import JobResources
from plmbench.study.resources import probe_environment

let_python_be_found()
try:
    refuse_edited_copies(workflow.configfiles, ROOT / "config")
    STUDY = Study(config, ROOT / "config", workflow.configfiles)
except InputError as error:
    raise WorkflowError(str(error)) from None
config.update(STUDY.config)  # scripts see the defaults, too
FILES = Files(STUDY, ROOT)


wildcard_constraints:
    dataset="|".join(STUDY.datasets),
    split=r"[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?",  # with a named test set
    model="|".join(map(re.escape, STUDY.models)),
    weights=PATTERN,
    shard="[0-9a-f]{16}",
    probe="|".join(STUDY.probes),
    source="[0-9a-f]{16}",
    recipe="|".join(STUDY.recipes),
    download=r"[A-Za-z0-9_]+(\.[A-Za-z0-9_@]+\.test)?",
    file=r"(test\.)?(path|sequences|mask)",


def job_param(value, *names):
    """Return what Snakemake asks for a param: `value` of the study and these wildcards, as text
    that is equal for equal content. A job reruns when it changes."""

    def param(wildcards):
        return canonical(value(STUDY, *(wildcards[name] for name in names)))

    return param


def shown(path, category, caption="", task=""):
    """Return an output that Snakemake's report shows with the caption of its name."""
    caption = caption or Path(path).stem.rpartition(".")[-1]
    labels = {"task": task} if task else None
    return report(path, f"../resources/report/{caption}.rst", category, labels=labels)


@cache
def shards_of(dataset):
    """Return {name: Shard} of a data set; before its sequences are there, Snakemake is told so and
    asks again later."""
    targets.check_until(workflow.dag_settings.until)
    path = checkpoints.sequences.get(dataset=dataset).output.shards
    return {shard.shard: shard for shard in read_list(path)}


def known_shards(dataset):
    """Return the same; {} as long as they are not known."""
    try:
        return shards_of(dataset)
    except IncompleteCheckpointException:
        return {}


CONTENTS = Contents()
INPUTS = JobInputs(
    STUDY, FILES, shards_of, ancient, CONTENTS.digest, CONTENTS.digest_of_all
)
RESOURCES = JobResources(STUDY, known_shards)
