"""Simulations of what the statistics of `compare` say where the truth is known."""
