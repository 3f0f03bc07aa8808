"""The benchmarks run: what they time is what the workflow does."""

from benchmarks.contenders import plmbench
from benchmarks.extraction import gb1
from networks import save_tiny
from plmbench.encoders import load_encoder
from plmbench.store import open_embeddings


def test_the_timed_extraction_writes_every_layer_of_every_sequence(tmp_path):
    encoder, _ = load_encoder("tiny", "esm2", save_tiny("esm2", tmp_path / "esm2_tiny.pt"))
    plmbench(encoder, gb1(3), tmp_path)
    with open_embeddings(tmp_path / "plmbench.h5") as embeddings:
        assert embeddings.file["mean"].shape == (encoder.layers + 1, 3, encoder.dim)
