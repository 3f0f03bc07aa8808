"""Shards: cut where the content says so, so that few change when sequences are added."""

import random

import pandas as pd
import pytest

from plmbench.data.mutations import COLUMNS
from plmbench.data.shards import ends_of_shards, read_list, write_list, write_shards

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
NO_SITES = pd.DataFrame(columns=COLUMNS)


def drawn(count, seed):
    """Return ids and lengths of made-up sequences, lengths lognormal as those of proteins."""
    draw = random.Random(seed)
    ids = [f"{draw.getrandbits(64):016x}" for _ in range(count)]
    return ids, [min(2000, max(30, int(draw.lognormvariate(5.6, 0.6)))) for _ in ids]


def spans(ids, lengths, most):
    """Return the shards as tuples of ids."""
    ends = ends_of_shards(ids, lengths, most)
    return [tuple(ids[start:stop]) for start, stop in zip([0, *ends], ends, strict=False)]


def share_changed(before, after, ids, lengths):
    """Return the share of residues that stand in shards which were not there before."""
    length = dict(zip(ids, lengths, strict=True))
    changed = sum(length[name] for shard in set(after) - set(before) for name in shard)
    return changed / sum(lengths)


def test_a_data_set_within_the_limit_is_one_shard():
    ids, lengths = drawn(100, seed=0)
    assert ends_of_shards(ids, lengths, sum(lengths)) == [100]
    assert len(ends_of_shards(ids, lengths, sum(lengths) - 1)) > 1


def test_shards_hold_every_sequence_once_within_the_limit():
    ids, lengths = drawn(5000, seed=1)
    most = sum(lengths) // 20
    found = spans(ids, lengths, most)
    assert [name for shard in found for name in shard] == ids
    length = dict(zip(ids, lengths, strict=True))
    sizes = [sum(length[name] for name in shard) for shard in found]
    assert max(sizes) <= most
    assert min(sizes[:-1]) >= most / 4 - max(lengths)


def test_a_sequence_above_the_limit_is_a_shard_of_its_own():
    ids, _ = drawn(4, seed=2)
    found = spans(ids, [10, 500, 10, 10], 40)
    assert (ids[1],) in [tuple(shard) for shard in found]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
def test_one_in_a_hundred_new_in_one_place_embeds_a_tenth_at_most(place, seed):
    ids, lengths = drawn(20_000, seed)
    new_ids, new_lengths = drawn(200, seed + 1000)
    at, most = int(place * len(ids)), sum(lengths) // 60
    ids_after = [*ids[:at], *new_ids, *ids[at:]]
    lengths_after = [*lengths[:at], *new_lengths, *lengths[at:]]
    before, after = spans(ids, lengths, most), spans(ids_after, lengths_after, most)
    assert share_changed(before, after, ids_after, lengths_after) <= 0.1


def table_of(count, seed=0):
    draw = random.Random(seed)
    sequences = ["".join(draw.choices(LETTERS, k=20)) for _ in range(count)]
    ids = [f"{draw.getrandbits(64):016x}" for _ in sequences]
    return pd.DataFrame({"id": ids, "sequence": sequences, "masked": 0})


def test_a_table_has_the_name_of_its_content(tmp_path):
    table = table_of(40)
    shards = write_shards(tmp_path / "a", table, NO_SITES, 200)
    assert len(shards) > 2
    assert write_shards(tmp_path / "b", table, NO_SITES, 200) == shards
    edited = table.copy()
    edited.loc[39, "masked"] = 1
    assert [
        s.shard == t.shard
        for s, t in zip(write_shards(tmp_path / "c", edited, NO_SITES, 200), shards, strict=True)
    ] == [True] * (len(shards) - 1) + [False]


def test_tables_of_shards_together_are_the_data_set(tmp_path):
    table = table_of(40)
    shards = write_shards(tmp_path, table, NO_SITES, 200)
    parts = [pd.read_csv(tmp_path / f"{shard.shard}.tsv", sep="\t", dtype=str) for shard in shards]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), table.astype(str))
    assert [len(part) for part in parts] == [shard.sequences for shard in shards]
    assert sum(shard.residues for shard in shards) == 40 * 20


def test_a_list_of_shards_is_read_as_it_was_written(tmp_path):
    shards = write_shards(tmp_path, table_of(40), NO_SITES, 200)
    write_list(tmp_path / "list.tsv", shards)
    assert read_list(tmp_path / "list.tsv") == shards
