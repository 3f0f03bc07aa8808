"""Ablations of transformers: drawn as the library would, by our generators, ties as they were."""

import math
from copy import deepcopy

import pytest
import torch

from helpers.hub_folders import OTHERS, PARTS, folder_of
from helpers.networks import ablation
from plmbench.core.errors import InputError
from plmbench.core.families import KEEP, NO_BLOCK, Ablation
from plmbench.models.ablations import ablate, ties
from plmbench.models.recorded import Call, recorded_rows, row_of
from plmbench.models.transformers import Transformer
from plmbench.study.families import table

ARMS = ("reinit", "resample")
SEEDS = 16
ERRORS = 3.5  # standard errors; of 500 deviations one is beyond 3.1 by chance
IDS = ["-".join(filter(None, pair)) for pair in PARTS]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("hub")
    return {kind: folder_of(kind, root / kind) for kind in dict.fromkeys(kind for kind, _ in PARTS)}


@pytest.fixture(scope="module", params=PARTS, ids=IDS)
def load(request, folders):
    kind, part = request.param
    as_read = Transformer.load(kind, folders[kind], part=part)[0]
    return lambda: deepcopy(as_read)


def ablated(encoder, arm, seed):
    """Ablate an encoder; return the ledger."""
    return ablate(encoder.module, ablation(arm, "transformers"), seed, encoder.decide)


def values(encoder):
    """Return {name: copy} of every parameter."""
    return {name: p.detach().clone() for name, p in encoder.module.named_parameters()}


@pytest.mark.parametrize("arm", ARMS)
def test_a_seed_gives_the_same_weights_whatever_was_there(load, arm):
    encoder, again = load(), load()
    before = values(encoder)
    ledger = ablated(encoder, arm, 3)
    if arm == "reinit":
        ablated(again, "resample", 9)
    torch.manual_seed(99)
    ablated(again, arm, 3)
    after, other = values(encoder), values(again)
    assert [row["parameter"] for row in ledger] == list(before)
    for row in ledger:
        name = row["parameter"]
        assert torch.equal(after[name], other[name])
        if row["action"] == KEEP:
            assert torch.equal(after[name], before[name])
        elif arm == "resample":
            assert torch.equal(after[name].flatten().sort()[0], before[name].flatten().sort()[0])
            assert not torch.equal(after[name], before[name])


@pytest.mark.parametrize("arm", ARMS)
def test_ties_and_layer_0s_tokens_stay(load, arm):
    encoder = load()
    tied, tokens = ties(encoder.module), values(encoder)
    ledger = ablated(encoder, arm, 0)
    assert ties(encoder.module) == tied
    kept = [row["parameter"] for row in ledger if row["role"] == "token_embedding"]
    assert kept
    assert all(torch.equal(values(encoder)[name], tokens[name]) for name in kept)


def test_every_block_is_numbered_and_has_all_its_roles(load):
    encoder = load()
    ledger = ablated(encoder, "reinit", 0)
    blocks = {row["block"] for row in ledger} - {NO_BLOCK}
    assert blocks == set(range(len(encoder.blocks)))
    for block in blocks:
        roles = {row["role"] for row in ledger if row["block"] == block}
        assert {"mlp", "attention.out"} <= roles
        assert {"attention.q", "attention.k", "attention.v"} <= roles or "attention.qkv" in roles


def moments(networks):
    """Return {name: [numbers, sum, sum of squares, largest]} over networks."""
    found = {}
    for network in networks:
        for name, parameter in network.named_parameters():
            p = parameter.detach().double()
            one = torch.tensor([p.numel(), p.sum(), p.square().sum(), p.abs().max()])
            kept = found.setdefault(name, torch.zeros(4))
            kept[:3] += one[:3]
            kept[3] = max(kept[3], one[3])
    return {name: row.tolist() for name, row in found.items()}


def fresh(encoder):
    """Yield the modules of networks as the library's own constructor draws them."""
    whole = encoder.network.whole
    for seed in range(SEEDS):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = type(whole)(whole.config)
        yield network if encoder.module is whole else getattr(network, encoder.network.part)


def redrawn(encoder):
    """Yield the module after a reinit under each seed."""
    for seed in range(SEEDS):
        ablated(encoder, "reinit", seed)
        yield encoder.module


def test_what_is_redrawn_is_distributed_as_in_the_librarys_fresh_networks(load):
    encoder = load()
    kept = {row["parameter"] for row in ablated(encoder, "reinit", 0) if row["action"] == KEEP}
    ours, theirs = moments(redrawn(encoder)), moments(fresh(encoder))
    assert set(ours) == set(theirs)
    for name in set(ours) - kept:
        (n, s, q, largest), (_, t, r, bound) = ours[name], theirs[name]
        variance = max(r / n - (t / n) ** 2, 0.0)
        if variance < 1e-12:  # a constant
            assert (s / n, largest) == pytest.approx((t / n, bound), abs=1e-6), name
            continue
        error = math.sqrt(2 * variance / n)  # of the difference of two means
        assert abs(s - t) / n < ERRORS * error, name
        spread = abs(math.sqrt(q / n) - math.sqrt(r / n))
        assert spread < ERRORS * math.sqrt(variance / n), name


OTHER_ROLES = {"mlp", "attention.out", "norm"}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_class_of_no_network_of_the_catalogue_works_by_an_entry_alone(kind, tmp_path):
    folder, writing = folder_of(kind, tmp_path / kind), OTHERS[kind][-1]
    encoder = Transformer.load(kind, folder, writing=writing)[0]
    tokens, layers = encoder.tokenize(["ACDEFGHIK"]), []
    encoder.embed([tokens], lambda layer, states: layers.append(states[0]))
    expected = encoder.library_states(tokens).values()
    assert all(torch.equal(one, other) for one, other in zip(layers, expected, strict=True))
    assert encoder.num_layers == 3
    for arm in ARMS:
        roles = {row["role"] for row in ablated(encoder, arm, 0) if row["block"] != NO_BLOCK}
        assert roles >= OTHER_ROLES
        assert roles & {"attention.qkv", "attention.q"}


def test_rows_of_padding_are_apart(folders):
    encoder = Transformer.load("esm1b", folders["esm1b"])[0]
    positions = encoder.module.get_parameter("embeddings.position_embeddings.weight")
    row = positions[1].detach().clone()
    ablated(encoder, "resample", 0)
    assert torch.equal(positions[1], row)
    ablated(encoder, "reinit", 0)
    assert (positions == 0).all(1).nonzero().flatten().tolist() == [1]


def test_the_ledger_says_what_was_drawn(folders):
    encoder = Transformer.load("gpt2", folders["gpt2"])[0]
    actions = {row["parameter"]: row["action"] for row in ablated(encoder, "reinit", 0)}
    assert actions["h.0.attn.c_attn.weight"] == "normal(std=0.02)"
    assert actions["h.0.mlp.c_proj.weight"] == f"normal(std={0.02 / math.sqrt(6):.9g})"
    assert actions["h.0.attn.c_attn.bias"] == "zeros"


def test_nothing_is_drawn_while_the_library_is_asked(folders):
    encoder = Transformer.load("bert", folders["bert"])[0]
    before, state = values(encoder), torch.get_rng_state()
    recorded_rows(type(encoder.network.whole), encoder.network.whole.config)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], p) for name, p in values(encoder).items())
    layer = torch.nn.Linear(3, 3)
    assert layer.weight.any()  # torch's own initialisers are back


def test_a_parameter_that_no_row_knows_is_named(folders):
    encoder = Transformer.load("bert", folders["bert"])[0]
    rows = [row for row in table("transformers") if "query" not in row.match]
    with pytest.raises(InputError, match=r"no row matches parameter '.*query.weight'"):
        ablate(encoder.module, Ablation("reinit", rows), 0, encoder.decide)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [("orthogonal_", {}), ("normal_", {"mean": 1.0}), ("trunc_normal_", {"a": -1.0, "b": 2.0})],
)
def test_a_draw_that_no_initialiser_here_knows_is_named(kind, arguments):
    with pytest.raises(InputError, match=f"starts a parameter by {kind}"):
        row_of(Call(kind, torch.empty(2, 2), arguments))
