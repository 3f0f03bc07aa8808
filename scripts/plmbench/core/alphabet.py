"""The letters of sequences: what can be a residue, what stands between residues, and what neither
is."""

import re

STANDARD = "ACDEFGHIKLMNPQRSTVWY"
LETTERS = STANDARD + "BOUXZ"  # what every family has a token for
NUCLEOTIDES = "ACGTUN"
MASK = "#"  # a masked residue, as sequence-models writes it; a user's own is no residue
RESIDUE_POLICIES = ("error", "mask", "drop")  # for residues that not every family knows
RESIDUES = "letters, '*', '-' and '.'"  # in messages

# Taken out of every sequence. Python counts 0x1c to 0x1f among blanks; here they are damage.
BLANKS = "".join(c for c in map(chr, range(0x3001)) if c.isspace() and not "\x1c" <= c <= "\x1f")
BLANK = re.compile(f"[{BLANKS}]")
NO_RESIDUE = re.compile(f"[^A-Za-z*.{BLANKS}-]")  # refused under every policy
NONSTANDARD = re.compile(f"[^{LETTERS}]")  # what a policy decides on, among residues
