"""`python -m plmbench.command`: the command, without an installation."""

from plmbench.command.app import main

main()
