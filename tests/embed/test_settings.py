"""Settings of an embedding job: what the rules hand over, and nothing else."""

import json
from pathlib import Path

import pytest
import yaml

from plmbench.core.canonical import canonical
from plmbench.embed.settings import Compute, Job, Names, Storage
from plmbench.study.catalogues import Study

CONFIG = Path(__file__).parents[2] / "config"
NAMES = {"dataset": "gb1", "model": "mini_carp_600k", "weights": "resample-2"}


@pytest.fixture(scope="module")
def study():
    return Study(yaml.safe_load((CONFIG / "config.yaml").read_text()), CONFIG)


def job_of(study, names):
    """Return the Job of what a study hands to a rule as text."""
    dataset, model, weights = names["dataset"], names["model"], names["weights"]
    parts = study.network(model), study.storage(dataset, model), study.ablation(model, weights)
    return Job.read(names, *(json.loads(canonical(part)) for part in parts), "c0de")


def test_a_job_is_what_the_study_says_of_a_model_and_a_data_set(study):
    job = job_of(study, NAMES)
    assert job.names == Names("gb1", "mini_carp_600k", "resample-2")
    assert job.names.attributes() == NAMES
    assert (job.network.encoder, job.network.max_length) == ("carp.Carp", None)
    assert set(job.network.settings) == {"sha256", "num_layers", "hidden_size"}
    assert job.storage.dtype == study.config["dtype"]
    assert job.ablation.action == "shuffle"
    rows = [row.settings() for row in job.ablation.parameters]
    assert rows == [row.settings() for row in study.families["carp"].parameters]


def test_pretrained_weights_have_no_ablation(study):
    assert job_of(study, NAMES | {"weights": "pretrained"}).ablation is None
    assert job_of(study, {**NAMES, "model": "onehot", "weights": "none"}).ablation is None


def test_a_shard_is_among_the_names_of_its_file(study):
    job = job_of(study, NAMES | {"shard": "0" * 16})
    assert job.names.attributes() == NAMES | {"shard": "0" * 16}


def test_a_job_takes_of_the_configuration_what_bears_on_it(study):
    compute = Compute.read(study.config["compute"], threads=3)
    assert (compute.device, compute.backend, compute.threads) == ("auto", "fast", 3)
    assert compute.tokens_per_batch == study.config["compute"]["tokens_per_batch"]


def test_a_setting_that_is_not_known_is_refused():
    with pytest.raises(TypeError, match="poolngs"):
        Storage(poolngs=["mean"])
