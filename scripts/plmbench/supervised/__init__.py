"""Sequences and labels to predictions and scores, without an embedding: baselines to beat.

In: sequences and labels. Out: scores, predictions on test, as of `probe`. Next room: `compare`.
"""
