"""All that is wrong with a list of the configuration is said at once, a line each."""

import pytest

from helpers.configurations import CONFIG
from plmbench.core.errors import InputError
from plmbench.study.catalogues import Study
from plmbench.study.yaml_files import read_yaml

DATA = {"splits": {"s": {"path": "x.csv"}}, "task_type": "classification"}
CARP, ESM2 = {"family": "carp"}, {"family": "esm2"}
NO_PLACE = "config: entries: models: {}: has neither path nor url"


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"tasks": ["toy/t", "nope", "gb1/x", "toy/s"]},
            ["tasks: data set 'toy' has no split 't'", "tasks: 'nope' is no", "set 'gb1' has no"],
        ),
        (
            {"tasks": ["toy/s"], "models": ["onehut", "carp_1"], "probes": ["rigde", "logistc"]},
            ["models: 'onehut'", "models: 'carp_1'", "probes: 'rigde'", "probes: 'logistc'"],
        ),
        (
            {
                "tasks": ["toy"],
                "learning_curve": {"sizes": ["1/2", "1"], "tasks": ["toy/t", "nope"]},
                "refits": {"count": 5, "tasks": ["nor", "toy/u"], "probes": ["rigde"]},
            },
            [
                "learning_curve: tasks: data set 'toy' has no split 't'",
                "learning_curve: tasks: 'nope' is no",
                "refits: tasks: 'nor' is no",
                "refits: tasks: data set 'toy' has no split 'u'",
                "refits: probes: 'rigde' is no",
            ],
        ),
        (
            {"tasks": ["toy"], "weights": ["pretrained", "foo-0", "reinit-x", "none"]},
            ["weights: 'foo' is no", "weights 'reinit-x': must be", "weights: 'none' is no"],
        ),
        (
            {
                "tasks": ["toy"],
                "probes": ["logistic_small", "ridge_shuffled", "mlp_shuffled"],
                "controls": ["logistic_small"],
            },
            [
                "controls: 'logistic_small' stands under probes",
                "probes: 'ridge_shuffled' is a control",
                "probes: 'mlp_shuffled' is a control",
            ],
        ),
        (
            {"tasks": ["toy"], "models": ["a", "b"], "checkpoints": []},
            [NO_PLACE.format("a"), NO_PLACE.format("b")],
        ),
        (
            {"tasks": ["toy"], "models": ["onehot", "pixels_8", "bag_of_words"]},
            ["models: 'pixels_8' reads none", "models: 'bag_of_words' reads none"],
        ),
        (
            {"tasks": ["digits", "toy"], "models": ["bag_of_words"], "weights": ["pretrained"]},
            ["'bag_of_words' reads none", "no model reads 'digits'", "no model reads 'toy'"],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(changes, lines):
    entries = {"datasets": {"toy": DATA}, "models": {"a": CARP, "b": ESM2}}
    shipped = read_yaml(CONFIG / "config.yaml") | {"controls": [], "entries": entries}
    for key in ("learning_curve", "refits"):  # of tasks that do not run here
        del shipped[key]
    with pytest.raises(InputError) as caught:
        Study(shipped | changes, CONFIG)
    found = str(caught.value).splitlines()
    assert len(found) == len(lines)
    assert all(line.startswith("config: ") for line in found)
    assert all(any(words in line for line in found) for words in lines)
