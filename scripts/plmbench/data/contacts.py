"""Chains whose contacts are known, and which chains of a set are nudged."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError
from plmbench.core.logs import log
from plmbench.data.tables import text_table
from plmbench.data.text_files import refuse

CHAINS = ["id", "sequence", "masked", "mask", "cluster"]  # of the table that is written
PAIRS = ["id", "i", "j"]
IDENTITY = "pretraining_identity"
Files = Mapping[str, str]


def checked_table(path: Path | str, needed: Sequence[str], digest: str | None) -> pd.DataFrame:
    """Return a table as text, indexed by line; raises InputError for another file than that of the
    digest, and for missing columns."""
    if digest and (found := sha256_of_file(path)) != digest:
        raise InputError(
            f"{path}: sha256 is {found}, config/contacts.yaml says {digest}; restore the file"
        )
    table = text_table(path, needed)
    if missing := [name for name in needed if name not in table]:
        raise InputError(
            f"{path}: lacks column(s) {', '.join(missing)}; it has {', '.join(table.columns)}"
        )
    return table


def check_chains(path: Path | str, table: pd.DataFrame) -> None:
    """Raise InputError for ids that stand twice, letters that are none, and masks that do not
    fit."""
    twice = table["id"].duplicated() | (table["id"] == "")
    if twice.any():
        rows = table[twice]
        refuse(path, "ids are empty or stand twice", rows.index, rows["id"], "give each its own")
    odd = ~table["sequence"].str.fullmatch("[A-IK-Z]+")
    if odd.any():
        rows = table[odd]
        refuse(
            path,
            "sequences are no one-letter codes in capitals",
            rows.index,
            rows["sequence"],
            "write the twenty letters, or X",
        )
    if "mask" not in table:
        return
    fits = [
        len(mask) == len(text) and not set(mask) - {"0", "1"}
        for mask, text in zip(table["mask"], table["sequence"], strict=True)
    ]
    if not all(fits):
        rows = table[[not each for each in fits]]
        refuse(
            path,
            "masks do not fit their sequences",
            rows.index,
            rows["mask"],
            "write a 0 or 1 for each residue",
        )


def read_chains(path: Path | str, digest: str | None = None) -> pd.DataFrame:
    """Return the chains of a set: CHAINS, and pretraining_identity where it is given."""
    table = checked_table(path, ["id", "sequence"], digest)
    check_chains(path, table)
    if "mask" not in table:
        table["mask"] = ["1" * len(text) for text in table["sequence"]]
    if "cluster" not in table:
        table["cluster"] = table["id"]
    if IDENTITY in table:
        wrong = ~pd.to_numeric(table[IDENTITY], errors="coerce").between(0, 1)
        if wrong.any():
            rows = table[wrong]
            refuse(path, f"{IDENTITY} is no share of 1", rows.index, rows[IDENTITY], "as 0.35")
    return table.assign(masked=0)


def read_contacts(
    path: Path | str, chains: pd.DataFrame, digest: str | None = None
) -> pd.DataFrame:
    """Return the pairs of residues that touch: PAIRS, counted from 1, i before j.

    Raises InputError for a pair that is none of its chain, and for a chain that is not there.
    """
    table = checked_table(path, PAIRS, digest)
    lengths = chains.set_index("id")["sequence"].str.len()
    strange = ~table["id"].isin(lengths.index)
    if strange.any():
        rows = table[strange]
        refuse(path, "no chain has this id", rows.index, rows["id"], "see the table of chains")
    whole = table["i"].str.fullmatch(r"\d{1,9}") & table["j"].str.fullmatch(r"\d{1,9}")
    i, j = (pd.to_numeric(table[name].where(whole, "0")) for name in ("i", "j"))
    wrong = ~whole | (i < 1) | (j <= i) | (j > table["id"].map(lengths))
    if wrong.any():
        rows = table[wrong]
        pairs = [f"{row.id}: {row.i}, {row.j}" for row in rows.itertuples()]
        refuse(
            path,
            "these are no pairs of residues",
            rows.index,
            pairs,
            "count from 1 to the chain's length, i before j",
        )
    return table[PAIRS].assign(i=i, j=j)


def left_in(chains: pd.DataFrame, choice: Mapping[str, Any]) -> pd.DataFrame:
    """Return the chains that a choice keeps: by name, identity, length, and number."""
    names = choice.get("leave_out", [])
    if unknown := [name for name in names if name not in set(chains["id"])]:
        raise InputError(
            f"config/contacts.yaml: leave_out: {unknown[0]!r} is the id of no chain; "
            f"they are {', '.join(chains['id'].head(3))} ..."
        )
    kept = chains[~chains["id"].isin(names)]
    if "most_identity" in choice:
        if IDENTITY not in kept:
            raise InputError(
                f"config/contacts.yaml: most_identity: the table of chains has no column {IDENTITY}"
            )
        kept = kept[kept[IDENTITY].astype(float) < choice["most_identity"]]
    if "longest" in choice:
        kept = kept[kept["sequence"].str.len() <= choice["longest"]]
    return kept.head(choice.get("chains", len(kept)))


def chains_of(
    files: Files, choice: Mapping[str, Any], name: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the chains of a set that are nudged, and their contacts, none where these are not
    known.

    files: {role: path} of chains and contacts, or of a data set's `sequences`, or none where the
    choice has sequences of its own. Raises InputError where no chain is left.
    """
    pairs, digests = pd.DataFrame(columns=PAIRS), choice.get("sha256", {})
    if "chains" in files:
        table = read_chains(files["chains"], digests.get("chains"))
        pairs = read_contacts(files["contacts"], table, digests.get("contacts"))
    elif "sequences" in files:
        table = pd.read_csv(files["sequences"], sep="\t", dtype=str, keep_default_na=False)
    else:
        own = choice["sequences"].items()
        table = pd.DataFrame([{"id": key, "sequence": text, "masked": 0} for key, text in own])
    kept = left_in(table, choice)
    if kept.empty:
        raise InputError(
            f"config: perturb: sets: {name}: none of {len(table)} chains is left; "
            "raise `longest`, or look at most_identity and leave_out"
        )
    log.info("%s: %d of %d chains are nudged", name, len(kept), len(table))
    full = kept.assign(
        mask=kept.get("mask", kept["sequence"].map(lambda text: "1" * len(text))),
        cluster=kept.get("cluster", kept["id"]),
    )
    return full[CHAINS], pairs[pairs["id"].isin(full["id"])]
