"""The device a job computes on: each job has a CUDA device of its own, by one lock file per
device.

With `--resources gpu=4` Snakemake runs four embed jobs at a time, and each takes the first device
that no other one holds. The kernel drops a lock with the process that holds it, also on kill -9, so
that a lock file that was left behind holds nothing. Locks are one user's on one machine: they do
not tell users of one workstation apart, and do not see processes that take none.

Tested with processes and lock files, on devices in name only: no GPU has run this.
"""

import hashlib
import os
import platform
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from plmbench.core.errors import InputError
from plmbench.core.logs import log

if TYPE_CHECKING:
    import torch

POLL = 1.0  # seconds between looks at devices that are all taken
SHARED = stat.S_IRWXG | stat.S_IRWXO


def device_for(text: str, key: str = "compute.device") -> "torch.device":
    """Return the torch.device for `auto`, `cpu`, `cuda` or `cuda:N`, which a setting says.

    Raises InputError where there is no such device.
    """
    import torch  # seconds, for a process that only waits for a lock

    if text == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(text)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(
            f"{key} is {text!r}, this machine shows {torch.cuda.device_count()} CUDA "
            "device(s); set it to auto or cpu"
        )
    return device


@contextmanager
def reserved_device(text: str, key: str = "compute.device") -> "Iterator[torch.device]":
    """Hold a device while the context lasts; yield the torch.device.

    text, key: as of `device_for`; `auto` and `cuda` take a CUDA device that no other job holds, and
    wait for one where all are held. `cpu` and `cuda:N` are taken as they are, without a lock.
    """
    import torch

    device = device_for(text, key)
    if device.type == "cpu" or device.index is not None:
        yield device
        return
    with free_position(visible_devices(torch.cuda.device_count())) as position:
        yield torch.device("cuda", position)


def visible_devices(count: int, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the names of the `count` devices that torch shows, in torch's order.

    A name is the index or UUID in CUDA_VISIBLE_DEVICES, of which torch shows those before the first
    that is not there; without it the position. One device has one name for all jobs as long as
    these use either indices or UUIDs. The list is SLURM's in a job of SLURM, so that the devices
    of other jobs are no candidates.
    """
    if "CUDA_VISIBLE_DEVICES" not in environment:
        return [str(position) for position in range(count)]
    names = environment["CUDA_VISIBLE_DEVICES"].split(",")
    return [str(int(name)) if name.strip().isdigit() else name.strip() for name in names[:count]]


def scope(environment: Mapping[str, str] = os.environ) -> str:
    """Return within what a device's name means one device: this machine, or a step of SLURM's.

    SLURM may number the devices of each job from 0, while it gives none to two jobs at once.
    """
    if {"SLURM_JOB_ID", "CUDA_VISIBLE_DEVICES"} <= set(environment):
        return f"slurm {environment['SLURM_JOB_ID']}.{environment.get('SLURM_STEP_ID', '')}"
    return "machine"


def lock_folder(parent: str | Path | None = None) -> Path:
    """Return the folder of this user's locks on this machine, made where it is not there.

    It is not in $XDG_RUNTIME_DIR, which goes with the last login while Snakemake may run on.
    Raises InputError where others could have put files there.
    """
    host = hashlib.sha256(platform.node().encode()).hexdigest()[:8]  # /tmp may be the network's
    folder = Path(parent or tempfile.gettempdir()) / f"plmbench-{os.getuid()}-{host}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & SHARED:
        raise InputError(
            f"{folder}: locks of devices need a folder of your own with mode 0700, this one is "
            f"{stat.filemode(facts.st_mode)} of user {facts.st_uid}; remove it, or set TMPDIR"
        )
    return folder


def lock_of(name: str, folder: Path) -> FileLock:
    """Return the FileLock of the device `name`, which becomes a digest: it is text from outside."""
    digest = hashlib.sha256(f"{scope()}\n{name}".encode()).hexdigest()[:16]
    return FileLock(folder / f"{digest}.lock", timeout=0)


def entered(locks: Sequence[FileLock], stack: ExitStack) -> int | None:
    """Return the position of the first lock that is free, and hold it by `stack`; None if all are
    held."""
    for position, lock in enumerate(locks):
        try:
            stack.enter_context(lock)
        except Timeout:
            continue
        return position
    return None


@contextmanager
def free_position(
    names: Sequence[str], parent: str | Path | None = None, poll: float = POLL
) -> Iterator[int]:
    """Hold a device while the context lasts; yield its position in `names`.

    names: of the devices to choose from, the first free one of which is taken; where all are held,
    this waits, looks again each `poll` seconds, and says so. parent: where `lock_folder` is.
    Raises InputError without names.
    """
    if not names:
        raise InputError("no CUDA device is visible; set compute.device to auto or cpu")
    folder = lock_folder(parent)
    locks = [lock_of(name, folder) for name in names]
    with ExitStack() as stack:
        if (position := entered(locks, stack)) is None:
            log.info("all %d CUDA devices are held by other jobs, waiting for one", len(names))
        while position is None:
            time.sleep(poll)
            position = entered(locks, stack)
        log.info("CUDA device %s, as cuda:%d", names[position], position)
        yield position
