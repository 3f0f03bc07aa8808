"""Contacts from maps: precision by hand, and tables of made-up networks whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from plmbench.compare.contact_tables import contact_tables, read_known
from plmbench.compare.contacts import (
    base_rate,
    by_separation,
    contact_map,
    corrected,
    precisions,
    resolved_of,
    top_pairs,
)
from plmbench.compare.shown_chain import contact_table
from plmbench.store.responses import new_responses, write_values

LENGTH, CHAINS = 30, 24


def test_the_correction_takes_away_what_a_residue_has_in_common_with_all():
    factors = np.random.default_rng(0).random(8) + 0.5
    scores = np.outer(factors, factors)
    np.fill_diagonal(scores, 0)
    found = corrected(scores)
    assert np.abs(found).max() < 0.25 * scores.max()
    scores[1, 6] += 2
    top = np.unravel_index(corrected(scores).argmax(), scores.shape)
    assert set(map(int, top)) == {1, 6}
    assert (np.diag(found) == 0).all()
    assert not corrected(np.zeros((3, 3))).any()


@pytest.mark.parametrize(
    ("separation", "mask", "expected"),
    [
        (6, "1" * 12, [2 / 12, 2 / 6, 1.0]),
        (8, "1" * 12, [1 / 10, 1 / 6, 1 / 2]),  # ten pairs are left
        (6, "0" + "1" * 11, [1 / 11, 1 / 5, 1 / 2]),
        (12, "1" * 12, [np.nan] * 3),
    ],
)
def test_precision_counts_resolved_pairs_far_enough_apart(separation, mask, expected):
    touching = contact_map(np.array([[1, 12], [3, 9]]), 12)
    scores = by_separation(12) * 0.01
    for i, (p, q) in enumerate([(0, 11), (2, 8)]):
        scores[p, q] = scores[q, p] = 9 - i
    facts = touching, resolved_of(mask), separation
    assert precisions(scores, *facts) == pytest.approx(expected, nan_ok=True)


def test_base_rate_and_separation_alone():
    touching = contact_map(np.array([[1, 7], [2, 8], [1, 12]]), 12)
    all_resolved = resolved_of("1" * 12)
    assert base_rate(touching, all_resolved, 6) == pytest.approx(3 / 21)
    assert precisions(by_separation(12), touching, all_resolved, 6)[2] == 1  # of two pairs
    assert top_pairs(by_separation(12), all_resolved, 6)[:2] == [(0, 6), (1, 7)]


@pytest.fixture
def study(tmp_path):
    """Return files of a network that knows the contacts and of two that do not, and the labels."""
    draw = np.random.default_rng(0)
    ids = [f"chain{i}" for i in range(CHAINS)]
    pairs = {}
    for name in ids:
        p = draw.permutation(LENGTH - 14)[: draw.integers(7, 12)]
        pairs[name] = np.stack([p, p + draw.integers(6, 14, len(p))], 1) + 1
    rows = [(name, i, j) for name, own in pairs.items() for i, j in own]
    pd.DataFrame(rows, columns=["id", "i", "j"]).to_csv(tmp_path / "c.tsv", sep="\t", index=False)
    table = {"id": ids, "sequence": "A" * LENGTH, "mask": "1" * LENGTH, "cluster": ids}
    pd.DataFrame(table).to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    files = []
    for weights, knows in (("pretrained", 5.0), ("reinit-0", 0.0), ("reinit-1", 0.0)):
        files.append(tmp_path / f"{weights}.h5")
        facts = {"dataset": "set", "model": "net", "weights": weights, "maps": "erase.through"}
        with new_responses(files[-1], ids, ["A" * LENGTH] * CHAINS, [1, 2], facts) as file:
            for i, name in enumerate(ids):
                known = contact_map(pairs[name], LENGTH)
                change = draw.random((2, LENGTH, LENGTH)) + knows * known
                write_values(file, "norms", i, np.ones((2, LENGTH)))
                write_values(file, "erase.through", i, change)
    return files, read_known(tmp_path / "t.tsv", tmp_path / "c.tsv")


def test_tables_tell_a_network_that_knows_contacts_from_its_ablations(study):
    files, known = study
    tables = contact_tables({"set": files}, {"set": known}, 200, 0)
    found = tables["contacts"].set_index(["weights", "model", "separation"])["precision_L5"]
    assert found["pretrained", "net", 6] == 1
    assert found["reinit-0", "net", 6] < 0.2
    own = tables["contacts"].query("separation == 6")
    assert set(own["model"]) == {"net", "base rate", "separation alone"}
    assert (own["precision_L_low"] <= own["precision_L"]).all()
    rows = tables["contact_differences"].query("separation == 6").set_index("reference")
    assert list(rows.index) == ["reinit", "separation alone", "base rate"]
    assert (rows["low"] > 0).all()
    assert rows.loc["reinit", "seeds"] == 2
    shown = contact_table(files, {"set": known}, "chain3")
    assert set(shown["id"]) == {"chain3"}
    assert shown.query("touching == 1")["ranked"].all()


@pytest.mark.parametrize("clusters", [10, 19])
def test_below_twenty_clusters_there_is_no_interval_but_a_reason(study, clusters):
    files, known = study
    cluster_of = {name: f"c{i % clusters}" for i, name in enumerate(known.cluster_of)}
    known = {"set": known._replace(cluster_of=cluster_of)}
    table = contact_tables({"set": files}, known, 100, 0)["contacts"]
    assert table["precision_L_low"].isna().all()
    words = f"{clusters} chains are too few: an interval needs 20"
    assert set(table["reason"].iloc[:1]) == {words}
    assert (table["units"] == clusters).all()
