"""Simulations of what the statistics of `compare` say where the truth is known."""

import os

# Products are small here: threads would wait for one another. It must be said before numpy is read.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
