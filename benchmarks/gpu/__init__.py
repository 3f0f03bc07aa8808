"""What a GPU gives, in one unattended run: is it right, how fast, and where does the time go.

usage: make gpu, or python -m benchmarks.gpu [--minutes M] [--out FOLDER] [--wheels FOLDER]

Needs Python 3.11 or newer and a CUDA build of torch 2.11 or newer. What else is imported is pure
Python (fair-esm, sequence-models, filelock, numpy apart) and may lie in a folder of wheels.
"""
