"""A user's files to labelled sequences, splits and shards.

In: files, downloads, archives. Out: tables of sequences and labels. Next rooms: `models`, `embed`.
"""
