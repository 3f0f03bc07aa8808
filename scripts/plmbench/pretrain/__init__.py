"""Proteins to small pretrained networks, by a recipe.

In: FASTA files. Out: checkpoints and their catalogue entries. Next room: `models`.
"""
