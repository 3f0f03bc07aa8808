"""Which files a study makes, in which order."""

import pytest

from helpers.configurations import CLASSES, GB1, study
from plmbench.study import targets

SMALL = {"models": ["onehot", "mini_carp_100k"], "checkpoints": [], "weights": ["pretrained"]}


def test_a_data_set_of_two_tasks_is_named_once():
    made = study(tasks=[f"{GB1}/sampled", f"{CLASSES}/extract", f"{GB1}/low_vs_high"])
    assert targets.used_datasets(made) == [GB1, CLASSES]
    assert targets.of_datasets(made, "{dataset}.tsv") == [f"{GB1}.tsv", f"{CLASSES}.tsv"]


def test_files_of_tasks_are_in_the_order_of_the_configuration():
    made = study(tasks=[f"{GB1}/sampled", f"{CLASSES}/extract"])
    assert targets.of_tasks(made, "{dataset}/{split}") == [f"{GB1}/sampled", f"{CLASSES}/extract"]


def test_every_data_set_is_embedded_once_per_model_and_weights():
    made = study(tasks=[f"{GB1}/sampled", f"{GB1}/low_vs_high"], **SMALL)
    assert targets.embeddings(made) == [
        f"results/embeddings/{GB1}/onehot/none.h5",
        f"results/embeddings/{GB1}/mini_carp_100k/pretrained.h5",
    ]


def test_scores_and_predictions_of_a_task_are_of_the_same_arms():
    made = study(tasks=[f"{GB1}/sampled"], probes=["ridge"], controls=["ridge_shuffled"], **SMALL)
    arms = ["onehot/none/ridge", "mini_carp_100k/pretrained/ridge"]
    arms.append("mini_carp_100k/pretrained/ridge_shuffled")
    scores = targets.of_arms(made, targets.SCORES, GB1, "sampled")
    predictions = targets.of_arms(made, targets.PREDICTIONS, GB1, "sampled")
    assert sorted(scores) == sorted(f"results/scores/{GB1}/sampled/{arm}.tsv" for arm in arms)
    assert [file.split("/", 2)[2].rpartition(".")[0] for file in scores] == [
        file.split("/", 2)[2].rpartition(".")[0] for file in predictions
    ]
    assert targets.scores(made) == scores


@pytest.mark.parametrize("until", [["embed"], ["join", "labels"], ["probe", "embed", "join"]])
def test_to_stop_where_nothing_would_be_embedded_is_refused_with_what_to_say(until):
    with pytest.raises(SystemExit, match=r"^--until (embed|join): .* say: snakemake embeddings$"):
        targets.check_until(until)


@pytest.mark.parametrize("until", [[], ["labels"], ["probe", "compare"], ["results/x.h5"]])
def test_to_stop_elsewhere_is_not(until):
    targets.check_until(until)
