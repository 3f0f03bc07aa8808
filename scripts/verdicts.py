"""Join the comparisons of every task, correct for their number, and say what they come to."""

import json

from plmbench.compare.tables import collect
from plmbench.compare.verdicts import corrected, task_verdict_table, verdict_table
from plmbench.core.logs import run


def main(job):
    params = json.loads(job.params.study)
    arms, scaling = collect(job.input.arms), collect(job.input.correlations)
    differences = corrected(collect(job.input.differences))
    verdicts = verdict_table(arms, differences, scaling, params["about"], params["min_effect"])
    tables = {
        "arms": arms,
        "differences": differences,
        "correlations": scaling,
        "verdicts": verdicts,
    }
    tables["task_verdicts"] = task_verdict_table(verdicts, params["published"])
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
