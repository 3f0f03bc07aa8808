"""A checkpoint to a network behind the interface `Encoder`; baselines; ablations of weights.

In: a checkpoint and a catalogue entry. Out: states of every layer. Next room: `embed`.
"""
