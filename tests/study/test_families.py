"""Tables of families: read whole, and refused with file, key and the nearest name."""

import pytest
import yaml

from plmbench.core.errors import InputError
from plmbench.core.families import ParameterRow
from plmbench.study.families import FOLDER, encoder, families, module, read_families, table

MODULES = {
    "esm1": "plmbench.models.esm",
    "esm1b": "plmbench.models.esm",
    "esm2": "plmbench.models.esm",
    "carp": "plmbench.models.carp",
    "transformers": "plmbench.models.transformers",
    "onehot": "plmbench.models.baselines",
    "composition": "plmbench.models.baselines",
    "length": "plmbench.models.baselines",
    "random_projection": "plmbench.models.baselines",
    "random_features": "plmbench.models.baselines",
    "pixels": "plmbench.models.pixels",
    "bag_of_words": "plmbench.models.words",
}


def test_every_file_of_the_folder_is_a_family():
    assert set(families()) == set(MODULES)
    assert {name: module(name) for name in families()} == MODULES
    assert encoder("esm2") == "esm.Esm2"
    assert table("onehot") == []


@pytest.mark.parametrize("family", MODULES)
def test_a_row_is_what_it_says_without_what_it_leaves_open(family):
    rows = yaml.safe_load((FOLDER / f"{family}.yaml").read_text())["parameters"]
    assert [row.settings() for row in table(family)] == rows
    assert [ParameterRow(**row).settings() for row in rows] == rows


WRONG = [
    (lambda f: f.update(encodr="x"), "unknown key 'encodr'; did you mean 'encoder'?"),
    (lambda f: f.update(encoder="esm"), "encoder: 'esm' is not <module>.<class>"),
    (lambda f: f.update(encoder="x.X"), "'x.X': there is no scripts/plmbench/models/x.py"),
    (lambda f: f.update(optional=["pth"]), "optional: 0: 'pth' is not allowed; did you mean"),
    (lambda f: f.pop("title"), "title: Field required"),
    (lambda f: f["parameters"][0].pop("role"), "parameters: 0: role: Field required"),
    (lambda f: f["parameters"][0].update(role="norms"), "did you mean 'norm'?"),
    (lambda f: f["parameters"][0].update(block=0), "parameters: 0: unknown key 'block'"),
    (lambda f: f["parameters"][0].update(gain=2), "gain is not for initialiser keep"),
    (lambda f: f["parameters"][3].update(initialiser="zero"), "3: initialiser: 'zero' is not"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_what_is_wrong_in_a_table_is_named(change, words, tmp_path):
    content = yaml.safe_load((FOLDER / "esm2.yaml").read_text())
    change(content)
    (tmp_path / "esm2.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(InputError, match=r"^config/families/esm2\.yaml: ") as caught:
        read_families(tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "carp"])
def test_a_file_that_is_no_table_is_refused(text, tmp_path):
    (tmp_path / "new.yaml").write_text(text)
    with pytest.raises(InputError, match=r"config/families/new\.yaml"):
        read_families(tmp_path)
