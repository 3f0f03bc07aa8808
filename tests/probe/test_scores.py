"""The score table and the tables made of it: every number and name as it was written."""

import numpy as np
import pandas as pd
import pytest

from plmbench.compare.tables import read_table, read_tables
from plmbench.probe.scores import JOB, NUMBER, collect_scores, read_scores, write_scores

TASK = {"dataset": "1e3", "split": "NA", "model": "007", "weights": "none", "probe": "nan"}
ROW = {"pooling": "mean", "layer": 3, "seed": 0, "subset": "test", "n": 40}
VALUES = [0.1, 1 / 3, -1e-300, 12345678.901234567, 0.0]


def written(path, values=VALUES, **job):
    """Write a score table with these values."""
    rows = [ROW | {"metric": "mcc", "value": value, "reason": ""} for value in values]
    write_scores(path, rows, **TASK | job)
    return path


def test_a_score_table_has_the_published_columns(tmp_path):
    header = written(tmp_path / "x.tsv").read_text().splitlines()[0]
    assert (
        header.split("\t")
        == [*JOB, *NUMBER]
        == [
            *(
                "dataset",
                "split",
                "model",
                "weights",
                "probe",
                "pooling",
                "layer",
                "seed",
                "subset",
            ),
            *("n", "metric", "value", "reason"),
        ]
    )


def test_numbers_come_back_to_the_last_digit(tmp_path):
    assert read_scores(written(tmp_path / "x.tsv"))["value"].tolist() == VALUES
    assert read_table(tmp_path / "x.tsv")["value"].tolist() == VALUES


@pytest.mark.parametrize("read", [read_scores, read_table])
def test_names_that_look_like_numbers_stay_text(tmp_path, read):
    row = read(written(tmp_path / "x.tsv")).iloc[0]
    assert row[list(TASK)].to_dict() == TASK
    assert (row["layer"], row["n"], row["pooling"], row["reason"]) == (3, 40, "mean", "")


@pytest.mark.parametrize("read", [read_scores, read_table])
def test_an_undefined_score_is_nan_with_its_reason_and_never_0(tmp_path, read):
    lines = [ROW | {"metric": "mcc", "value": np.nan, "reason": "NaN"}]
    write_scores(tmp_path / "x.tsv", lines, **TASK)
    assert "\tNaN\tNaN" in (tmp_path / "x.tsv").read_text()
    row = read(tmp_path / "x.tsv").iloc[0]
    assert np.isnan(row["value"])
    assert row["reason"] == "NaN"


def test_tables_are_joined_in_the_order_of_their_files(tmp_path):
    paths = [written(tmp_path / f"{i}.tsv", [i], model=f"{9 - i}") for i in range(3)]
    for collected in (collect_scores(paths), read_tables(paths)):
        assert collected["model"].tolist() == ["9", "8", "7"]
        assert collected["value"].tolist() == [0, 1, 2]
        assert collected.index.tolist() == [0, 1, 2]


def test_a_table_without_rows_changes_no_type(tmp_path):
    header, rows = "model\taxis\tpoints\tlow\n", "1e3\tsize\t3\tNaN\nnet\tdepth\t4\t0.5\n"
    full, empty = tmp_path / "full.tsv", tmp_path / "empty.tsv"
    full.write_text(header + rows)
    empty.write_text(header)
    for paths in ([empty, full], [full, empty]):
        pd.testing.assert_frame_equal(read_tables(paths), read_table(full))
    assert read_table(empty).empty


@pytest.mark.parametrize("column", ["difference", "p_holm", "low", "seeds", "minus_onehot"])
def test_a_column_of_numbers_may_have_gaps(tmp_path, column):
    (tmp_path / "x.tsv").write_text(f"model\t{column}\na\t0.5\nb\tNaN\nc\t\n")
    found = read_table(tmp_path / "x.tsv")[column]
    assert found.iloc[0] == 0.5
    assert found.isna().tolist() == [False, True, True]


def test_an_unknown_column_of_words_stays_text(tmp_path):
    (tmp_path / "x.tsv").write_text("balance\tkind\nC 0.4\t1\nH 0.6\tregression\n")
    found = read_table(tmp_path / "x.tsv")
    assert found["balance"].tolist() == ["C 0.4", "H 0.6"]
    assert found["kind"].tolist() == ["1", "regression"]
