"""Scopes: which positions and roles they take, and which points a sweep has."""

import re

import pytest

from plmbench.core.scopes import BLOCKS, SPLIT, SWEEPS, WHOLE, Parts, Scope, depths

ESM = {"attention.q", "attention.k", "attention.v", "attention.out", "mlp", "norm"}
FUSED = {"attention.qkv", "attention.out", "mlp", "norm", "position"}
CARP = {"conv", "mlp", "norm"}


@pytest.mark.parametrize(
    ("blocks", "positions"),
    [
        ("all", [0, 1, 2, 3, 4, 5]),  # before, four blocks, after
        ("every", [1, 2, 3, 4]),
        ("top 1", [4, 5]),
        ("top 4", [1, 2, 3, 4, 5]),
        ("bottom 2", [0, 1, 2]),
        ("[2, 4)", [2, 3]),
        ("[4,5)", [4]),
        ("none", []),
    ],
)
def test_a_scope_takes_these_positions_of_four_blocks(blocks, positions):
    assert list(Scope(blocks).positions(4)) == positions
    assert blocks == "none" or re.fullmatch(BLOCKS, blocks)


@pytest.mark.parametrize("blocks", ["", "top", "top 0", "top -1", "bottom 2.5", "[0, 2)", "[1, 3]"])
def test_other_texts_are_no_blocks(blocks):
    assert not re.fullmatch(BLOCKS, blocks)


@pytest.mark.parametrize(
    ("roles", "excepted", "found", "expected"),
    [
        ((), (), ESM, ESM),
        (("mixing",), (), ESM, {r for r in ESM if r.startswith("attention")}),
        (("mixing",), (), CARP, {"conv"}),
        (("mixing",), (), FUSED, {"attention.qkv", "attention.out"}),
        (("pointwise",), (), CARP, {"mlp"}),
        (("attention.qk",), (), ESM, {"attention.q", "attention.k"}),
        (("attention.vo", "norm"), (), ESM, {"attention.v", "attention.out", "norm"}),
        ((), ("norm", "pointwise"), ESM, {r for r in ESM if r.startswith("attention")}),
        (("mlp", "norm"), ("norm",), CARP, {"mlp"}),
    ],
)
def test_roles_mean_the_same_in_every_family(roles, excepted, found, expected):
    scope = Scope("all", roles, excepted)
    assert {role for role in found if scope.takes(role)} == expected
    assert scope.why_absent(found, 4) == ""


@pytest.mark.parametrize("role", SPLIT)
def test_a_part_of_a_fused_tensor_is_refused_by_name(role):
    assert "attention.qkv" in Scope("all", (role,)).why_absent(FUSED, 4)
    assert "attention.qkv" in Scope("all", (), (role,)).why_absent(FUSED, 4)
    assert not Scope("all", ("attention",)).why_absent(FUSED, 4)


@pytest.mark.parametrize("blocks", ["top 5", "bottom 5", "[4, 6)", "[5, 6)", "[3, 3)", "[3, 2)"])
def test_blocks_that_four_blocks_lack_are_told(blocks):
    assert blocks in Scope(blocks).why_absent(ESM, 4)


@pytest.mark.parametrize(
    ("blocks", "steps", "expected"),
    [
        (16, 9, [0, 1, 2, 4, 8, 12, 14, 15, 16]),
        (8, 9, list(range(9))),
        (6, 9, list(range(7))),
        (33, 9, [0, 1, 2, 4, 8, 16, 17, 25, 29, 31, 32, 33]),
        (16, 11, [0, 1, 2, 4, 6, 8, 10, 12, 14, 15, 16]),
        (2, 2, [0, 1, 2]),
        (1, 9, [0, 1]),
    ],
)
def test_depths_are_powers_of_two_from_either_end(blocks, steps, expected):
    assert depths(blocks, steps) == expected


def test_a_sweep_has_these_points():
    names = [point.name for point in Parts(sweep=SWEEPS, width=2).points(3)]
    depth = ["none", "all", "top 1", "top 2", "bottom 1", "bottom 2"]
    assert names[:6] == depth
    assert names[6] == "mixing"
    assert names[-2:] == ["blocks 1-2", "block 3"]
    assert len(set(names)) == len(names)


def test_what_a_curve_ends_with_is_all_that_its_entry_can_reach():
    some = Scope("all", ("mlp",), ("norm",))
    assert Parts(some, sweep=("top",)).whole() == some
    assert Parts(some, sweep=("roles",)).whole() == WHOLE
    assert Parts(Scope("top 2")).whole() == WHOLE
    (none, _, own) = Parts(Scope("top 2", ("mlp",))).points(4)
    assert (none.name, own.name, own.kind) == ("none", "blocks top 2; roles mlp", "scope")
