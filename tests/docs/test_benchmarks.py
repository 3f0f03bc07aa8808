"""The benchmarks run: what they time is what the workflow does."""

import pytest

from benchmarks import probes
from benchmarks.contenders import plmbench
from benchmarks.extraction import gb1, measure
from helpers.networks import load_encoder, save_tiny
from plmbench.store.embeddings import open_embeddings


def test_the_timed_extraction_writes_every_layer_of_every_sequence(tmp_path):
    encoder, _ = load_encoder("tiny", "esm2", save_tiny("esm2", tmp_path / "esm2_tiny.pt"))
    plmbench(encoder, gb1(3), tmp_path)
    with open_embeddings(tmp_path / "plmbench.h5") as embeddings:
        assert embeddings.file["mean"].shape == (encoder.num_layers + 1, 3, encoder.hidden_size)


@pytest.mark.slow
@pytest.mark.parametrize(("network", "least"), [("esm1_t6_43M", 1.5), ("carp_38M", 1.1)])
def test_extraction_is_faster_than_its_peers_in_the_same_run_and_equal(network, least):
    rows = {row["contender"]: row for row in measure(network, "GB1", rounds=3, seconds=0.5)}
    for peer in ("extract loop", "earlier procedure"):
        assert rows["plmbench"]["residues_per_s"] > least * rows[peer]["residues_per_s"], rows
    assert float(rows["plmbench"]["difference"]) <= 1e-5


def test_the_probes_take_less_cpu_than_scikit_learn_in_the_same_run_to_the_same_end():
    rows = []
    for probe in probes.PROBES:
        rows += probes.measure(probe, 3000, [probes.OURS, probes.THEIRS], 192, held_out=2000)
    cpu = {(row["probe"], row["contender"]): row["cpu_s"] for row in rows}
    assert cpu["logistic", probes.OURS] < 0.7 * cpu["logistic", probes.THEIRS], rows
    assert cpu["mlp", probes.OURS] < 0.9 * cpu["mlp", probes.THEIRS], rows
    ours = next(row for row in rows if row["contender"] == probes.OURS)
    assert ours[f"excess over {probes.THEIRS}"] < 1e-6
    assert ours[f"agreement with {probes.THEIRS}"] > 0.99
    assert probes.summary(rows).startswith("logistic: ")
