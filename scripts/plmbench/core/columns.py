"""Columns that say what a row of a table is of."""

TASK = ["dataset", "split"]
SETTING = [*TASK, "probe", "pooling"]  # one task under one probe and pooling
NETWORK_ROW = [*SETTING, "model"]  # one row of verdicts.tsv
SEEN = "seen_in_pretraining"  # distinct test sequences that a network was pretrained on
ARM = [*TASK, "model", "ablation", "pooling", "probe"]
