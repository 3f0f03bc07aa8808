"""Join the comparisons of every task, correct for their number, and say what they come to."""

import json

from plmbench.compare.architectures import with_verdicts
from plmbench.compare.correlations import complete, with_trends
from plmbench.compare.decisions import with_holm
from plmbench.compare.learning_curves import with_worth
from plmbench.compare.networks import network_table
from plmbench.compare.overlap import with_overlap
from plmbench.compare.tables import read_tables
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.compare.verdicts import verdict_table
from plmbench.core.logs import run


def main(job):
    study = json.loads(job.params.study)
    names = ("arms", "differences", "correlations", "gains", "architectures")
    tables = {name: read_tables(job.input[name]) for name in names}
    margins = study["min_effect"]
    tables["differences"] = with_holm(tables["differences"], study.get("in_verdict", {}), margins)
    tables["correlations"] = with_trends(tables["correlations"])
    tables["architectures"] = with_verdicts(tables["architectures"])
    own_lines = [model for model, facts in study["about"].items() if complete(facts)]
    tables["networks"] = network_table(tables["gains"], own_lines)
    long = [tables[name] for name in names[:3]]
    verdicts = verdict_table(*long, study["about"], margins)
    curves = read_tables(job.input.curves) if job.input.curves else None
    verdicts = with_worth(verdicts, curves)
    tables["verdicts"] = with_overlap(verdicts, read_tables(job.input.overlap))
    tables["task_verdicts"] = task_verdict_table(verdicts, study["published"])
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
