"""learning_curve of config/config.yaml: what it may say, and what jobs are handed of it."""

import pytest

from helpers.configurations import GB1, study
from plmbench.core.errors import InputError
from plmbench.study import parameters, resources, targets

SIZES = ["1/64", 0.25, 1]


def asked(**curve):
    """Return the Study of a configuration with learning curves."""
    return study(learning_curve={"sizes": SIZES} | curve)


def test_nothing_of_it_is_there_unless_it_is_asked_for():
    made = study(name="paper")
    assert made.curve_tasks == []
    assert targets.learning_curves(made) == targets.curve_figures(made) == []


def test_sizes_are_shares_however_they_are_written():
    found = parameters.learning_curve(asked(), "ridge", GB1)
    assert found["sizes"] == ["1/64", "1/4", "1"]
    assert (found["draws"], found["validation"]) == (5, "grows")
    turned = asked(sizes=[1.0, "0.25", "2/128"])
    assert parameters.learning_curve(turned, "ridge", GB1) == found


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([0, 1], "is not above 0 and at most 1"),
        (["0/4", 1], "is not above 0 and at most 1"),
        ([1, 1.5], "is not above 0 and at most 1"),
        ([1, "5/4"], "is not above 0 and at most 1"),
        (["1/0", 1], "is no share"),
        (["a quarter", 1], "is no share"),
        ([True, 1], "is no share"),
        ([float("nan"), 1], "is no share"),
        ([1], "should have 2 elements"),
        ([0.25, "1/4", 1], "has '1/4' more than once"),
    ],
)
def test_a_size_that_is_no_share_says_what_would_be_one(sizes, words):
    with pytest.raises(InputError) as error:
        asked(sizes=sizes)
    assert words in str(error.value)
    assert "learning_curve: sizes" in str(error.value)
    assert "such as" in str(error.value)


def test_a_task_with_curves_is_one_that_runs_and_others_have_none():
    assert asked().curve_tasks == asked().tasks
    with pytest.raises(InputError, match="learning_curve: tasks"):
        asked(tasks=["gb1/no_such_split"])
    assert asked(tasks=["aav/one_vs_many"]).curve_tasks == []


def test_controls_checkpoints_and_control_models_have_no_curve():
    made = study(name="series", learning_curve={"sizes": SIZES})
    for dataset in targets.used_datasets(made):
        arms = targets.curve_arms(made, dataset)
        assert {model for model, _, _ in arms} == {
            "onehot",
            *(f"mini_carp_{size}" for size in ("30k", "60k", "100k", "250k", "600k")),
            *(f"mini_esm2_{size}" for size in ("100k", "700k")),
        }
        assert not {probe for _, _, probe in arms} & set(made.run.controls)
        assert {weights for _, weights, _ in arms} == {"none", *made.run.weights}


def test_probes_of_curves_can_be_named_and_must_exist():
    made = asked(probes=["ridge"])
    assert {probe for _, _, probe in targets.curve_arms(made, GB1)} == {"ridge"}
    for curve in ({}, {"probes": ["logistic_small"]}):  # none named, and none that runs on numbers
        arms = targets.curve_arms(asked(**curve), GB1)
        assert {probe for _, _, probe in arms} == {"ridge", "mlp_small"}
    with pytest.raises(InputError, match="learning_curve: probes: 'rigde'"):
        asked(probes=["rigde"])


def test_curves_ask_for_the_test_rows_of_a_layer_and_the_time_of_all_fits():
    made, size = asked(draws=3), 10**9
    names = made, "ridge", GB1, "mini_carp_600k", size
    assert resources.curve_job_mb(*names) > resources.probe_job_mb(*names)
    assert resources.curve_minutes(made, size) == resources.probe_minutes(9 * size)
