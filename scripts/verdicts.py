"""Join the comparisons of every task, correct for their number, and say what they come to."""

import json

from plmbench.compare.tables import read_tables
from plmbench.compare.verdicts import task_verdict_table, verdict_table, with_holm
from plmbench.core.logs import run


def main(job):
    params = json.loads(job.params.study)
    arms, correlations = read_tables(job.input.arms), read_tables(job.input.correlations)
    differences = with_holm(read_tables(job.input.differences), params.get("in_verdict", {}))
    settings = params["about"], params["min_effect"]
    verdicts = verdict_table(arms, differences, correlations, *settings)
    tables = {"arms": arms, "differences": differences, "correlations": correlations}
    tables |= {"verdicts": verdicts}
    tables |= {"task_verdicts": task_verdict_table(verdicts, params["published"])}
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
