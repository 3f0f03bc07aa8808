"""A device a job: real processes and lock files, devices in name only; no GPU is needed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers.extraction import embed, nothing_left
from helpers.networks import save_tiny
from plmbench.core.errors import InputError
from plmbench.hardware.devices import device_for, free_position, lock_folder, reserved_device
from plmbench.hardware.devices import visible_devices as visible

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NAMES = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_STEP_ID")
UUIDS = ("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "GPU-1d3cbae4-d72c-4106-c12f-20bd9faed9f6")
HOLD = """
import logging, sys
from plmbench.hardware.devices import free_position, visible_devices

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
with free_position(visible_devices(4), sys.argv[1], poll=0.02):
    sys.stdin.read()
"""


class Holder:
    """A process that holds one of four devices until it is let go."""

    def __init__(self, folder, **environment):
        usual = {name: value for name, value in os.environ.items() if name not in NAMES}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(folder)],
            env=usual | {"PYTHONPATH": str(SCRIPTS)} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self):
        """Return the next line that it logs."""
        return self.process.stdout.readline().rstrip()

    def holds(self):
        """Return the name of its device and the position among its own; wait until it has one."""
        return re.fullmatch(r"CUDA device (.+), as cuda:(\d)", self.says()).groups()

    def waits(self):
        """Tell whether it says that it waits."""
        return re.fullmatch(r"all \d CUDA devices are held by .* waiting for one", self.says())

    def end(self):
        """Let it end as a job does."""
        assert self.process.poll() is None
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0

    def kill(self):
        """End it by kill -9."""
        self.process.kill()
        self.process.wait(timeout=20)


@pytest.fixture
def holder(tmp_path):
    """Return `holder(**environment)`, which starts a Holder; all of them have one lock folder."""
    started = []

    def start(**environment):
        started.append(Holder(tmp_path, **environment))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.process.communicate()


@pytest.fixture(autouse=True)
def _no_list_of_devices(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_four_jobs_at_once_hold_four_devices_and_a_fifth_waits_for_the_one_let_go(holder):
    jobs = [holder() for _ in range(4)]
    held = [job.holds() for job in jobs]
    assert sorted(held) == [(str(i), str(i)) for i in range(4)]
    fifth = holder()
    assert fifth.waits()
    jobs[2].end()
    assert fifth.holds() == held[2]


def test_kill_9_of_a_job_frees_its_device_and_the_lock_file_it_leaves_holds_nothing(
    holder, tmp_path
):
    jobs = [holder() for _ in range(4)]
    held = [job.holds() for job in jobs]
    waiting = holder()
    assert waiting.waits()
    jobs[1].kill()
    assert waiting.holds() == held[1]
    for job in (*jobs, waiting):
        job.kill()
    assert len(list(lock_folder(tmp_path).iterdir())) == 4
    assert holder().holds() == ("0", "0")


def test_a_lock_is_of_the_device_and_the_index_of_its_position(holder):
    first, second = holder(CUDA_VISIBLE_DEVICES="3,1"), holder(CUDA_VISIBLE_DEVICES="3,1")
    held = {first.holds(), second.holds()}
    assert held == {("3", "0"), ("1", "1")}
    third = holder(CUDA_VISIBLE_DEVICES="1,3")
    assert third.waits()
    first.end()
    second.end()
    assert third.holds() in {("1", "0"), ("3", "1")}
    assert holder().holds() == ("0", "0")


def test_devices_may_be_named_by_uuid(holder):
    first = holder(CUDA_VISIBLE_DEVICES=f"{UUIDS[0]},{UUIDS[1]}")
    assert first.holds() == (UUIDS[0], "0")
    assert holder(CUDA_VISIBLE_DEVICES=f"{UUIDS[0]}, {UUIDS[1]}").holds() == (UUIDS[1], "1")
    assert holder(CUDA_VISIBLE_DEVICES=UUIDS[0]).waits()


def test_within_a_slurm_job_its_allocation_alone_is_used(holder):
    job = {"SLURM_JOB_ID": "7", "CUDA_VISIBLE_DEVICES": "2,3"}
    first, second, third = (holder(**job) for _ in range(3))
    said = sorted(one.says() for one in (first, second, third))
    assert said[:2] == ["CUDA device 2, as cuda:0", "CUDA device 3, as cuda:1"]
    assert said[2].startswith("all 2 CUDA devices are held")


def test_two_slurm_jobs_whose_devices_are_both_numbered_0_do_not_wait_for_each_other(holder):
    """With cgroups the allocation of each job is numbered from 0."""
    jobs = [holder(SLURM_JOB_ID=job, CUDA_VISIBLE_DEVICES="0") for job in ("7", "8")]
    assert [job.holds() for job in jobs] == [("0", "0")] * 2
    assert holder(SLURM_JOB_ID="7", CUDA_VISIBLE_DEVICES="0").waits()


@pytest.mark.parametrize(
    ("text", "count", "names"),
    [
        (None, 2, ["0", "1"]),
        (None, 0, []),
        ("", 0, []),
        ("-1", 0, []),
        ("3,1", 2, ["3", "1"]),
        (" 3,01", 2, ["3", "1"]),
        ("5,-1,2", 1, ["5"]),  # CUDA shows what stands before the first that is not there
        (",".join(UUIDS), 2, list(UUIDS)),
    ],
)
def test_visible_devices_are_those_of_the_environment_that_torch_shows(text, count, names):
    environment = {} if text is None else {"CUDA_VISIBLE_DEVICES": text}
    assert visible(count, environment) == names


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("text", ["cuda", "cuda:1"])
def test_gpu_that_is_not_there_is_refused(text):
    with (
        pytest.raises(InputError, match=rf"'{text}', this machine shows 0 CUDA.*auto or cpu"),
        reserved_device(text),
    ):
        pass


def test_auto_is_a_device_that_is_there():
    device = device_for("auto")
    assert torch.ones(2, device=device).sum() == 2
    assert device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert device_for("cpu") == torch.device("cpu")


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """Return `shown(count)`: have torch show `count` devices, of which none can compute, and
    return the folder of the lock files."""

    def show(count):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        return lock_folder()

    return show


@pytest.mark.parametrize("text", ["auto", "cuda"])
def test_a_device_is_held_as_long_as_the_context_lasts(shown, text):
    folder = shown(2)
    with reserved_device(text) as first:
        assert first == torch.device("cuda", 0)
        with pytest.raises(ZeroDivisionError), reserved_device(text) as second:
            1 / (second.index - 1)
        with reserved_device(text) as again:
            assert again == torch.device("cuda", 1)
        assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("text", ["cuda:1", "cpu"])
def test_a_device_that_is_named_is_taken_as_it_is(shown, text):
    folder = shown(2)
    with reserved_device(text) as one, reserved_device(text) as other:
        assert one == other == torch.device(text)
        assert not list(folder.iterdir())


def test_on_a_machine_without_gpu_auto_is_the_cpu_and_takes_no_lock(shown):
    folder = shown(0)
    with reserved_device("auto") as device:
        assert device == torch.device("cpu")
        assert not list(folder.iterdir())


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_embedding_is_done_on_the_device_that_is_free_and_lets_go_of_it_when_it_fails(
    shown, tmp_path, caplog
):
    checkpoint = save_tiny("esm2", tmp_path / "tiny.pt")
    shown(2)
    with reserved_device("auto"), caplog.at_level("INFO", "plmbench"):
        for _ in range(2):
            with pytest.raises((AssertionError, RuntimeError), match=r"CUDA|NVIDIA"):
                embed(tmp_path, "esm2", checkpoint=checkpoint, compute={"device": "auto"})
    assert caplog.text.count("CUDA device 1, as cuda:1") == 2
    assert "waiting" not in caplog.text
    assert nothing_left(tmp_path)


def test_the_name_of_a_device_never_becomes_a_path(tmp_path):
    with free_position(["../../../a b\n$(touch x)"], tmp_path):
        [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.parent == lock_folder(tmp_path)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert re.fullmatch(r"[0-9a-f]{16}\.lock", file.name)


def test_no_device_is_an_error_and_no_endless_wait(tmp_path):
    with pytest.raises(InputError, match=r"no CUDA device.*auto or cpu"), free_position([]):
        pass


def writable_by_all(folder):
    folder.mkdir()
    folder.chmod(0o777)


def linked(folder):
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize("make", [writable_by_all, linked, Path.touch])
def test_a_lock_folder_that_others_could_have_made_is_refused(tmp_path, make):
    folder = lock_folder(tmp_path)
    folder.rmdir()
    make(folder)
    with pytest.raises(InputError, match=rf"{re.escape(str(folder))}.*mode 0700.*remove it"):
        lock_folder(tmp_path)


def test_a_lock_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    with pytest.raises(InputError, match=f"of user {user}; remove it"):
        lock_folder(tmp_path)
