"""Training by a recipe: deterministic on a CPU, resumable, with checkpoints.

What a step sees depends on the seed and the step's number alone, so that a training which was
killed goes on from its last save as if nothing had happened.
"""

import math
import pickle
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from plmbench.core.errors import UNBUILDABLE, InputError
from plmbench.core.logs import clock, log
from plmbench.hardware.memory import keep_freed_memory, use_full_precision
from plmbench.models.checkpoints import save_checkpoint
from plmbench.pretrain.corpus import batches, check_apart, read_proteins
from plmbench.pretrain.masking import generator_of
from plmbench.pretrain.networks import build, checkpoint_of
from plmbench.pretrain.objectives import IGNORED, OBJECTIVES
from plmbench.pretrain.recipes import MARKS, Recipe

SAVE_EVERY, LOG_EVERY = 60.0, 10.0  # seconds
SAVED = "state.pt"
BETAS = (0.9, 0.98)
# What torch raises for a file that is none of its own, or was cut or written over.
UNLOADABLE = (*UNBUILDABLE, OSError, EOFError, pickle.UnpicklingError)
FLOOR = 0.02  # of the largest learning rate, at the end of the cosine
HELD_OUT_MASKS = 2**31  # the seed of the held-out masks, which no recipe's own seed is
HELD_OUT_BATCH, HELD_OUT_LENGTH = 16, 512  # proteins at a time, and residues of each


def rate_scale(step: int, steps: int, warmup: int) -> float:
    """Return the learning rate of a step as a share of the largest: it rises linearly over `warmup`
    steps, then falls along a cosine to FLOOR."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * done))


def check_finite(loss: float, where: str) -> None:
    """Raise InputError where a training has diverged: what comes after is no network."""
    if not math.isfinite(loss):
        raise InputError(
            f"the loss at {where} is {loss}, so nothing is learnt any more; lower learning_rate "
            "or max_grad_norm of the recipe, lengthen its warmup, or set precision to float32"
        )


class Training:
    """A network, its optimiser and how far it is; saved whole, in one file."""

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        """Draw the first weights, and put them on a device."""
        self.recipe, self.device, self.step = recipe, device, 0
        self.trainee = build(recipe.family, recipe.architecture, recipe.seed)
        self.module = self.trainee.encoder.module.to(device)
        self.trained = [p for p in self.module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            self.trained,
            lr=recipe.learning_rate,
            betas=BETAS,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: rate_scale(step, recipe.steps, recipe.warmup)
        )

    def state(self) -> dict[str, Any]:
        """Return all that a resumed training needs, as tensors and plain containers."""
        parts = {n: getattr(self, n).state_dict() for n in ("module", "optimiser", "schedule")}
        return {"step": self.step, **parts}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.step = state["step"]
        for name in ("module", "optimiser", "schedule"):
            getattr(self, name).load_state_dict(state[name])

    def answers(
        self, sequences: Sequence[str], generator: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """Return what the network says where it must tell a token, float32 [token, vocabulary], and
        what is right, int64 [token]."""
        encoder, words = self.trainee.encoder, self.trainee.words
        tokens = encoder.tokenize(sequences)  # [sequence, token]
        objective = OBJECTIVES[self.recipe.objective]
        shown, targets = objective(tokens, encoder.residues(tokens), words, generator)
        half = self.recipe.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            logits = self.trainee.logits(*(each.to(self.device) for each in shown))
        asked = (targets != IGNORED).to(self.device)  # [sequence, token]
        return logits[asked].float(), targets.to(self.device)[asked]

    def learn(self, sequences: Sequence[str]) -> float:
        """Take one step; return the loss before it, in nats per token that it must tell."""
        loss = functional.cross_entropy(
            *self.answers(sequences, generator_of(self.recipe.seed, self.step))
        )
        self.optimiser.zero_grad(set_to_none=True)
        value = loss.item()
        check_finite(value, f"step {self.step + 1:,}")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, self.recipe.max_grad_norm)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        return value

    @torch.no_grad()  # not inference mode: a rotary table made there can never be trained with
    def held_out_loss(self, proteins: Sequence[str]) -> float:
        """Return the mean cross-entropy in nats over the residues of held-out proteins that the
        network must tell; which these are is the same for every network of an objective."""
        self.module.eval()
        total, count = 0.0, 0
        amino_acids = torch.tensor(self.trainee.words.amino_acids, device=self.device)
        longest = min(HELD_OUT_LENGTH, self.trainee.longest or HELD_OUT_LENGTH)
        for i, start in enumerate(range(0, len(proteins), HELD_OUT_BATCH)):
            batch = proteins[start : start + HELD_OUT_BATCH]
            cut = [protein[:longest] for protein in batch]
            logits, right = self.answers(cut, generator_of(HELD_OUT_MASKS, i))
            known = torch.isin(right, amino_acids)  # marks of spans and ends are no residues
            loss = functional.cross_entropy(logits[known], right[known], reduction="sum")
            total, count = total + loss.item(), count + int(known.sum())
        self.module.train()
        check_finite(total, f"the held-out proteins after step {self.step:,}")
        return total / count

    def checkpoint(self) -> dict[str, Any]:
        """Return the network as its library's checkpoint."""
        return checkpoint_of(self.recipe.family, self.recipe.architecture, self.trainee)


class Pace:
    """Logs how far a training is, how fast, and how long it will take."""

    def __init__(self, first: int, steps: int) -> None:
        """first: the step from which the training goes on; steps: all steps."""
        self.first, self.steps, self.residues = first, steps, 0
        self.losses: list[float] = []
        self.start = self.last_logged = time.monotonic()

    def advance(self, step: int, residues: int, loss: float) -> None:
        """Count a step as done, and log it after LOG_EVERY seconds or if it is the last."""
        self.residues += residues
        self.losses.append(loss)
        now = time.monotonic()
        if now - self.last_logged < LOG_EVERY and step < self.steps:
            return
        seconds, mean = now - self.start, sum(self.losses) / len(self.losses)
        left = seconds / (step - self.first) * (self.steps - step)
        log.info(
            f"step {step:,} of {self.steps:,}, loss {mean:.4f}, {self.residues / seconds:,.0f} "
            f"residues/s, {clock(left)} left"
        )
        self.last_logged, self.losses = now, []


def keep_checkpoint(training: Training, mark: str, unseen: Sequence[str], folder: Path) -> float:
    """Write the checkpoint of a mark; return its loss on the proteins `unseen`, in nats."""
    loss = training.held_out_loss(unseen)
    log.info("mark %s: held-out loss %.4f nats", mark, loss)
    save_checkpoint(training.checkpoint(), folder / f"{mark}.pt")
    return loss


def save(training: Training, losses: dict[str, float], folder: Path, identity: str) -> None:
    """Write what a resumed training needs."""
    state = {"identity": identity, "losses": losses, "training": training.state()}
    save_checkpoint(state, folder / SAVED)


def resumed(training: Training, folder: Path, identity: str) -> dict[str, float]:
    """Restore the last save of the same training in `folder`; return the losses at its marks."""
    path = folder / SAVED
    if not path.exists():
        return {}
    try:
        state = torch.load(path, map_location=training.device, weights_only=True)
        same, losses = state["identity"] == identity, dict(state["losses"])
    except UNLOADABLE as error:
        kind = type(error).__name__  # torch's own words advise to trust the file
        log.warning("%s is no whole save (%s): starting from the first step", path, kind)
        return {}
    if not same:
        log.info("%s is of another recipe or of other data: starting from the first step", path)
        return {}
    training.restore(state["training"])
    log.info("going on from step %d", training.step)
    return losses


def pretrain(
    recipe: Recipe,
    data: Path | str,
    held_out: Path | str,
    folder: Path,
    identity: str,
    device: torch.device,
) -> dict[str, float]:
    """Train by a recipe; return {mark: held-out loss in nats}.

    Leaves checkpoints `<mark>.pt` of MARKS in `folder`, and keeps there what a resumed training
    needs. data, held_out: FASTA files; identity: a text that is equal for the same recipe and data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    proteins, unseen = read_proteins(data), read_proteins(held_out)
    check_apart(proteins, unseen, held_out, data)
    log.info("%d proteins, %d residues", len(proteins), sum(map(len, proteins)))
    use_full_precision()
    keep_freed_memory()
    training = Training(recipe, device)
    losses = resumed(training, folder, identity)
    saved = time.monotonic()
    marks = {round(share * recipe.steps): mark for mark, share in MARKS.items()}
    pace = Pace(training.step, recipe.steps)
    drawn = batches(proteins, recipe.max_length, recipe.tokens, recipe.seed, training.step)
    while training.step < recipe.steps:
        batch = next(drawn)
        pace.advance(training.step + 1, sum(map(len, batch)), training.learn(batch))
        mark = marks.get(training.step)
        if mark:
            losses[mark] = keep_checkpoint(training, mark, unseen, folder)
        if mark or time.monotonic() - saved > SAVE_EVERY:
            save(training, losses, folder, identity)
            saved = time.monotonic()
    return losses
