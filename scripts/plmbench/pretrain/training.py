"""Masked-language-model training by a recipe: deterministic on a CPU, resumable, with checkpoints.

What a step sees depends on the seed and the step's number alone, so that a training which was
killed goes on from its last save as if nothing had been.
"""

import math
import time

import torch
from torch.nn import functional

from plmbench.core.logs import clock, log
from plmbench.hardware.memory import keep_freed_memory, use_full_precision
from plmbench.models.checkpoints import save_checkpoint
from plmbench.pretrain.corpus import batches, read_proteins
from plmbench.pretrain.masking import corrupt, generator_of
from plmbench.pretrain.networks import build, checkpoint_of

MARKS = {"12": 1 / 8, "25": 1 / 4, "50": 1 / 2, "100": 1.0}  # where a checkpoint is kept
SAVE_EVERY, SAY_EVERY = 60.0, 10.0  # seconds
BETAS = (0.9, 0.98)
FLOOR = 0.02  # of the largest rate, at the end of the cosine
HELD_OUT_MASKS = 2**31  # the seed of the held-out masks, which no recipe's own seed is


def rate_at(step, steps, warmup):
    """Return the share of the largest rate: linear over `warmup` steps, then a cosine to FLOOR."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * done))


class Training:
    """A network, its optimiser and how far it is; saved whole, in one file."""

    def __init__(self, recipe, device):
        """recipe: an entry of config/recipes.yaml."""
        self.recipe, self.device, self.step = recipe, device, 0
        self.trainee = build(recipe["family"], recipe["architecture"], recipe["seed"])
        self.module = self.trainee.encoder.module.to(device)
        self.trained = [p for p in self.module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            self.trained,
            lr=recipe["learning_rate"],
            betas=BETAS,
            weight_decay=recipe["weight_decay"],
            fused=True,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimiser, lambda step: rate_at(step, recipe["steps"], recipe["warmup"])
        )

    def state(self):
        """Return all that a resumed training needs, as tensors and plain containers."""
        parts = {n: getattr(self, n).state_dict() for n in ("module", "optimiser", "schedule")}
        return {"step": self.step, **parts}

    def restore(self, state):
        """Go on from what `state` returned."""
        self.step = state["step"]
        for name in ("module", "optimiser", "schedule"):
            getattr(self, name).load_state_dict(state[name])

    def masked_loss(self, sequences, generator, reduction="mean"):
        """Return the cross-entropy in nats at the chosen residues, and how many these are."""
        tokens = self.trainee.encoder.tokenize(sequences)
        residues = self.trainee.encoder.residues(tokens)
        known = self.trainee.letters, self.trainee.mask
        shown, chosen = corrupt(tokens, residues, *known, generator)
        half = self.recipe["precision"] == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=half):
            logits = self.trainee.logits(shown.to(self.device))
        chosen = chosen.to(self.device)
        loss = functional.cross_entropy(
            logits[chosen].float(), tokens.to(self.device)[chosen], reduction=reduction
        )
        return loss, int(chosen.sum())

    def learn(self, sequences):
        """Take one step; return the loss before it, in nats a masked residue."""
        loss, _ = self.masked_loss(sequences, generator_of(self.recipe["seed"], self.step))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, self.recipe["max_grad_norm"])
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        return loss.item()

    @torch.no_grad()  # not inference mode: a rotary table made there can never be trained with
    def held_out_loss(self, proteins):
        """Return the mean cross-entropy in nats over the masked residues of held-out proteins,
        under masks that are the same for every network."""
        self.module.eval()
        total, count = 0.0, 0
        for i, start in enumerate(range(0, len(proteins), 16)):
            cut = [protein[:512] for protein in proteins[start : start + 16]]
            loss, n = self.masked_loss(cut, generator_of(HELD_OUT_MASKS, i), "sum")
            total, count = total + loss.item(), count + n
        self.module.train()
        return total / count


class Pace:
    """Say how far a training is, how fast, and how long it will take, at most every SAY_EVERY."""

    def __init__(self, first, steps):
        self.first, self.steps, self.residues, self.losses = first, steps, 0, []
        self.start = self.said = time.monotonic()

    def advance(self, step, residues, loss):
        """Count a step as done."""
        self.residues += residues
        self.losses.append(loss)
        now = time.monotonic()
        if now - self.said < SAY_EVERY and step < self.steps:
            return
        seconds, mean = now - self.start, sum(self.losses) / len(self.losses)
        left = seconds / (step - self.first) * (self.steps - step)
        log.info(
            f"step {step:,} of {self.steps:,}, loss {mean:.4f}, {self.residues / seconds:,.0f} "
            f"residues/s, {clock(left)} left"
        )
        self.said, self.losses = now, []


def resumed(training, folder, identity):
    """Restore the last save of the same training in `folder`; return the losses at its marks."""
    path = folder / "state.pt"
    if not path.exists():
        return {}
    state = torch.load(path, map_location=training.device, weights_only=True)
    if state["identity"] != identity:
        log.info("%s is of another recipe or of other data: starting anew", path)
        return {}
    training.restore(state["training"])
    log.info("going on from step %d", training.step)
    return state["losses"]


def pretrain(recipe, data, held_out, folder, identity, device):
    """Train by a recipe; return {mark: held-out loss in nats}.

    Leaves checkpoints `<mark>.pt` of MARKS in `folder`, and keeps there what a resumed training
    needs. data, held_out: FASTA files; identity: a text that is equal for the same recipe and data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    proteins, unseen = read_proteins(data), read_proteins(held_out)
    log.info("%d proteins, %d residues", len(proteins), sum(map(len, proteins)))
    use_full_precision()
    keep_freed_memory()
    training = Training(recipe, device)
    losses = resumed(training, folder, identity)
    saved, steps = time.monotonic(), recipe["steps"]
    marks = {round(share * steps): mark for mark, share in MARKS.items()}
    pace = Pace(training.step, steps)
    drawn = batches(proteins, recipe["max_length"], recipe["tokens"], recipe["seed"], training.step)
    while training.step < steps:
        batch = next(drawn)
        pace.advance(training.step + 1, sum(map(len, batch)), training.learn(batch))
        mark = marks.get(training.step)
        if mark:
            losses[mark] = training.held_out_loss(unseen)
            log.info("mark %s: held-out loss %.4f nats", mark, losses[mark])
            parts = recipe["family"], recipe["architecture"], training.trainee
            save_checkpoint(checkpoint_of(*parts), folder / f"{mark}.pt")
        if mark or time.monotonic() - saved > SAVE_EVERY:
            state = {"identity": identity, "losses": losses, "training": training.state()}
            save_checkpoint(state, folder / "state.pt")
            saved = time.monotonic()
    return losses
