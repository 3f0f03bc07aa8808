"""Task types: what a data set labels, and with what."""

REGRESSION = "regression"  # one number per sequence
CLASSIFICATION = "classification"  # one class per sequence
RESIDUE_CLASSIFICATION = "residue_classification"  # one class per residue
TASK_TYPES = (REGRESSION, CLASSIFICATION, RESIDUE_CLASSIFICATION)
