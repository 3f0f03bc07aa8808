"""Write how many of the pairs that answer most to each other touch."""

import json

from plmbench.compare.contact_tables import contact_tables, read_known
from plmbench.compare.shown_chain import contact_table
from plmbench.core.logs import run


def main(job):
    names = json.loads(job.params.sets)
    pairs = zip(names, job.input.chains, job.input.contacts, strict=True)
    known = {name: read_known(chains, contacts) for name, chains, contacts in pairs}
    each = len(job.input.responses) // len(names)
    files = {name: job.input.responses[each * i :][:each] for i, name in enumerate(names)}
    tables = contact_tables(files, known, **json.loads(job.params.statistics))
    shown = json.loads(job.params.shown)
    tables["contact_map"] = contact_table(job.input.responses, known, shown)
    for name, table in tables.items():
        table.to_csv(job.output[name], sep="\t", index=False, na_rep="NaN")


if "snakemake" in globals():
    run(main, snakemake)
