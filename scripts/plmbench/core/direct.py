"""An arm that predicts from the sequences themselves: it has no embedding, and no probe on one.

Where a table, a path or a file of predictions names the probe or the pooling of an arm, these stand
in their place.
"""

DIRECT = "direct"  # in the place of a probe's name
NO_POOLING = "none"
ARM = {"weights": "none", "probe": DIRECT}  # its names in a table
