"""List what was run: one row per embedding file, with its seed, digests, versions and policies."""

import pandas as pd

from plmbench.core.logs import run
from plmbench.store.embeddings import open_embeddings

FIRST = ["dataset", "model", "weights", "ablation", "seed", "poolings", "num_layers", "dtype"]


def main(job):
    rows = []
    for path in job.input.embeddings:
        with open_embeddings(path) as embeddings:
            rows.append(embeddings.attributes | {"sequences": len(embeddings.ids)})
    table = pd.DataFrame(rows)
    others = [name for name in table if name not in FIRST]
    table[FIRST + others].to_csv(job.output.table, sep="\t", index=False)


if "snakemake" in globals():
    run(main, snakemake)
