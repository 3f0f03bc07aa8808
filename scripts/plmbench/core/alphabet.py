"""The letters of sequences."""

STANDARD = "ACDEFGHIKLMNPQRSTVWY"
LETTERS = STANDARD + "BOUXZ"  # what every family has a token for
MASK = "#"  # a masked residue, as sequence-models writes it
RESIDUE_POLICIES = ("error", "mask", "drop")  # for residues that not every family knows
