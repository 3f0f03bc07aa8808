"""Which arms a study refits, and what a wrong setting is told."""

from types import SimpleNamespace

import pytest

from helpers.configurations import study
from plmbench.core.errors import InputError
from plmbench.study import refits
from plmbench.study.job_resources import JobResources
from plmbench.study.parameters import probe_code, refit_code

TASK = ("gb1_small", "low_vs_high")
RESIDUES = ("secondary_structure_small", "extract")


def test_without_the_setting_nothing_is_refit():
    made = study(refits={"tasks": []})
    assert refits.count_of(made, *TASK) == 0
    assert refits.files_of(made, *TASK) == []


@pytest.mark.parametrize(
    ("setting", "counts"),
    [
        (5, [5, 5]),
        ({"count": 7}, [7, 7]),
        ({"count": 5, "tasks": ["gb1_small/low_vs_high"]}, [5, 0]),
        ({"count": 6, "tasks": ["gb1_small"]}, [6, 0]),
        ({"count": 5, "tasks": ["gb1_small", "secondary_structure_small/extract"]}, [5, 5]),
    ],
)
def test_a_number_is_for_all_tasks_and_a_list_for_its_own(setting, counts):
    made = study(refits=setting)
    assert [refits.count_of(made, *task) for task in (TASK, RESIDUES)] == counts
    assert [bool(refits.arms_of(made, *task)) for task in (TASK, RESIDUES)] == list(
        map(bool, counts)
    )


def test_networks_their_ablations_and_baselines_are_refit_and_no_checkpoint_or_control():
    arms = refits.arms_of(study(name="series", refits=5), *TASK)
    assert ("onehot", "none", "ridge") in arms
    assert ("mini_carp_600k", "reinit-1", "ridge") in arms
    models, probes = ({arm[place] for arm in arms} for place in (0, 2))
    assert not models & {"composition", "length", "random_128", "mini_carp_600k_12"}
    assert probes == {"ridge"}
    assert len(arms) == 1 + 7 * 7


def test_probes_can_be_named():
    probes = ["ridge", "ridge_flip", "logistic_small"]
    made = study(probes=probes, refits={"count": 5, "probes": ["ridge_flip"]})
    assert {probe for _, _, probe in refits.arms_of(made, *TASK)} == {"ridge_flip"}
    classes = refits.arms_of(made, "localisation_small", "extract")
    assert {probe for _, _, probe in classes} == {"logistic_small"}  # none of those named runs


WRONG = [
    (4, "config: refits: 4 is less than the minimum of 5"),
    ({"count": 1}, "config: refits: count: 1 is less than the minimum of 5"),
    ({"count": 5.5}, "config: refits: count: 5.5 is no integer"),
    ({"count": 5, "task": []}, "config: refits: unknown key 'task'; did you mean 'tasks'"),
    ("five", "config: refits: 'five' is none of those allowed"),
    (
        {"count": 5, "tasks": ["gb2"]},
        "config: refits: tasks: 'gb2' is no entry of config/datasets.yaml; did you mean 'gb1'",
    ),
    (
        {"count": 5, "probes": ["mpl"]},
        "config: refits: probes: 'mpl' is no entry of config/probes.yaml; did you mean 'mlp'",
    ),
]


@pytest.mark.parametrize(("setting", "words"), WRONG)
def test_a_wrong_setting_is_told_where_and_what_would_be_right(setting, words):
    with pytest.raises(InputError) as caught:
        study(refits=setting)
    assert str(caught.value).startswith(words)
    assert len(str(caught.value).splitlines()) <= 4


def test_more_refits_ask_for_more_time_and_of_residues_for_more_memory(tmp_path):
    file = tmp_path / "e.h5"
    with file.open("wb") as sparse:
        sparse.truncate(2 * 10**9)
    found = {}
    for count in (5, 20):
        asked = JobResources(study(refits=count), lambda _: {})
        dataset, split = RESIDUES
        names = {"dataset": dataset, "split": split, "model": "mini_carp_600k"}
        job = Names(**names, weights="pretrained", probe="logistic_small")
        given = SimpleNamespace(embeddings=str(file))
        plain = asked.probe_memory(job, given, 1), asked.probe_runtime(job, given, 1)
        again = asked.refit_memory(job, given, 1), asked.refit_runtime(job, given, 1)
        assert all(more > less for more, less in zip(again, plain, strict=True))
        assert asked.refit_memory(job, given, 2) == 2 * again[0]
        found[count] = again
    assert all(more > less for more, less in zip(found[20], found[5], strict=True))


class Names(SimpleNamespace):
    """Wildcards of a job."""

    def __getitem__(self, key):
        return getattr(self, key)


def test_a_change_of_refits_reruns_no_plain_probe():
    made = study(refits=5)
    assert probe_code(made, "ridge", TASK[0]) == probe_code(study(), "ridge", TASK[0])
    assert refit_code(made, "ridge", TASK[0]) != probe_code(made, "ridge", TASK[0])
