"""Axes along which a task's score may rise from network to network, as tables name them."""

SIZE, DEPTH, PRETRAINING, LOSS = "size", "depth", "pretraining", "loss"
AXES = (SIZE, DEPTH, PRETRAINING, LOSS)
DECIDING_AXES = (SIZE, DEPTH, PRETRAINING)  # those that a verdict of `scales` needs
