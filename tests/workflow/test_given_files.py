"""A file of the user that is not there stops a run at once, although its results are."""

import pytest

GIVEN = {
    "config/datasets.yaml: toy: splits: first: path": "resources/datasets/toy/first.csv",
    "config/datasets.yaml: toy: wild_type": "resources/datasets/toy/wild_type.fasta",
    "config/models.yaml: tiny_carp: path": "resources/weights/carp.pt",
}


@pytest.mark.parametrize("where", GIVEN)
def test_a_file_that_is_not_there_is_named_with_its_place_in_the_catalogue(study, where):
    (study.root / GIVEN[where]).unlink()
    output = study.fail("--dry-run")
    assert f"{where}: there is no file {GIVEN[where]}" in output
    assert "Traceback" not in output


def test_a_file_that_no_task_and_no_model_of_the_configuration_needs_may_be_missing(study):
    study.edit("models", lambda models: models.update(absent={"family": "carp", "path": "no.pt"}))
    assert study.counts() == {}
