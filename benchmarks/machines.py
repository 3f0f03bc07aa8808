"""The machine that a benchmark runs on."""

import os
import platform
import re
from pathlib import Path


def processor():
    """Return the processor's name, and how many of its threads there are, as a file name."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = f"{found[1] if found else platform.machine()} {threads} threads"
    return re.sub(r"\W+", "_", name).strip("_").lower()


def peak_bytes():
    """Return the peak memory of this process; its own, not that of the one that started it, which
    Linux counts in `ru_maxrss`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024
