"""Embeddings in HDF5: written whole or not at all, checked when they are read, joined from shards.

In: pooled states. Out: one layer at a time. Next room: `probe`.
"""
