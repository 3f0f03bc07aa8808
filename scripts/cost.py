"""Say what a study costs, before it is started."""

import json
import sys
from pathlib import Path

from plmbench.core.logs import run
from plmbench.study.catalogues import Study
from plmbench.study.cost import cost_table
from plmbench.study.cost_facts import Facts
from plmbench.study.cost_jobs import jobs_of
from plmbench.study.cost_machine import machine_for
from plmbench.study.cost_rates import read_rates
from plmbench.study.cost_sizes import Sizes
from plmbench.study.cost_text import text_of
from plmbench.study.files import Files


def main(job):
    root = Path(job.params.root)
    study = Study(json.loads(job.params.config), root / "config", job.params.configfiles)
    sizes = Sizes(study, Files(study, root))
    facts = Facts(study, sizes, read_rates(root / "benchmarks/results"), machine_for(study))
    table = cost_table(facts, jobs_of(study, sizes))
    table.to_csv(job.params.table, sep="\t", index=False)
    sys.stdout.write(f"\n{text_of(facts, table)}\n")


if "snakemake" in globals():
    run(main, snakemake)
