"""What `plmbench init` writes for tables and folders of any name, and which tables it refuses."""

from pathlib import Path

import pytest

from plmbench.command.drafting import Draft, drafted, write_draft
from plmbench.command.validation import study_of
from plmbench.core.errors import InputError
from plmbench.study.places import workflow_folder

COLUMNS = {"sequence": None, "target": None, "set": None}
ROWS = "MKV,a,train\nMKL,b,test\n"


def drafted_study(folder, name, header="sequence,target,set", model=None, where="a study"):
    """Return the Study that a draft for a table makes."""
    (folder / name).write_text(f"{header}\n{ROWS}")
    draft = drafted(Draft(folder / name, COLUMNS, model))
    return study_of(write_draft(folder / where, draft), workflow_folder())


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("123.csv", "my_123"),
        ("true.csv", "my_true"),
        ("null.csv", "my_null"),
        ("yes.csv", "my_yes"),
        ("0x1F.csv", "my_0x1F"),
        ("1_000.csv", "my_1_000"),
        ("digits.csv", "my_digits"),
        ("an assay.csv", "an_assay"),
        ("ü.csv", "mine"),
        ("a: b #c.csv", "a_b_c"),
    ],
)
def test_a_data_set_has_a_name_that_is_text_whatever_the_file(name, dataset, tmp_path):
    assert [task.dataset for task in drafted_study(tmp_path, name).tasks] == [dataset]


@pytest.mark.parametrize(("name", "model"), [("9", "my_9"), ("no", "my_no"), ("net 1", "net_1")])
def test_so_has_a_network(name, model, tmp_path):
    (tmp_path / name).mkdir()
    (tmp_path / name / "config.json").write_text("{}")
    study = drafted_study(tmp_path, "assay.csv", model=tmp_path / name)
    assert study.run.models == ["onehot", model]


@pytest.mark.parametrize("where", ["a: b #c", "ü 'x'", '"q"', "a/b"])
def test_a_study_may_stand_in_any_folder(where, tmp_path):
    study = drafted_study(tmp_path, "assay.csv", where=where)
    (entry,) = study.datasets["assay"]["splits"].values()
    assert Path(entry["path"]).resolve() == tmp_path / "assay.csv"


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "image,target,set",
            "has a column image, and init drafts studies of proteins",
        ),
        ("Text,target,set", "has a column text, and init drafts studies of proteins"),
        ("sequence,target,part", "which column is set? Say --set"),
        ("sequence,target,target,set", "another number of fields than in the header"),
    ],
)
def test_a_table_that_is_none_of_proteins_is_refused_in_words(header, words, tmp_path):
    with pytest.raises(InputError) as caught:
        drafted_study(tmp_path, "assay.csv", header)
    assert words in str(caught.value)


def test_a_column_that_stands_twice_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("sequence,target,target,set\nMKV,a,b,train\n")
    with pytest.raises(InputError, match="column 'target' stands twice; rename one of them"):
        drafted(Draft(tmp_path / "a.csv", COLUMNS))
