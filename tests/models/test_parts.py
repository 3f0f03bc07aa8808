"""Sweeps over scopes: nothing is computed twice, and nothing changes to the last bit."""

import json
from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from helpers.hub_folders import PARTS, folder_of
from helpers.networks import TINY, load_encoder, save_tiny
from plmbench.core.errors import InputError
from plmbench.core.families import Ablation
from plmbench.core.scopes import SWEEPS, Parts, Scope
from plmbench.hardware.matmul import Product, matmul_for
from plmbench.models import parts
from plmbench.models.ablations import ACTIONS, ablate, decide
from plmbench.models.parts import load_sweep
from plmbench.models.transformers import Transformer
from plmbench.study.families import table

CASES = [(family, None) for family in TINY] + [(k, p) for k, p in PARTS if k != "albert"]
SEQUENCES = ["MKTAYIAKQR", "MKTAAAAAKQ"]
SEED = 3


@pytest.fixture(scope="module", params=CASES, ids=["-".join(filter(None, c)) for c in CASES])
def network(request, tmp_path_factory):
    """Return (family, function that gives a tiny network as it was read)."""
    kind, part = request.param
    path = tmp_path_factory.mktemp("parts") / kind
    if kind in TINY:
        save_tiny(kind, path)
        as_read = load_encoder("tiny", kind, path)
        return kind, lambda: deepcopy(as_read)
    folder_of(kind, path)
    as_read = Transformer.load(kind, path, part=part)
    return "transformers", lambda: deepcopy(as_read)


def ablation(family, action="reinit", **settings):
    return Ablation(action, table(family), parts=Parts(**settings))


def swept(encoder, sequences):
    """Return {layer: states} of sequences of one length."""
    found = {}
    with torch.inference_mode():
        tokens = [encoder.tokenize(sequences)]
        encoder.embed(tokens, lambda layer, states: found.update({layer: states[0].clone()}))
    return found


def plainly(read, whole, scope, matmul):
    """Return the last layer of a network that is ablated within a scope, and computed whole."""
    encoder, _ = read()
    own = getattr(encoder, "decide", decide)
    if scope.blocks != "none":
        ablate(encoder.module, replace(whole, scope=scope), SEED, own)
    encoder.pack(matmul)
    return swept(encoder, SEQUENCES)[encoder.num_layers]


def names_of(sweep):
    return [point["name"] for point in json.loads(sweep.facts["points"])]


@pytest.mark.parametrize("action", ["reinit", "permute_blocks"])
def test_every_point_equals_the_network_computed_whole_to_the_last_bit(network, action):
    family, read = network
    if action == "permute_blocks" and read()[0].num_layers < 2:
        pytest.skip("one block has no other order")
    whole = ablation(family, action, sweep=SWEEPS)
    sweep, _, _ = load_sweep(read, whole, SEED)
    matmul = matmul_for(torch.device("cpu"))
    sweep.pack(matmul)
    found = swept(sweep, SEQUENCES)
    points = {point.name: point for point in whole.parts.points(sweep.base.num_layers)}
    names = names_of(sweep)
    assert {"none", "all", "top 1", "bottom 1", "mixing"} <= {*names}
    for number, name in enumerate(names):
        expected = plainly(read, whole, points[name].scope, matmul)
        assert torch.equal(found[number], expected), name
    assert not torch.equal(found[names.index("none")], found[names.index("all")])


def test_states_over_unpacked_weights_are_those_of_every_point_too(network):
    family, read = network
    whole = ablation(family, sweep=("top", "bottom"))
    sweep, _, _ = load_sweep(read, whole, SEED)
    unpacked = swept(sweep, SEQUENCES)
    sweep.pack(Product)
    packed = swept(sweep, SEQUENCES)
    for number, states in unpacked.items():
        torch.testing.assert_close(states, packed[number], rtol=1e-4, atol=1e-4)


def test_blocks_below_the_first_changed_one_are_computed_once(tmp_path):
    """Of 8 blocks and 16 points a plain way runs 128 blocks."""
    from helpers.networks import SIZES, save

    path = save("carp", tmp_path / "deep.pt", **{**SIZES["carp"], "num_layers": 8})
    whole = ablation("carp", sweep=("top", "bottom"), steps=9)
    sweep, _, _ = load_sweep(lambda: load_encoder("deep", "carp", path), whole, SEED)
    sweep.pack(Product)
    runs = []
    for variant in sweep.variants:
        blocks = variant.encoder.blocks

        def counted(block):
            return lambda *args: runs.append(1) or block(*args)

        blocks.packed = [counted(block) for block in blocks.packed]
    swept(sweep, SEQUENCES)
    top, bottom = sum(range(1, 8)), sum(range(1, 8))  # k blocks above the top's start, 8 - k
    assert len(names_of(sweep)) == 16
    assert len(runs) == 8 + 8 + top + bottom == 72


def test_a_sweep_that_went_on_from_other_states_would_be_refused(monkeypatch, tmp_path):
    path = save_tiny("esm2", tmp_path / "tiny.pt")
    whole = ablation("esm2", sweep=("top",))
    sweep, _, _ = load_sweep(lambda: load_encoder("tiny", "esm2", path), whole, SEED)
    monkeypatch.setattr(parts, "recalled", lambda output, *args, **kwargs: output + 1)
    with pytest.raises(RuntimeError, match="not the network computed whole"):
        sweep.pack(Product)


# Each way to name blocks, each to name roles, and both at once.
SCOPES = [
    ("top 1", ()),
    ("[1, 2)", ()),
    ("bottom 1", ("pointwise",)),
    ("every", ("norm", "mixing")),
]


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "permute_blocks"])
def test_a_tensors_draw_is_the_same_under_every_scope(network, action):
    family, read = network
    everywhere, _ = read()
    own = getattr(everywhere, "decide", decide)
    whole = ablate(everywhere.module, ablation(family, action), SEED, own)
    after = {row["parameter"]: row["digest_after"] for row in whole}
    for blocks, roles in SCOPES:
        encoder, _ = read()
        scoped = replace(ablation(family, action), scope=Scope(blocks, roles))
        ledger = ablate(encoder.module, scoped, SEED, getattr(encoder, "decide", decide))
        changed = [row for row in ledger if row["action"] != "keep"]
        assert changed or roles
        assert all(row["digest_after"] == after[row["parameter"]] for row in changed)
        outside = [row for row in ledger if row["action"] == "keep"]
        assert all(row["digest_after"] == row["digest_before"] for row in outside)


ABSENT = [
    ("esm2", Parts(Scope(roles=("position",))), "no parameter has role position"),
    ("carp", Parts(Scope(roles=("attention.qk",))), "no parameter has role attention.qk"),
    ("esm1b", Parts(Scope("top 4")), "blocks top 4 are not all in a network of 3 blocks"),
    ("esm1", Parts(Scope("[3, 5)")), r"blocks \[3, 5\) are not all in a network of 3"),
    ("esm1", Parts(Scope("[3, 3)")), r"blocks \[3, 3\) are not all in a network"),
    ("gpt2", Parts(Scope(roles=("attention.vo",))), "values are one: attention.qkv"),
]


@pytest.mark.parametrize(("kind", "asked", "reason"), ABSENT)
def test_a_scope_that_a_network_lacks_is_an_error_or_left_out(tmp_path, kind, asked, reason):
    if kind in TINY:
        path = save_tiny(kind, tmp_path / "tiny.pt")
        family, read = kind, lambda: load_encoder("tiny", kind, path)
    else:
        folder = folder_of(kind, tmp_path / kind)
        family, read = "transformers", lambda: Transformer.load(kind, folder)
    whole = Ablation("reinit", table(family), parts=asked)
    with pytest.raises(InputError, match=reason):
        load_sweep(read, whole, SEED)
    skipping = replace(whole, parts=replace(asked, where_absent="skip"))
    sweep, _, _ = load_sweep(read, skipping, SEED)
    assert names_of(sweep) == ["none", "all"]


def test_blocks_that_share_their_weights_are_refused(tmp_path):
    folder = folder_of("albert", tmp_path / "albert")
    read = lambda: Transformer.load("albert", folder)  # noqa: E731
    with pytest.raises(InputError, match="blocks have weights of their own"):
        load_sweep(read, ablation("transformers", sweep=("top",)), SEED)


def test_the_ledger_says_which_networks_were_ablated_everywhere(tmp_path):
    path = save_tiny("esm2", tmp_path / "tiny.pt")
    whole = ablation("esm2", sweep=("top", "roles"))
    _, _, ledger = load_sweep(lambda: load_encoder("tiny", "esm2", path), whole, SEED)
    scopes = ["all", *(f"roles {role}" for role in ("mixing", "attention.qk", "attention.vo"))]
    scopes += ["roles pointwise", "roles norm"]
    assert list(dict.fromkeys(row["scope"] for row in ledger)) == scopes
