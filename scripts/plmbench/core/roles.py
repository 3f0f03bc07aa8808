"""Roles of what is compared, as tables name them."""

NETWORK, BASELINE, CONTROL, ABLATION = "network", "baseline", "control", "ablation"


SHUFFLED = "shuffled labels"  # the arm of a probe that is fit on permuted labels
