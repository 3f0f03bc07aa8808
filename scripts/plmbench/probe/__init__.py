"""Layers and labels to predictions and scores, by simple models fitted on each layer.

In: a file of `store` and labels. Out: scores, predictions on test. Next room: `compare`.
"""
