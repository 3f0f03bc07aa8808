"""Ablations with a scope: what an entry may say, and what a study makes of it."""

import pytest

from helpers.configurations import RESIDUES, copied, spoiled, study
from plmbench.core.errors import InputError
from plmbench.study import parameters, targets
from plmbench.study.entries import checked
from plmbench.study.parts import num_networks, num_points, part_arms, part_runs
from plmbench.study.resources import embed_job_mb

TASKS = [f"{RESIDUES}/extract"]
NETWORKS = ["mini_carp_600k", "mini_esm2_700k"]


@pytest.fixture
def folder(tmp_path):
    return copied(tmp_path / "config")


def made(folder, weights, models=NETWORKS, **entries):
    """Return the Study of a copied configuration with more ablations."""
    spoiled(folder, "ablations", lambda content: content.update(entries))
    names = {"tasks": TASKS, "models": ["onehot", *models], "checkpoints": [], "controls": []}
    return study(folder, **names, weights=["pretrained", *weights])


WRONG = [
    ({"blocks": "top -1"}, "blocks: 'top -1' is none of"),
    ({"blocks": [1, 3]}, "is no text"),
    ({"roles": ["attention.kq"]}, "did you mean 'attention.q'"),
    ({"roles": ["head"]}, "'head' is not allowed"),  # no embedding passes through it
    ({"except": ["nrom"]}, "did you mean 'norm'"),
    ({"excpt": ["norm"]}, "did you mean 'except'"),
    ({"sweep": ["tops"]}, "did you mean 'top'"),
    ({"sweep": ["top"], "blocks": "top 2"}, "its sweep goes through"),
    ({"sweep": ["top", "roles"], "roles": ["norm"]}, "make two entries"),
    ({"steps": 5}, "steps is for sweep: [top or bottom]"),
    ({"width": 2, "sweep": ["top"]}, "width is for sweep: [window]"),
    ({"where_absent": "skip"}, "limits neither blocks nor roles"),
    ({"blocks": "top 2", "in_verdict": True}, "never bears on the verdict"),
]


@pytest.mark.parametrize(("keys", "words"), WRONG)
def test_what_is_wrong_in_a_scope_is_named(keys, words):
    with pytest.raises(InputError) as caught:
        checked({"part": {"action": "reinit", **keys}}, "ablations", "config/ablations.yaml")
    assert words in str(caught.value)
    assert "config/ablations.yaml: part" in str(caught.value)


def test_parts_are_no_arms_of_the_comparison(folder):
    plain, scoped = made(folder, ["reinit-0"]), made(folder, ["reinit-0", "parts-0", "depth-1"])
    assert scoped.runs() == plain.runs()
    assert scoped.arms(RESIDUES) == plain.arms(RESIDUES)
    assert parameters.judgement(scoped) == parameters.judgement(plain)
    assert part_runs(plain) == []
    assert targets.part_tables(plain) == []
    expected = [(model, text) for model in NETWORKS for text in ("parts-0", "depth-1")]
    assert part_runs(scoped) == expected
    assert not scoped.in_verdict("parts")


def test_parts_run_with_every_probe_and_at_every_point(folder):
    scoped = made(folder, ["parts-0"])
    probes = {probe for _, _, probe in part_arms(scoped, RESIDUES)}
    assert probes == {probe for probe in scoped.run.probes if scoped.applies(probe, RESIDUES)}
    (probe, *_) = probes
    assert scoped.probe(probe, RESIDUES, "parts-0")["layers"] == "all"
    spoiled(folder, "probes", lambda content: content["logistic_small"].update(layers=[-1]))
    again = made(folder, ["parts-0"])
    assert again.probe("logistic_small", RESIDUES)["layers"] == [-1]
    assert again.probe("logistic_small", RESIDUES, "parts-0")["layers"] == "all"


def test_an_ablation_without_a_scope_is_handed_over_as_before(folder):
    scoped = made(folder, ["reinit-0", "depth-0"])
    assert set(scoped.ablation("mini_carp_600k", "reinit-0")) == {"action", "parameters"}
    parts = scoped.ablation("mini_carp_600k", "depth-0")["parts"]
    assert parts == {"sweep": ["top", "bottom"], "steps": 9}


@pytest.mark.parametrize(
    ("keys", "model", "reason"),
    [
        ({"roles": ["attention.qk"]}, "mini_carp_600k", "no parameter has role attention.qk"),
        ({"roles": ["position"]}, "mini_esm2_700k", "no parameter has role position"),
        ({"blocks": "top 9"}, "mini_esm2_700k", "blocks top 9 are not all in a network of 6"),
        ({"blocks": "[16, 18)"}, "mini_carp_600k", "are not all in a network of 16"),
        ({"sweep": ["roles"], "roles": ["conv"]}, "mini_esm2_700k", "no parameter has role conv"),
    ],
)
def test_a_scope_that_a_network_lacks_is_told_before_anything_runs(folder, keys, model, reason):
    with pytest.raises(InputError) as caught:
        made(folder, ["part-0"], [model], part={"action": "reinit", **keys})
    assert all(words in str(caught.value) for words in (reason, model, "where_absent: skip"))
    skipping = {"action": "reinit", **keys, "where_absent": "skip"}
    runs = part_runs(made(folder, ["part-0"], NETWORKS, part=skipping))
    assert (model in [name for name, _ in runs]) == ("sweep" in keys)


def test_parts_alone_are_a_share_of_nothing(folder):
    with pytest.raises(InputError, match="add pretrained"):
        study(folder, tasks=TASKS, models=NETWORKS, checkpoints=[], weights=["parts-0"])


def test_a_sweep_asks_for_the_memory_of_its_networks_and_points(folder):
    scoped = made(folder, ["depth-0", "parts-0"])
    asked = [scoped, "mini_carp_600k"]
    assert num_points(*asked, "depth-0") == 16  # none, all, and seven depths from either end
    assert num_points(*asked, "pretrained") == 17
    assert num_networks(*asked, "depth-0") == 2
    assert num_networks(*asked, "pretrained") == 1
    assert num_networks(*asked, "parts-0") > 4
    sizes = [
        embed_job_mb(scoped, RESIDUES, "mini_carp_600k", text) for text in ("depth-0", "parts-0")
    ]
    assert sizes[0] < sizes[1]
