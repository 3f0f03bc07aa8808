"""Snakemake that is loaded once: each call is a fork, which needs no second for its imports.

What is loaded beforehand is Snakemake and the libraries that it loads itself. Nothing of plmbench:
a fork reads the workflow, and imports its modules, from the folder that it runs in.
"""

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

LOADED = ("snakemake.cli", "snakemake.report.html_reporter", "smart_open", "nbformat", "yte")
LOADED += ("jinja2", "jsonschema", "pandas", "PIL.Image", "pydantic.dataclasses")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a fork has no other


def become(order):
    """Run Snakemake as an order says, in a process group and a folder of its own; ends there."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(source, stream)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.path[0] = order["folder"]  # as `python -m snakemake` has it
    sys.argv = ["snakemake", *order["arguments"]]
    sys.modules["snakemake.cli"].main()


def serve():
    """Fork for each order, a line of JSON; answer with the process, then with its exit status."""
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        if not (child := os.fork()):
            become(json.loads(line))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


@cache
def server():
    """Return the process that serves this one, until it ends."""
    process = subprocess.Popen(
        [sys.executable, __file__],
        env=os.environ | ONE_THREAD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)
    return process


def snakemake(arguments, folder, environment, timeout):
    """Run Snakemake in a folder to its end; return its exit status, and what it said.

    Raises subprocess.TimeoutExpired after so many seconds, and ends it.
    """
    ours = server()
    with tempfile.NamedTemporaryFile() as output:
        order = {"arguments": arguments, "folder": str(folder), "environment": environment}
        ours.stdin.write(json.dumps(order | {"output": output.name}) + "\n")
        ours.stdin.flush()
        child = int(ours.stdout.readline())
        alarm = threading.Timer(timeout, os.killpg, (child, signal.SIGKILL))
        alarm.start()
        code = int(ours.stdout.readline())
        alarm.cancel()
        said = Path(output.name).read_text(encoding="utf-8", errors="replace")
    if code == -signal.SIGKILL:
        raise subprocess.TimeoutExpired(arguments, timeout, said)
    return code, said


if __name__ == "__main__":
    serve()
