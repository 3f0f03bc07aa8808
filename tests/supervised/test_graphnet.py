"""graphnet: the modules that the seed printed, by name and shape, and a forward pass."""

import csv

import numpy as np
import pytest
import torch

from helpers.studies import ROOT
from plmbench.core.alphabet import STANDARD
from plmbench.supervised.graphnet_network import GraphNet
from plmbench.supervised.graphnet_residues import ATOMS, SIDE_CHAINS, descriptors, templates
from plmbench.supervised.sequences import ONE_HOT

PRINTED = ROOT / "tests/files/graphnet_modules.tsv"


def printed():
    """Return {name of a module: (class, parameters with their shapes)}."""
    with PRINTED.open(newline="") as file:
        return {
            row["module"]: (row["class"], row["parameters"])
            for row in csv.DictReader(file, delimiter="\t")
        }


def of_network(network):
    """Return the same of a network."""
    return {
        name: (
            type(module).__name__,
            " ".join(
                f"{key}:{'x'.join(map(str, value.shape))}"
                for key, value in module.named_parameters(recurse=False)
            ),
        )
        for name, module in network.named_modules()
    }


def batch(*texts):
    """Return one-hot [sequence, residue, 20] and the mask of residues."""
    longest = max(map(len, texts))
    features, there = (
        np.zeros((len(texts), longest, 20), np.float32),
        np.zeros((len(texts), longest)),
    )
    for i, text in enumerate(texts):
        codes = [STANDARD.find(letter) for letter in text]  # -1: beyond the twenty
        features[i, : len(text)], there[i, : len(text)] = ONE_HOT[codes], 1
    return torch.from_numpy(features), torch.from_numpy(there).bool()


@pytest.fixture
def network():
    torch.manual_seed(0)
    return GraphNet(dropout=0.5).eval()


def test_its_85_modules_are_those_that_were_printed_by_name_class_and_shape(network):
    expected = printed()
    assert len(expected) == 85 + 1  # the network itself has the empty name
    assert of_network(network) == expected
    assert sum(value.numel() for value in network.parameters()) == 196_170
    assert network.atom_emb_layer.weight.numel() == 4_992


def test_every_residue_has_the_atoms_of_its_template():
    assert len(ATOMS) == len(set(ATOMS)) == 38
    assert set(SIDE_CHAINS) == set(STANDARD)
    table = templates()
    heavy_atoms = dict(zip(STANDARD, (table[:20] < 38).sum(1).tolist(), strict=True))
    assert heavy_atoms["G"] == 4
    assert heavy_atoms["A"] == 5
    assert heavy_atoms["W"] == 14
    assert descriptors().shape == (21, 4)


def test_padding_and_company_change_no_prediction(network):
    alone = [network(*batch(text)).item() for text in ("MKVACDEF", "MKV", "XAX")]
    together = network(*batch("MKVACDEF", "MKV", "XAX")).squeeze(1).tolist()
    assert together == pytest.approx(alone, abs=1e-5)


def test_all_but_the_k_mers_is_blind_to_order(network):
    there = network(*batch("MKVACDEF")).item()
    turned = network(*batch("FEDCAVKM")).item()
    assert turned != pytest.approx(there, abs=1e-6)
    with torch.no_grad():
        for value in network.kmers_net.parameters():
            value.zero_()
    there = network(*batch("MKVACDEF")).item()
    assert network(*batch("FEDCAVKM")).item() == pytest.approx(there, abs=1e-5)


def test_every_parameter_learns_but_the_one_that_nothing_reads(network):
    network.train()
    outputs = network(*batch("MKVACDEF", "ACDEFGHI"))
    network.loss(outputs, torch.zeros_like(outputs)).sum().backward()
    still = {name for name, value in network.named_parameters() if value.grad is None}
    assert still == {"atom_emb_layer.weight"}
