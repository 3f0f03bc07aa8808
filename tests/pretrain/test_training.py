"""Training: it learns, gives the same network twice, and goes on where it was killed."""

import copy
import pickle
from dataclasses import fields, replace
from itertools import pairwise

import pytest
import torch

from plmbench.core.errors import InputError
from plmbench.models.checkpoints import load_checkpoint
from plmbench.pretrain import training
from plmbench.pretrain.recipes import MARKS, Recipe, identity_of
from plmbench.pretrain.training import Training, pretrain, rate_scale

RECIPE = Recipe(
    family="esm2",
    architecture={"num_layers": 2, "hidden_size": 16, "num_heads": 2},
    steps=48,
    tokens=512,
    max_length=64,
    learning_rate=1e-2,
    warmup=4,
    weight_decay=0.01,
    max_grad_norm=1.0,
    precision="float32",
    seed=0,
)
CARP = {"num_layers": 2, "hidden_size": 16, "embedding_size": 8, "dilation": 2, "slim": True}
CPU = torch.device("cpu")


def trained(folder, files, **changes):
    """Train by RECIPE with changes; return losses and the last checkpoint's weights."""
    recipe = replace(RECIPE, **changes)
    losses = pretrain(recipe, *files, folder, identity_of(recipe, files, "code"), CPU)
    return losses, weights(folder / "100.pt")


def weights(path):
    """Return the tensors of a checkpoint of ESM-2."""
    return load_checkpoint(path)[0]["model"]


def equal(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def undisturbed(files, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("undisturbed"), files)


def test_it_learns_that_only_three_amino_acids_come(undisturbed):
    losses, _ = undisturbed
    assert list(losses) == list(MARKS)
    assert losses["12"] > losses["100"]
    assert losses["100"] < 1.5  # log 20 = 3.0 without learning, log 3 = 1.1 at best


def test_the_same_recipe_gives_the_same_network(undisturbed, files, tmp_path):
    losses, found = trained(tmp_path, files)
    assert losses == undisturbed[0]
    assert equal(found, undisturbed[1])


def test_another_seed_gives_another_network(undisturbed, files, tmp_path):
    losses, found = trained(tmp_path, files, seed=1)
    assert losses != undisturbed[0]
    assert not equal(found, undisturbed[1])


@pytest.mark.parametrize("step", [7, 30])
def test_a_killed_training_goes_on_and_ends_in_the_same_network(
    step, undisturbed, files, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "SAVE_EVERY", 0.0)
    learn = Training.learn

    def killed(self, sequences):
        if self.step == step:
            raise KeyboardInterrupt
        return learn(self, sequences)

    monkeypatch.setattr(Training, "learn", killed)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, files)
    monkeypatch.setattr(Training, "learn", learn)
    losses, found = trained(tmp_path, files)
    assert losses == undisturbed[0]
    assert equal(found, undisturbed[1])


def test_what_was_saved_of_another_recipe_is_not_gone_on_with(undisturbed, files, tmp_path):
    trained(tmp_path, files, seed=1)
    losses, found = trained(tmp_path, files)
    assert losses == undisturbed[0]
    assert equal(found, undisturbed[1])


CHANGED = {
    "family": "carp",
    "architecture": {"num_layers": 3, "hidden_size": 16, "num_heads": 2},
    "precision": "bfloat16",
}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 cut",
        b"no file of torch's",
        pickle.dumps({"identity": "x"}),
        {"other": 1},
        {"identity": None},
        [1],
        {"identity": "x", "losses": 3},
    ],
)
def test_a_save_that_is_not_whole_is_named_and_not_gone_on_with(content, files, tmp_path, caplog):
    if isinstance(content, bytes):
        (tmp_path / training.SAVED).write_bytes(content)
    else:
        torch.save(content, tmp_path / training.SAVED)
    trained(tmp_path, files, steps=2)
    (warning,) = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert warning.startswith(f"{tmp_path / training.SAVED} is no whole save (")
    assert "weights_only" not in warning


@pytest.mark.parametrize(
    ("changes", "spoil", "where"),
    [
        ({"learning_rate": 1e38, "warmup": 1, "max_grad_norm": 1e38}, None, "step 2"),
        ({"learning_rate": 1e38, "warmup": 1, "steps": 1}, None, "held-out proteins after step 1"),
        ({}, float("nan"), "step 1"),
        ({}, float("inf"), "step 1"),
    ],
)
def test_a_training_that_diverges_is_stopped_at_once(
    changes, spoil, where, files, tmp_path, monkeypatch
):
    if spoil is not None:
        whole = Training.answers

        def spoiled(self, *arguments):
            logits, right = whole(self, *arguments)
            return logits * spoil, right

        monkeypatch.setattr(Training, "answers", spoiled)
    with pytest.raises(InputError, match=f"the loss at .*{where} is .*; lower learning_rate"):
        trained(tmp_path, files, **changes)
    assert not list(tmp_path.glob("[0-9]*.pt"))


@pytest.mark.parametrize("name", [field.name for field in fields(Recipe)])
def test_a_change_of_any_setting_of_a_recipe_starts_a_training_anew(name, files):
    other = replace(RECIPE, **{name: CHANGED.get(name, 1000)})
    assert identity_of(RECIPE, files, "code") != identity_of(other, files, "code")


def test_other_data_or_code_starts_a_training_anew(files):
    first = identity_of(RECIPE, files, "code")
    assert first == identity_of(replace(RECIPE), files, "code")
    assert first != identity_of(RECIPE, files[::-1], "code")
    assert first != identity_of(RECIPE, files, "other code")


def test_every_mark_leaves_a_checkpoint(files, tmp_path):
    trained(tmp_path, files)
    saved = [weights(tmp_path / f"{mark}.pt") for mark in MARKS]
    for earlier, later in pairwise(saved):
        assert not equal(earlier, later)


def test_the_learning_rate_rises_over_the_warmup_and_falls_to_two_percent():
    rates = [rate_scale(step, 100, 10) for step in range(101)]
    assert rates[0] == 0.1
    assert rates[9] == 1.0
    assert rates[100] == pytest.approx(0.02)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_held_out_masks_do_not_depend_on_the_seed_of_a_recipe(files):
    proteins = ["ACDEFGHIKLMNPQRSTVWY" * 3] * 8
    first, second = (Training(replace(RECIPE, seed=seed), CPU) for seed in (0, 1))
    second.module.load_state_dict(copy.deepcopy(first.module.state_dict()))
    assert first.held_out_loss(proteins) == second.held_out_loss(proteins)


def test_training_goes_on_after_a_look_at_held_out_proteins(files):
    run = Training(RECIPE, CPU)
    run.held_out_loss(["ACDEFGHIKLMNPQRSTVWY" * 3])
    run.learn(["ACDEFGHIKLMNPQRSTVWY" * 3])  # rotary tables of inference mode would stop this
    assert run.module.training


def test_bfloat16_learns_nearly_the_same(undisturbed, files, tmp_path):
    losses, _ = trained(tmp_path, files, precision="bfloat16")
    assert losses["100"] == pytest.approx(undisturbed[0]["100"], rel=0.05)


@pytest.mark.parametrize("role", [0, 1], ids=["data", "held_out"])
def test_a_wrong_protein_is_refused_before_the_first_step(role, files, tmp_path):
    spoilt = list(files)
    spoilt[role] = tmp_path / "spoilt.fasta"
    spoilt[role].write_text(files[role].read_text() + ">withdrawn\n")
    with pytest.raises(InputError, match=r"spoilt\.fasta: a record without sequence: line \d+ "):
        trained(tmp_path / "made", spoilt)
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.parametrize("family", ["esm2", "carp"])
def test_proteins_of_one_residue_can_be_learnt_from(family, tmp_path):
    files = [tmp_path / "data.fasta", tmp_path / "held_out.fasta"]
    for path, letters in zip(files, ("AC", "DE"), strict=True):
        path.write_text("".join(f">{letter}\n{letter}\n" for letter in letters))
    changes = {"esm2": {}, "carp": {"family": "carp", "architecture": CARP}}[family]
    losses, _ = trained(tmp_path / "made", files, steps=8, **changes)
    assert all(0 < loss < 20 for loss in losses.values())
