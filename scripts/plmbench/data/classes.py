"""Classes compared between subsets: what a probe cannot have learned, and what looks mistyped."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from itertools import compress

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError
from plmbench.core.wording import brief

SHOWN = 3  # classes in a message
SEVERAL = 2  # rows of a subset, from which on it should share a class with train
MANY_NUMBERS = 10  # classes that are numbers: fewer may well be codes
MOST = 0.9  # share of the classes that are numbers; others are missing values in words
ROWS_PER_CODE = 3  # on average; codes of classes that can be learned have at least as many
INVISIBLE = "Cf"  # Unicode's category of zero-width characters, byte-order marks, soft hyphens
DASHES = re.compile("[\u2010-\u2015\u2212]")  # hyphens, dashes and the minus of a printed page
BETWEEN = r"[\s_-]+"  # what may stand between the parts of a name
BESIDE = r"\s*([,;/|:()])\s*"  # blanks beside these tell no classes apart
INTEGER = r"([+-]?\d{1,18})(\.0*)?"  # as a program or another writes it
QUOTED = r"""(["'`])(.+)\1"""
LETTER = r"[^\W\d_]"


def class_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return file, line, subset, name and count of the classes [row * class] of a table of a split;
    of residues those that count. Numbers are no classes."""
    where = table[[name for name in ("file", "line", "subset") if name in table]]
    if pd.api.types.is_numeric_dtype(table["target"]):
        return where[:0].assign(name="", count=0)
    if "mask" not in table:
        return where.assign(name=table["target"], count=1)
    counted = [
        Counter(compress(letters, map("1".__eq__, mask)))
        for letters, mask in zip(table["target"], table["mask"], strict=True)
    ]
    rows = where.iloc[np.repeat(np.arange(len(table)), list(map(len, counted)))]
    pairs = [pair for counts in counted for pair in counts.items()]
    names, counts = zip(*pairs, strict=True) if pairs else ((), ())
    return rows.assign(name=names, count=counts)


def as_number(name: str) -> float | None:
    """Return the finite number that a class's name is, also with a decimal comma, or None."""
    try:
        number = float(name.replace(",", ".").replace("_", "none"))  # to Python 1_0 is 10
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def likeness(name: str) -> str | int:
    """Return what near-identical names share: 1 for `1`, `1.0` and `01`; else the letters, without
    case, Unicode forms, quotes, and what stands between the words.

    Numbers with a fraction are as they stand, for 1.1 and 1.10 are two classes of enzymes.
    """
    text = DASHES.sub("-", unicodedata.normalize("NFKC", name).strip())
    if number := re.fullmatch(INTEGER, text):
        return int(number[1])
    if as_number(text) is not None:
        return text
    text = re.sub(f"^{QUOTED}$", r"\2", text)
    seen = "".join(c for c in text if unicodedata.category(c) != INVISIBLE).casefold()
    seen = re.sub(f"(?<={LETTER})[.](?={LETTER})", " ", re.sub(BESIDE, r"\1", seen))
    words = re.sub(f"(?<={LETTER}){BETWEEN}(?=\\w)|(?<=\\w){BETWEEN}(?={LETTER})", "", seen)
    return re.sub(BETWEEN, "-", words).rstrip(".,;:") or text


def twins_of(names: Iterable[str]) -> dict[str | int, list[str]]:
    """Return {likeness: names that share it, sorted}."""
    twins: dict[str | int, list[str]] = {}
    for name in sorted(names):
        twins.setdefault(likeness(name), []).append(name)
    return twins


def nearest(name: str, known: Mapping[str | int, list[str]]) -> str | None:
    """Return the class of train that is nearest to a name, if one is near."""
    if twin := known.get(likeness(name)):
        return twin[0]
    close = get_close_matches(name, [name for names in known.values() for name in names], 1)
    return close[0] if close else None


def listed(names: Collection[str]) -> str:
    """Return the first of the names, sorted, quoted, and how many more there are."""
    shown = ", ".join(brief(name) for name in sorted(names)[:SHOWN])
    return shown + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def refuse_unseen(unseen: pd.DataFrame, known: Mapping[str | int, list[str]], remedy: str) -> None:
    """Raise the InputError that names the classes of `unseen`, all of one subset, in the first of
    their files, and what is near them in train."""
    rows = unseen[unseen["file"] == unseen["file"].iloc[0]]
    groups = list(rows.groupby("name", sort=True))
    shown = ", ".join(
        f"{brief(name)} ({len(group):,} row(s), the first line {group['line'].iloc[0]})"
        for name, group in groups[:SHOWN]
    )
    more = f" and {len(groups) - SHOWN:,} more" if len(groups) > SHOWN else ""
    found = dict.fromkeys(nearest(name, known) for name, _ in groups[:SHOWN])
    near = ", ".join(brief(name) for name in found if name is not None)
    train = listed([name for names in known.values() for name in names])
    raise InputError(
        f"{rows['file'].iloc[0]}: class(es) {shown}{more} of {rows['subset'].iloc[0]} stand in no "
        f"training row; {f'near: {near}' if near else f'train has {train}'}; {remedy}"
    )


def check_unseen(counts: pd.DataFrame, subset: str) -> None:
    """Raise InputError where a subset has only classes that train lacks, or one of them is a class
    of train in another spelling."""
    known = twins_of(counts["name"][counts["subset"] == "train"].unique())
    names = {name for names in known.values() for name in names}
    rows = counts[counts["subset"] == subset]
    unseen = rows[~rows["name"].isin(names)]
    respelt = unseen[[likeness(name) in known for name in unseen["name"]]]
    if len(respelt):
        refuse_unseen(respelt, known, "spell a class alike in all subsets")
    if len(unseen) == len(rows) and unseen["line"].nunique() >= SEVERAL:
        remedy = f"{subset} has no other class: give train examples of these"
        refuse_unseen(unseen, known, f"{remedy} (measured numbers have task_type: regression)")


def check_not_numbers(counts: pd.DataFrame) -> None:
    """Raise InputError where classes are measured numbers: many, and most of them once."""
    sizes = counts["name"].value_counts()
    numbers = sum(as_number(name) is not None for name in sizes.index)
    if numbers < MANY_NUMBERS or numbers < MOST * len(sizes):
        return
    if (sizes == 1).sum() > len(sizes) / 2 or sizes.mean() < ROWS_PER_CODE:
        raise InputError(
            f"{counts['file'].iloc[0]}: the classes are numbers, {numbers:,} of them in "
            f"{len(counts):,} rows, such as {listed(sizes.index)}; a measured number has "
            "task_type: regression in the data set's entry; a code of a class needs more rows"
        )


def check_several(counts: pd.DataFrame) -> None:
    """Raise InputError where train holds one class alone."""
    train = counts[counts["subset"] == "train"]
    if train["name"].nunique() == 1 and len(train) >= SEVERAL:
        raise InputError(
            f"{train['file'].iloc[0]}: train holds {train['count'].sum():,} example(s), all of "
            f"class {brief(train['name'].iloc[0])}, and a probe needs two classes to learn "
            "anything; give the table training rows (set: train) of another class"
        )


def check_classes(table: pd.DataFrame) -> None:
    """Raise InputError for classes that no probe could learn or predict."""
    counts = class_counts(table)
    if "mask" not in table:
        check_not_numbers(counts)
    for subset in ("validation", "test"):
        check_unseen(counts, subset)
    check_several(counts)


def unseen_in(counts: pd.DataFrame, subset: str) -> int:
    """Return how many examples of a subset are of a class that train lacks."""
    train = counts["name"][counts["subset"] == "train"]
    rows = counts[counts["subset"] == subset]
    return int(rows["count"][~rows["name"].isin(train)].sum())


def twins_in(counts: pd.DataFrame) -> int:
    """Return how many classes have a near-identical twin."""
    groups = twins_of(counts["name"].unique()).values()
    return sum(len(names) for names in groups if len(names) > 1)


def numbers_in(counts: pd.DataFrame) -> int:
    """Return how many classes there are where all are numbers; 0 where one is none."""
    names = counts["name"].unique()
    return len(names) if all(as_number(name) is not None for name in names) else 0
