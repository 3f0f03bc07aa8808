"""The command `plmbench`: where Snakemake is clumsy, and nowhere else.

In: a study's file, or the results of a run. Out: what is written to the terminal, and by `init` a
study's file. No rule calls this room.
"""
