"""Axes along which what pretraining gives may rise, as tables name them, and the words for it."""

from plmbench.core.verdicts import NOT_ASSESSABLE, UNCLEAR

SIZE, DEPTH, PRETRAINING, LOSS = "size", "depth", "pretraining", "loss"
AXES = (SIZE, DEPTH, PRETRAINING, LOSS)
TESTED_AXES = (SIZE, DEPTH, PRETRAINING)  # along the loss the gain is described, and not tested

RISES, FALLS = "rises", "falls"
TRENDS = (RISES, FALLS, UNCLEAR, NOT_ASSESSABLE)

# What a slope is per, by axis.
PER = {
    SIZE: "doubling of the parameters",
    DEPTH: "layers, first to last",
    PRETRAINING: "doubling of the pretraining",
}
