"""The study's networks: parameters, their numbers, and what each ablation does to each of them."""

import math
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml

from helpers import networks
from plmbench.core.families import KEEP, NO_BLOCK
from plmbench.core.scopes import ROLES
from plmbench.models.ablations import ACTIONS, decide, ties
from plmbench.study.families import families, table

ROOT = Path(__file__).parents[2]
MODELS = yaml.safe_load((ROOT / "config/models.yaml").read_text())
SPEC = pd.read_csv(ROOT / "tests/files/ablation_parameters.tsv", sep="\t", keep_default_na=False)
SPECIFIED = sorted(set(SPEC["model"]))

TOTALS = {  # reference_numbers.md: tied tensors once, buffers not counted
    "esm1b_t33_650M_UR50S": 652_359_094,
    "esm1_t6_43M_UR50S": 42_590_316,
    "esm1_t12_85M_UR50S": 85_126_836,
    "esm1_t34_670M_UR50S": 669_210_316,
    "carp_600k": 607_630,
    "carp_38M": 37_889_294,
    "carp_76M": 75_736_334,
    "carp_640M": 642_950_670,
    "esm2_t6_8M_UR50D": 7_512_474,
    "esm2_t12_35M_UR50D": 33_501_394,
    "esm2_t30_150M_UR50D": 148_140_154,
    "esm2_t33_650M_UR50D": 651_043_254,
    "esm2_t36_3B_UR50D": 2_839_005_634,
}

HALF = pytest.approx(1 / math.sqrt(2), rel=1e-12)  # of the variance

# The specification's words for initialisers, as rows of config/families.
WORDS = {
    "keep": {"initialiser": "keep"},
    "zeros": {"initialiser": "zeros"},
    "ones": {"initialiser": "ones"},
    "xavier_normal": {"initialiser": "xavier_normal"},
    "xavier_uniform(gain=1)": {"initialiser": "xavier_uniform"},
    "xavier_uniform(gain=1/sqrt(2))": {"initialiser": "xavier_uniform", "gain": HALF},
    "kaiming_uniform(a=sqrt(5))": {"initialiser": "kaiming_uniform"},
    "uniform(-1/sqrt(fan_in), 1/sqrt(fan_in)) of its own weight": {"initialiser": "uniform_fan_in"},
    "normal(0,1), padding row zero": {"initialiser": "normal", "padding_row": 1},
}


@cache
def network(name):
    """Return a network of the study without memory for its weights."""
    family, sizes = networks.STUDY[name]
    with torch.device("meta"):
        return networks.build(family, **sizes)


def specified(model):
    """Return {parameter: (shape, reinit, resample)} of a model, a row for each block."""
    rows = SPEC[SPEC["model"] == model]
    return {
        row.parameter.replace("{n}", str(block)): (row.shape, row.reinit, row.resample)
        for row in rows.itertuples()
        for block in range(row.blocks)
    }


def parameters(model, tied_once=True):
    """Return {name: shape as text} of a network, by the names that an ablation sees."""
    named = network(model).named_parameters(remove_duplicate=tied_once)
    return {name: "x".join(map(str, parameter.shape)) for name, parameter in named}


@pytest.mark.parametrize("model", TOTALS)
def test_parameters_add_up_to_the_published_number(model):
    assert sum(p.numel() for p in network(model).parameters()) == TOTALS[model]


@pytest.mark.parametrize("model", TOTALS)
def test_catalogue_describes_the_network(model):
    family, sizes = networks.STUDY[model]
    entry = MODELS[model]
    assert entry["family"] == family
    assert entry["about"]["parameters"] == TOTALS[model]
    assert (entry["num_layers"], entry["hidden_size"]) == (
        sizes["num_layers"],
        sizes["hidden_size"],
    )


def test_every_network_of_the_study_is_in_the_specification():
    assert sorted(model for model in TOTALS if not model.startswith("esm2")) == SPECIFIED


def test_every_downloaded_model_of_the_catalogue_is_built_here():
    too_large = {"esm2_t48_15B_UR50D"}
    files = {n for n, entry in MODELS.items() if "url" in entry and "files" not in entry}
    assert files == set(TOTALS) | too_large


@pytest.mark.parametrize("model", SPECIFIED)
def test_names_and_shapes_are_the_specified_ones(model):
    expected = {name: row[0] for name, row in specified(model).items()}
    buffers = {name for name, _ in network(model).named_buffers()}
    assert not buffers & set(parameters(model))
    found = parameters(model, tied_once=False)
    assert found == {k: v for k, v in expected.items() if k not in buffers}


def decisions(model):
    """Return {parameter: Decision} of a network, by the table of its family."""
    family, _ = networks.STUDY[model]
    return decide(list(parameters(model)), table(family))


def initialiser_of(row):
    """Return what of a row says how its parameters start."""
    return {k: v for k, v in row.settings().items() if k not in ("match", "role", "before")}


@pytest.mark.parametrize("model", SPECIFIED)
def test_every_parameter_starts_as_specified(model):
    for name, decision in decisions(model).items():
        row = decision.row
        _, reinit, resample = specified(model)[name]
        assert initialiser_of(row) == WORDS[reinit], name
        assert resample == (KEEP if row.initialiser == KEEP else "shuffle"), name


@pytest.mark.parametrize("name", ["reinit", "resample"])
def test_ablations_have_the_actions_of_the_specification(name):
    assert networks.ABLATIONS[name]["action"] == {"reinit": "reinit", "resample": "shuffle"}[name]
    assert networks.ABLATIONS[name]["action"] in ACTIONS


@pytest.mark.parametrize("model", [model for model in TOTALS if model.startswith("esm2")])
def test_esm2_is_treated_as_esm1b_is(model):
    esm1b = decisions("esm1b_t33_650M_UR50S")
    for name, decision in decisions(model).items():
        same = re.sub(r"^layers\.\d+", "layers.0", name)  # ESM-2 3B has more blocks
        assert decision.row == esm1b[same].row, name


ROLE_OF_MODULE = {  # by a part of a parameter's name; the first that is there
    "embed_positions": "position",
    "embed_out": "head",
    "lm_head": "head",
    "contact_head": "contact_head",
    "model.decoder": "head",
    "model.last_norm": "head",
    "up_embedder": "projection",
    "embedder.embedder": "token_embedding",
    "embed_tokens": "token_embedding",
    "q_proj": "attention.q",
    "k_proj": "attention.k",
    "v_proj": "attention.v",
    "out_proj": "attention.out",
    "bias_k": "attention.bias_kv",
    "bias_v": "attention.bias_kv",
    "layer_norm": "norm",
    "fc1": "mlp",
    "fc2": "mlp",
    # of ByteNet's blocks: LayerNorm, activation, and a layer of kernel size 1
    "sequence1.0": "norm",
    "sequence1.3": "norm",
    "sequence2.0": "norm",
    "sequence1.2": "mlp",
    "sequence2.2": "mlp",
    "conv": "conv",
}


@pytest.mark.parametrize("model", TOTALS)
def test_every_parameter_has_its_role_and_the_number_of_its_block(model):
    blocks = set()
    for name, (row, block, _) in decisions(model).items():
        inside = re.search(r"\blayers\.(\d+)\.", name)
        assert block == (int(inside[1]) if inside else NO_BLOCK), name
        assert row.role == next(r for part, r in ROLE_OF_MODULE.items() if part in name), name
        blocks.add(block)
    assert blocks == {NO_BLOCK, *range(networks.STUDY[model][1]["num_layers"])}


def test_families_have_known_roles_and_networks_of_the_study_use_them():
    used = {row.role for family in families().values() for row in family.parameters}
    assert used == set(ROLES)


def test_every_family_with_a_table_is_in_the_study():
    with_tables = {name for name, family in families().items() if family.parameters}
    study = {family for family, _ in networks.STUDY.values()}
    assert with_tables == study | {"transformers"}  # which has tests of its own


def test_padding_row_of_the_table_is_the_networks_padding_row():
    positions = network("esm1b_t33_650M_UR50S").embed_positions
    assert positions.padding_idx == WORDS["normal(0,1), padding row zero"]["padding_row"]


@pytest.mark.parametrize("model", [m for m in TOTALS if m.startswith(("esm1b", "esm2"))])
def test_output_head_of_esm_is_kept_through_its_tie(model):
    shared = network(model)
    assert shared.lm_head.weight is shared.embed_tokens.weight
    assert "lm_head.weight" not in parameters(model)
    assert "embed_tokens.weight" in parameters(model)
    if model in SPECIFIED:
        assert specified(model)["lm_head.weight"][1:] == ("keep", "keep")


@pytest.mark.parametrize("family", ["esm1", "carp"])
def test_families_without_ties_have_none(family):
    assert ties(networks.random_network(family)) == []
