"""What a network makes of a nudge at one residue: every residue's answer at every layer.

In: sequences and a network. Out: a file of responses of `store`. Next room: `compare`.
"""

from plmbench.perturb.responses import response

__all__ = ["response"]
