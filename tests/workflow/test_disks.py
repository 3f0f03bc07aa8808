"""What a study does where its disk fills up, or may not be written: nothing is lost, and the next
run completes alike. The disks are real ones, small file systems in a mount namespace."""

import subprocess

import pytest

from helpers.studies import Study
from hostile.test_hostile_disks import UNSHARE, can_mount, on_disk

pytestmark = [
    pytest.mark.runs,
    pytest.mark.skipif(not can_mount(), reason="needs `unshare` with user namespaces"),
]

FILL = """
import pathlib, sys
import numpy as np
from plmbench.core.logs import run
from plmbench.store.embeddings import new_embeddings

class Job:
    log, rule = ["disk/embed.log"], "embed"

def main(job):
    ids = [f"P{i}" for i in range(4000)]
    with new_embeddings("disk/x.h5", ids, [9] * 4000, 2, {"mean": 1024}, {}) as writer:
        block = np.ones((2, 1000, 1024), np.float32)
        for start in range(0, 4000, 1000):
            writer.write("mean", start, block)
            if start == 1000:  # another program takes the room
                try:
                    with open("disk/other", "wb") as other:
                        while True:
                            other.write(bytes(1 << 16))
                except OSError:
                    pass

try:
    run(main, Job)
except SystemExit as error:
    print(error)
print(sorted(path.name for path in pathlib.Path("disk").iterdir()))
"""


def test_a_disk_that_fills_up_while_embeddings_are_written_is_named_and_leaves_nothing(tmp_path):
    message, left = on_disk(tmp_path, "size=110m", FILL).splitlines()
    assert message.startswith("Error in rule embed: ")
    assert "No space left on device" in message
    assert "make room and run again" in message
    assert left == "['embed.log', 'other']"


class ReadOnly(Study):
    """A study whose results folder may be read and not written."""

    def start(self, *arguments):
        mount = "mount --bind results results && mount -o remount,bind,ro results"
        command = [*UNSHARE, "sh", "-c", f'{mount} && exec "$@"', "sh"]
        return super().start(*arguments, within=command)


def test_a_results_folder_that_is_read_only_loses_nothing(study, finished):
    readonly = ReadOnly(study.root)
    assert readonly.counts() == {}
    study.append("scripts/plmbench/compare/summary.py", "\nNEW = 1\n")
    output = readonly.fail()
    assert "Write-protected output files" in output
    summary = "results/tables/summary.tsv"
    study.run(summary)
    assert study.read(summary) == finished.read(summary)


def test_the_mount_is_read_only(tmp_path):
    (tmp_path / "results").mkdir()
    mount = "mount --bind results results && mount -o remount,bind,ro results && touch results/x"
    done = subprocess.run([*UNSHARE, "sh", "-c", mount], cwd=tmp_path, check=False)
    assert done.returncode != 0
