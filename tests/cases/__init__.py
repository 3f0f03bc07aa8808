"""What real people's files and runs do to the workflow, and what is right: each case a small study.

`files` has those about files, `runs` those about runs; `run_all.sh` runs them all.
"""
