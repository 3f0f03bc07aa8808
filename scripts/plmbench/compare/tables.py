"""Tables of results, read. Probes do not import this, so that a new column refits nothing."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from plmbench.probe.scores import JOB

# Every column of words. One that is empty in each row could not be told from missing numbers.
WORDS = """
ablation arm arm_pooling layer_selection metric pooling reason training_data
best_reference choice in_verdict reference reference_pooling role
ahead controls_ahead most_noise no_gain_over share_reason verdict
matches_published published_rule published_verdict
gain_over_ablation_by gain_over_ablation_reason
gain_over_baseline_by gain_over_baseline_reason
axis depth_trend per pretraining_trend size_trend tied_with trend
bits_reason description_reason worth_reason worth_reference worth_text
bin bin_of families_by family_settings test_mutations units_are
action direction family kind letter map observe part source subset
balance long_sequences nonstandard_residues target task_type too_long
backend checkpoint_sha256 code device dtype engine matmul poolings
precision products sequences_sha256 versions
"""
TEXT_COLUMNS = [*JOB, *WORDS.split()]


def read_table(path: Path | str) -> pd.DataFrame:
    """Return a table of results; names stay text, whatever they look like, also `NA` and `1e3`."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    for name in table.columns.difference(TEXT_COLUMNS):
        numbers = pd.to_numeric(table[name].replace("NaN", None), errors="coerce")
        if (numbers.notna() | table[name].isin(["NaN", ""])).all():
            table[name] = numbers
    return table


def read_tables(paths: Iterable[Path | str]) -> pd.DataFrame:
    """Return the rows of many tables, in order."""
    return pd.concat([read_table(path) for path in paths], ignore_index=True)
