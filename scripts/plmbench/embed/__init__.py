"""A data set through a network: every layer in one pass, pooled.

In: sequences and a network. Out: a file of `store`. Next room: `probe`.
"""
