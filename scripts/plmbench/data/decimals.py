"""Numbers with decimal commas, as Excel writes them in half of the world."""

from pathlib import Path

import pandas as pd

from plmbench.core.logs import log
from plmbench.data.text_files import refuse

DECIMAL = r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?"
THOUSANDS = r"[+-]?[1-9]\d{0,2},\d{3}"  # or a number of three decimals
REMEDY = "write decimals after a point, and thousands without a mark"


def with_points(table: pd.DataFrame, path: Path | str) -> pd.Series:
    """Return the targets of a table as text [row] with decimal points. Where no comma separates
    fields, commas may be decimal ones; raises InputError where they may be something else."""
    texts = table["target"].str.strip()
    commas = texts.str.contains(",", regex=False)
    if table.attrs.get("delimiter", ",") == "," or not commas.any():
        return texts
    lines, found = table["line"][commas], texts[commas]
    if texts.str.contains(".", regex=False).any():
        refuse(path, "targets have commas here and points elsewhere", lines, found, REMEDY)
    if found.str.fullmatch(THOUSANDS).all():
        refuse(path, "commas mark either decimals or thousands", lines, found, REMEDY)
    if (odd := ~found.str.fullmatch(DECIMAL)).any():
        refuse(path, "target is not a finite number", lines[odd], found[odd], REMEDY)
    log.info("%s: targets have decimal commas, which are read as points", path)
    return texts.str.replace(",", ".", regex=False)
