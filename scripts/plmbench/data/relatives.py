"""How far the test subset of a split lies from its training subset, sequence by sequence."""

from collections.abc import Mapping

import pandas as pd

from plmbench.core.identities import bin_of
from plmbench.core.units import FEWEST_UNITS
from plmbench.data.clustering import Settings
from plmbench.data.mmseqs import found
from plmbench.data.nearest import nearest_in, shares_within

COLUMNS = ["name", "id", "family", "mutations", "nearest", "identity", "bin_of", "bin"]


def identities_to_train(
    test: pd.DataFrame, sequences: Mapping[str, str], train: list[str], settings: Settings | None
) -> pd.DataFrame:
    """Return the test rows with `nearest`, the id of the nearest training sequence, and `identity`;
    NaN where nothing is searched."""
    if settings is None or found() is None:
        return test.assign(nearest="", identity=float("nan"))
    targets = [sequences[name] for name in train]
    asked = [sequences[name] for name in test["id"]]
    best = nearest_in(asked, targets, settings["coverage"])
    nearest = [train[one.place] if one.place >= 0 else "" for one in best]
    return test.assign(nearest=nearest, identity=[one.identity for one in best])


def relatives_of(
    labels: pd.DataFrame,
    sequences: Mapping[str, str],
    families: pd.DataFrame,
    settings: Settings | None,
) -> pd.DataFrame:
    """Return a table of COLUMNS, one row per distinct test sequence of a split.

    labels: name, id and subset; sequences: {id: sequence}; families: family and mutations by id;
    settings: of the search, None for none. An identity is to a sequence of train.
    """
    in_test = labels["subset"] == "test"
    test = labels.loc[in_test, ["name", "id"]].drop_duplicates("id")
    test = test.merge(families, left_on="id", right_index=True, how="left", validate="one_to_one")
    train = labels["id"][labels["subset"] == "train"].drop_duplicates().tolist()
    test = identities_to_train(test, sequences, train, settings)
    bins = [bin_of(m, i) for m, i in zip(test["mutations"], test["identity"], strict=True)]
    test["bin_of"], test["bin"] = ([each[k] for each in bins] for k in (0, 1))
    return test[COLUMNS]


def counts_of_relatives(relatives: pd.DataFrame) -> dict[str, object]:
    """Return what the table of data sets says of a split's relatives: the families of test, the
    shares of it near train, and the mutations of its variants; what is unknown is empty."""
    mutations = relatives["mutations"].dropna().astype(int).value_counts().sort_index()
    texts = ", ".join(f"{number}: {count}" for number, count in mutations.items())
    known = relatives["identity"].dropna().tolist()
    shares, families = shares_within(known, "test"), relatives["family"].nunique()
    few = families < len(relatives) and families < FEWEST_UNITS
    return {
        "test_families": families,
        "few_families": families if few else 0,
        **(shares if known else dict.fromkeys(shares, "")),
        "test_mutations": texts,
    }
