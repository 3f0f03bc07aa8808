"""What jobs ask a scheduler for: against what was measured, and for networks that are known."""

import pandas as pd
import pytest
import yaml

from helpers.configurations import CONFIG
from plmbench.study.resources import (
    LEAST_MB,
    at_attempt,
    attributes_minutes,
    embed_mb,
    embed_minutes,
    network_size,
    probe_mb,
    probe_minutes,
    table_mb,
    table_minutes,
)

MODELS = yaml.safe_load((CONFIG / "models.yaml").read_text(encoding="utf-8"))
RATES = CONFIG.parent / "benchmarks/results/extraction/amd_epyc_2_threads.tsv"
SNAKEMAKES = 280  # MB of the two around a job
# Peaks in MiB of a process that embedded 4 sequences of 1,022 residues on a CPU (one batch), with
# random weights of the network's size: model, layers whose residues were kept, MiB.
MEASURED = [
    ("esm2_t6_8M_UR50D", 0, 527),
    ("esm2_t6_8M_UR50D", 7, 497),
    ("esm2_t12_35M_UR50D", 0, 882),
    ("esm2_t12_35M_UR50D", 13, 821),
    ("esm2_t30_150M_UR50D", 0, 1839),
    ("esm2_t30_150M_UR50D", 31, 1999),
    ("esm2_t33_650M_UR50D", 0, 5247),
]
# The same of a probe job on the demo's embeddings: megabytes of the file, layers in it, MB.
PROBED = [(228, 17, 250), (91, 5, 242)]


def size_of(model):
    return network_size(MODELS[model])


@pytest.mark.parametrize(("model", "kept", "peak"), MEASURED)
def test_an_embed_job_asks_for_more_than_was_measured_and_not_for_thrice(model, kept, peak):
    used = SNAKEMAKES + peak * 2**20 / 10**6
    assert used < embed_mb(size_of(model), "cpu", kept) < 3 * used


@pytest.mark.parametrize(("size", "layers", "peak"), PROBED)
def test_a_probe_job_asks_for_more_than_was_measured(size, layers, peak):
    assert SNAKEMAKES + peak < probe_mb(size * 10**6, layers, float("inf"))


def test_an_embed_job_asks_for_more_time_than_the_benchmark_took():
    rates = pd.read_csv(RATES, sep="\t")
    names = {"esm1_t6_43M": "esm1_t6_43M_UR50S", "esm2_t12_35M": "esm2_t12_35M_UR50D"}
    residues = 10**8
    ours = rates[rates["contender"] == "plmbench"]
    assert set(names) <= set(ours["network"])
    for row in ours[ours["network"].isin(list(names) + list(MODELS))].itertuples():
        taken = residues / row.residues_per_s / 60
        assert taken < embed_minutes(
            size_of(names.get(row.network, row.network)), "cpu", 2, residues
        )


def test_esm1b_on_ten_million_residues():
    size = size_of("esm1b_t33_650M_UR50S")
    assert size == (652_359_094, 33, 1280)
    # 1,000 MB of Python and Snakemake, 3,000 of CUDA, twice 2,610 of weights
    assert embed_mb(size, "cuda", 0) == 9219
    # and three times 34 layers of 65,536 residues where each is kept
    assert embed_mb(size, "cuda", 34) == 9219 + 34226
    assert embed_mb(size, "cuda", 34, tokens="4096") == 9219 + 2139
    # 10 minutes and 2 to load it, 109 at 2e12 operations a second
    assert embed_minutes(size, "cuda", 4, 10**7) == 121
    assert embed_minutes(size, "cuda", 8, 10**7) == 121
    assert embed_minutes(size, "cpu", 8, 10**7) == 2731


def test_a_small_network_is_not_taken_for_faster_than_any_was():
    assert embed_minutes(size_of("onehot"), "cuda", 1, 10**7) == 19
    assert embed_minutes(size_of("carp_600k"), "cuda", 1, 10**7) == 19


@pytest.mark.parametrize("model", ["esm1_t6_43M_UR50S", "esm2_t33_650M_UR50D", "esm2_t36_3B_UR50D"])
def test_parameters_that_an_entry_does_not_tell_follow_from_its_blocks(model):
    told = MODELS[model]
    guessed = network_size({key: told[key] for key in ("num_layers", "hidden_size")})
    assert guessed.parameters == pytest.approx(size_of(model).parameters, rel=0.02)


def test_a_representation_without_weights_has_a_width():
    assert size_of("onehot") == (0, 0, 20)
    assert size_of("random_1280") == (0, 0, 1280)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_an_embed_job_of_every_network_asks_for_memory_and_time(model, device):
    asked = [embed_mb(size_of(model), device, kept) for kept in (0, 1, 5)]
    assert LEAST_MB < asked[0] <= asked[1] <= asked[2]
    times = [embed_minutes(size_of(model), device, 1, n) for n in (0, 10**5, 10**8, 10**9)]
    assert 10 <= times[0] <= times[1] < times[2] < times[3]


@pytest.mark.parametrize("ask", [table_mb, lambda size: probe_mb(size, 10, float("inf"))])
def test_no_job_asks_for_less_than_the_least_and_larger_files_need_more(ask):
    asked = [ask(size) for size in (0, 10**8, 10**9)]
    assert LEAST_MB <= asked[0] < asked[1] < asked[2]


@pytest.mark.parametrize("ask", [table_minutes, probe_minutes])
def test_larger_files_need_more_time(ask):
    assert 10 <= ask(0) < ask(10**9) < ask(10**10)


def test_reading_the_attributes_of_a_large_study_takes_hours_at_most():
    assert 10 <= attributes_minutes(1) < attributes_minutes(6300) < 120


def test_a_probe_that_learns_from_a_sample_asks_for_a_sample():
    assert probe_mb(10**12, 10, 10**9) == probe_mb(10**13, 10, 10**9) == 1000 + 3000


def test_each_attempt_asks_for_more():
    assert [at_attempt(1000, attempt) for attempt in (1, 2, 3)] == [1000, 2000, 3000]
