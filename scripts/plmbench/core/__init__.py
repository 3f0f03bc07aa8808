"""What every room shares: errors, logs, digests, the alphabet, and the names of things.

In: nothing of the project. Out: one light module per topic. Every room may import it.
"""
