"""Named test sets of a split: what an entry may say, and which tasks and jobs they mean."""

import pytest

from helpers.configurations import study
from plmbench.core.errors import InputError
from plmbench.study import parameters, refits, targets
from plmbench.study.entries import checked
from plmbench.study.tasks import served_sets, splits_to_embed

NEAR, FAR = {"path": "near.csv"}, {"path": "far.csv"}
ENTRY = {"path": "train.csv", "tests": {"near": NEAR, "far": FAR, "own": {}}}
OWN = {"sets": {"splits": {"s": ENTRY, "plain": {"path": "train.csv"}}}}


@pytest.mark.parametrize(
    ("split", "words"),
    [
        ({"tests": {}}, "tests: {} should be non-empty"),
        ({"tests": {"a b": NEAR}}, "tests: 'a b' does not match"),
        ({"tests": {"a@b": NEAR}}, "tests: 'a@b' does not match"),
        ({"tests": {"a/b": NEAR}}, "tests: 'a/b' does not match"),
        ({"tests": {"": NEAR}}, "tests: '' does not match"),
        ({"tests": {"a": None}}, "tests: a: None is no mapping"),
        ({"tests": [NEAR]}, "tests: [{'path': 'near.csv'}] is no mapping"),
        ({"tests": {"a": {"pth": "x"}}}, "tests: a: unknown key 'pth'; did you mean 'path'?"),
        ({"tests": {"a": {"format": "csv"}}}, "tests: a: has neither path nor download"),
        ({"tests": {"a": {"path": "x", "mask": "m"}}}, "tests: a: mask is not for format csv"),
        ({"tests": {"a": NEAR}, "test": FAR}, "has both test and tests; give that of test a name"),
        ({"tests": {"a": NEAR, "b": NEAR}}, "tests: a and b have the same files"),
        ({"tests": {"a": {}, "b": {}}}, "tests: a and b have the same files"),
        ({"tests": {"a": NEAR, "b": NEAR | {"format": "csv"}}}, "a and b have the same files"),
        ({"tests": {"a": NEAR, "b": NEAR | {"sha256": "0" * 64}}}, "a and b have the same files"),
        ({"tests": {"a": {"sha256": "0" * 64, **NEAR}, "b": NEAR}}, "a and b have the same files"),
        ({"tests": {"CB": NEAR, "cb": FAR}}, "tests: CB and cb differ in case alone"),
        ({"tests": {"a": NEAR}, "rows": {"test": 3}}, "rows: test is of one test set, and there"),
    ],
)
def test_what_no_study_could_run_is_refused_with_its_place(split, words):
    with pytest.raises(InputError) as caught:
        checked({"toy": {"splits": {"s": {"path": "x.csv"} | split}}}, "datasets", "datasets.yaml")
    text = str(caught.value)
    assert text.startswith("datasets.yaml: toy: splits: s: ")
    assert words in text
    assert len(text.splitlines()) == 1


def with_sets(**config):
    """Return the Study of the demo, with a data set of its own that has test sets."""
    return study(entries={"datasets": OWN}, **config)


@pytest.mark.parametrize(
    ("tasks", "splits"),
    [
        (["sets/s"], ["s@near", "s@far", "s@own"]),
        (["sets"], ["s@near", "s@far", "s@own", "plain"]),
        (["sets/s@far"], ["s@far"]),
        (["sets/s@far", "sets/s@near", "sets/s@far"], ["s@far", "s@near"]),
        (["sets/s@own", "sets/s"], ["s@own", "s@near", "s@far"]),
    ],
)
def test_a_split_means_all_its_sets_and_a_set_is_a_task(tasks, splits):
    assert [task.split for task in with_sets(tasks=tasks).tasks] == splits


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("sets/s@nea", "no split 's@nea'; did you mean 's@near'?"),
        ("sets/near", "no split 'near'; did you mean 's@near'?"),
        ("sets/plain@near", "no split 'plain@near'; it has one test set, without a name: write"),
        ("sets/t@near", "no split 't@near'; did you mean 's@near'?"),
        ("sets/xyzw", "no split 'xyzw'; known: plain, s@far, s@near, s@own"),
        ("sets/s@", "tasks: 0: 'sets/s@' does not match"),
        ("sets/s@a@b", "tasks: 0: 'sets/s@a@b' does not match"),
    ],
)
def test_a_task_that_is_not_there_is_named_with_what_was_meant(task, words):
    with pytest.raises(InputError) as caught:
        with_sets(tasks=[task])
    assert words in str(caught.value)


def test_jobs_serve_all_sets_at_hand_whatever_the_tasks_and_are_handed_the_same():
    one, all_sets = with_sets(tasks=["sets/s@far"]), with_sets(tasks=["sets/s"])
    for made in (one, all_sets):
        assert splits_to_embed(made, "sets") == ["s@near", "s@far", "s@own", "plain"]
        assert parameters.tests(made, "sets", "s") == ["near", "far", "own"]
        assert served_sets(made, "sets", "plain") == [""]
    assert targets.scores(one) == targets.scores(all_sets)
    assert all("/sets/s/" in file for file in targets.scores(one))


def test_a_set_that_is_downloaded_is_served_where_it_is_a_task():
    name = "secondary_structure"
    made = study(tasks=[f"{name}/netsurfp@casp12", f"{name}/netsurfp@cb513"])
    assert served_sets(made, name, "netsurfp") == ["cb513", "casp12"]


def test_a_set_has_the_files_of_its_split_and_its_own():
    made = with_sets(tasks=["sets"])
    files = {split: made.files("sets", split) for split in ("s@near", "s@own", "plain")}
    assert files == {"s@near": ["path", "test.path"], "s@own": ["path"], "plain": ["path"]}
    assert made.datasets["sets"]["splits"]["s@near"]["test"]["path"] == "near.csv"
    assert made.datasets["sets"]["splits"]["s@own"] == made.datasets["sets"]["splits"]["plain"]


@pytest.mark.parametrize(
    ("named", "refit"),
    [
        (["sets"], {"s": 6, "s@near": 6, "s@far": 6, "plain": 6}),
        (["sets/s"], {"s": 6, "s@near": 6, "s@far": 6, "plain": 0}),
        (["sets/s@near"], {"s": 6, "s@near": 6, "s@far": 0, "plain": 0}),
        (["sets/plain"], {"s": 0, "s@near": 0, "s@far": 0, "plain": 6}),
    ],
)
def test_refits_may_be_asked_for_by_split_or_set(named, refit):
    made = with_sets(tasks=["sets"], refits={"count": 6, "tasks": named})
    assert {split: refits.count_of(made, "sets", split) for split in refit} == refit
