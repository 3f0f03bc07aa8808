"""Ablations: what is drawn, what stays, and what the ledger says about it."""

import copy
import hashlib
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers import networks
from helpers.networks import load_encoder
from plmbench.core.errors import InputError
from plmbench.core.families import KEEP, NO_BLOCK, Ablation, ParameterRow
from plmbench.core.scopes import ROLES
from plmbench.models.ablations import ablate, rewrite, ties

ARMS = ["reinit", "resample"]
FAMILIES = sorted(networks.TINY)


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(params=ARMS)
def arm(request):
    return request.param


def weights(network):
    """Return {name: copy of the values} of every parameter."""
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def rewritten(family, arm, seed, network=None):
    """Return a tiny network after an ablation, and the ledger."""
    network = network or networks.random_network(family)
    return network, ablate(network, networks.ablation(arm, family), seed)


def same(one, other):
    """Tell which parameters of two networks are equal to the bit."""
    one, other = weights(one), weights(other)
    return {name: torch.equal(one[name], other[name]) for name in one}


def actions(ledger):
    return {row["parameter"]: row["action"] for row in ledger}


def backwards(module):
    """Register the parts of `module`, at every depth, in the opposite order."""
    for part in module.modules():
        part._modules = dict(reversed(part._modules.items()))
        part._parameters = dict(reversed(part._parameters.items()))
    return module


@pytest.mark.parametrize("family", ["esm1", "carp"])  # without ties, which have a first name
def test_same_seed_gives_same_weights_in_any_order(family, arm):
    forth, ledger = rewritten(family, arm, 3)
    back, backward = rewritten(family, arm, 3, backwards(networks.random_network(family)))
    assert list(actions(ledger)) != list(actions(backward))
    assert all(same(forth, back).values())


def test_same_seed_gives_same_weights_whatever_was_drawn_before(family, arm):
    first, ledger = rewritten(family, arm, 3)
    torch.manual_seed(99)
    np.random.seed(99)
    rewritten(family, arm, 4)
    second, again = rewritten(family, arm, 3)
    assert all(same(first, second).values())
    assert ledger == again


def test_ablation_leaves_global_generators_alone(family, arm):
    network = networks.random_network(family)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    rewritten(family, arm, 3, network)
    assert torch.equal(before[0], torch.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])


@pytest.mark.parametrize("family", ["esm1b", "carp"])
def test_part_of_the_parameters_gets_the_values_it_gets_among_all(family, arm):
    everything, _ = rewritten(family, arm, 3)
    whole = networks.ablation(arm, family)
    rows = [row for row in whole.parameters if "{block}" in row.match]
    last = [replace(row, match=row.match.replace("{block}", "2")) for row in rows]
    part = networks.random_network(family)
    ledger = ablate(part, Ablation(whole.action, [*last, ParameterRow("*", "head", KEEP)]), 3)
    drawn = [name for name, action in actions(ledger).items() if action != "keep"]
    assert drawn == [name for name in actions(ledger) if "layers.2." in name]
    assert all(same(everything, part)[name] for name in drawn)


def test_other_seed_gives_other_weights(family, arm):
    (one, ledger), (other, _) = rewritten(family, arm, 0), rewritten(family, arm, 1)
    equal, sizes = same(one, other), weights(one)
    fixed = {"keep", "zeros", "ones"}
    drawn = [n for n, action in actions(ledger).items() if action not in fixed]
    drawn = [name for name in drawn if sizes[name].numel() > 1]
    assert len(drawn) > 10
    assert not any(equal[name] for name in drawn)


def test_shuffle_keeps_each_parameters_values(family):
    before = weights(networks.random_network(family))
    after, ledger = rewritten(family, "resample", 0)
    after = weights(after)
    assert "shuffle" in set(actions(ledger).values())
    for name, action in actions(ledger).items():
        assert torch.equal(before[name].flatten().sort()[0], after[name].flatten().sort()[0]), name
        moved = action == "shuffle" and before[name].numel() > 1
        assert torch.equal(before[name], after[name]) != moved, name


def test_shuffle_mixes_all_axes_of_a_tensor():
    values = np.repeat(np.arange(20, dtype=np.float32), 60).reshape(20, 12, 5)
    row = ParameterRow("*", "conv", "kaiming_uniform")
    rewrite("layers.0.conv.weight", values, values, row, "shuffle", 0)
    means = values.mean((1, 2))
    assert np.abs(means - 9.5).max() < 4  # rows alone, permuted whole, would keep 0 and 19
    assert all(len(set(row)) > 1 for row in values.reshape(-1, 5))


@pytest.mark.parametrize("padding", [0.0, 7.0])
def test_shuffle_leaves_the_padding_row_of_positions_where_it_is(padding):
    network = networks.random_network("esm1b")
    with torch.no_grad():
        network.embed_positions.weight[network.padding_idx] = padding
    rewritten("esm1b", "resample", 0, network)
    rows = (network.embed_positions.weight == padding).all(1).nonzero().flatten().tolist()
    assert rows == [network.padding_idx]
    assert (network.embed_positions.weight == padding).sum() == networks.TINY["esm1b"][
        "hidden_size"
    ]


def test_reinit_makes_the_padding_row_of_positions_zero():
    network = networks.random_network("esm1b")
    with torch.no_grad():
        network.embed_positions.weight[network.padding_idx] = 7.0
    rewritten("esm1b", "reinit", 0, network)
    zero = (network.embed_positions.weight == 0).all(1).nonzero().flatten().tolist()
    assert zero == [network.padding_idx]


@pytest.mark.parametrize("family", ["esm1b", "esm2"])
def test_ties_stay(family, arm):
    network = networks.random_network(family)
    tokens = network.embed_tokens.weight.detach().clone()
    rewritten(family, arm, 0, network)
    assert network.lm_head.weight is network.embed_tokens.weight
    assert ties(network) == [["embed_tokens.weight", "lm_head.weight"]]
    assert torch.equal(network.lm_head.weight, tokens)


@pytest.mark.parametrize("family", ["esm1", "esm2"])  # sinusoids, rotary frequencies
def test_buffers_are_untouched(family, arm):
    network = networks.random_network(family)
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    rewritten(family, arm, 0, network)
    after = dict(network.named_buffers())
    assert before
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_kept_parameters_are_equal_to_the_bit(family, arm):
    original = networks.random_network(family)
    after, ledger = rewritten(family, arm, 0, copy.deepcopy(original))
    equal = same(original, after)
    kept = [name for name, action in actions(ledger).items() if action == "keep"]
    assert any("embed" in name for name in kept)
    assert all(equal[name] for name in kept)


def test_ledger_has_a_row_for_every_parameter(family, arm):
    before = weights(networks.random_network(family))
    network, ledger = rewritten(family, arm, 0)
    after = weights(network)
    assert [row["parameter"] for row in ledger] == list(after)
    for row in ledger:
        name = row["parameter"]
        assert row["shape"] == "x".join(map(str, after[name].shape))
        for when, values in (("before", before[name]), ("after", after[name])):
            exact = values.double()
            assert row[f"mean_{when}"] == pytest.approx(exact.mean().item(), abs=1e-9)
            assert row[f"sd_{when}"] == pytest.approx(exact.std(correction=0).item(), abs=1e-9)


def test_ledger_says_the_role_and_the_block_of_every_parameter(family, arm):
    _, ledger = rewritten(family, arm, 0)
    for row in ledger:
        found = re.search(r"layers\.(\d+)\.", row["parameter"])
        assert row["block"] == (int(found[1]) if found else NO_BLOCK)
        assert row["role"] in ROLES


def test_what_one_ablation_keeps_the_other_keeps_too(family):
    reinit, resample = (actions(rewritten(family, name, 0)[1]) for name in ARMS)
    kept = [name for name, action in reinit.items() if action == KEEP]
    assert kept == [name for name, action in resample.items() if action == KEEP]


PINNED = {  # of all values, under seed 1: what the code drew when each ablation had a table
    ("carp", "reinit"): "e37dce28f1b37a9e",
    ("carp", "resample"): "eff70979b2ad5704",
    ("esm1", "reinit"): "5157940fcc12a8c5",
    ("esm1", "resample"): "a652e0f59b29b808",
    ("esm1b", "reinit"): "497201428b6051e4",
    ("esm1b", "resample"): "25f417f5318a6e8a",
    ("esm2", "reinit"): "fb7e5b54b3f335a5",
    ("esm2", "resample"): "1755a9c0f47bb63a",
}


@pytest.mark.parametrize(("family", "arm"), PINNED)
def test_weights_of_an_ablation_are_those_of_every_release(family, arm):
    _, ledger = rewritten(family, arm, 1)
    digests = "".join(row["digest_after"] for row in ledger)
    assert hashlib.sha256(digests.encode()).hexdigest()[:16] == PINNED[family, arm]


def test_digests_change_exactly_where_values_do(family, arm):
    original = networks.random_network(family)
    after, ledger = rewritten(family, arm, 0, copy.deepcopy(original))
    equal = same(original, after)
    for row in ledger:
        unchanged = row["digest_before"] == row["digest_after"]
        assert unchanged == equal[row["parameter"]], row["parameter"]
    changed = sum(row["digest_before"] != row["digest_after"] for row in ledger)
    decided = sum(row["action"] != "keep" for row in ledger)
    # A shuffle of one value, the bias of the contact head of ESM, moves nothing.
    assert changed == decided - (arm == "resample" and family != "carp")


@pytest.mark.filterwarnings("ignore:Regression weights")
def test_ledger_of_a_checkpoint_is_the_same_in_every_run(family, arm, tmp_path):
    path = networks.save_tiny(family, tmp_path / "tiny.pt")
    modules = [load_encoder("tiny", family, path)[0].module for _ in range(2)]
    first, second = (rewritten(family, arm, 0, module)[1] for module in modules)
    assert first == second


def test_parameter_without_a_row_is_named(family, arm):
    whole = networks.ablation(arm, family)
    table = [row for row in whole.parameters if "embed" not in row.match]
    network = networks.random_network(family)
    missing = next(name for name, _ in network.named_parameters() if "embed" in name)
    with pytest.raises(InputError, match=f"no row matches parameter '{missing}'"):
        ablate(network, Ablation(whole.action, table), 0)


@pytest.mark.parametrize("match", ["pooler.*", "layers.0.fc1.weight"])
def test_row_without_a_parameter_is_named(match, arm):
    network, whole = networks.random_network("esm2"), networks.ablation(arm, "esm2")
    before = weights(network)
    table = [*whole.parameters, ParameterRow(match, "mlp", "ones")]
    with pytest.raises(InputError, match=rf"row\(s\) '{match}'"):
        ablate(network, Ablation(whole.action, table), 0)
    assert all(torch.equal(before[n], p) for n, p in network.named_parameters())


@torch.inference_mode()
def states(network, family):
    """Return [layer, token, dim] of the library's own forward pass over one sequence."""
    layers = list(range(networks.layers_of(network) + 1))
    result = network(torch.arange(5, 24)[None], repr_layers=layers)
    found = {0: result.get(0), **result["representations"]}
    return torch.stack([found[layer][0] for layer in layers])


@pytest.mark.parametrize("family", ["carp", "esm1", "esm2"])
def test_layer_0_is_the_pretrained_one_in_every_arm(family, arm):
    pretrained = states(networks.random_network(family), family)
    for seed in (0, 1):
        ablated = states(rewritten(family, arm, seed)[0], family)
        assert torch.equal(ablated[0], pretrained[0])
        assert not any(torch.equal(ablated[i], pretrained[i]) for i in (1, 2, 3))


def test_layer_0_of_esm1b_differs_by_its_positions(arm):
    pretrained = states(networks.random_network("esm1b"), "esm1b")
    ablated = states(rewritten("esm1b", arm, 0)[0], "esm1b")
    assert not torch.allclose(ablated[0], pretrained[0], atol=0.1)


def test_seeds_of_an_arm_differ_in_the_last_layer(family, arm):
    one, other = (states(rewritten(family, arm, seed)[0], family)[-1] for seed in (0, 1))
    assert (one - other).abs().mean() > 0.05 * one.abs().mean()
