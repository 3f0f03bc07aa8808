"""The Python that runs jobs, where its path has a space."""

import os
import sys


def let_python_be_found() -> None:
    """Let Snakemake start this Python by its name, if its path has a space.

    Snakemake writes the path into a shell command without quotes; PATH knows no such trouble.
    """
    if " " in sys.executable:
        folder, sys.executable = os.path.split(sys.executable)
        os.environ["PATH"] = os.pathsep.join([folder, *os.get_exec_path()])
