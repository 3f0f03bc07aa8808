"""The tables of what was measured, one file per benchmark and processor."""

from pathlib import Path

import pandas as pd

from benchmarks.machines import processor

RESULTS = Path(__file__).parent / "results"


def keep(benchmark, rows, key, order):
    """Write rows (dicts) into this processor's table of a benchmark, in the place of those that say
    the same under `key`, whose values are sorted as in `order`."""
    path, table = RESULTS / benchmark / f"{processor()}.tsv", pd.DataFrame(rows)
    if path.exists():
        before = pd.read_csv(path, sep="\t")
        table = pd.concat([before[~before[key].isin(table[key])], table])
    table = table.sort_values(key, key=lambda names: names.map(list(order).index), kind="stable")
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, sep="\t", index=False)
