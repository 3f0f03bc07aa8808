"""Disks that take no more bytes, or none at all: a sentence that names the place, and nothing half
done. A full disk is a real one: a small file system in a mount namespace of the test's own."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
CONTENT = bytes(3 << 20)
FETCH = """
from plmbench.data.downloads import fetch
from plmbench.core.errors import InputError
import pathlib, sys
try:
    fetch(sys.argv[1], "disk/x.bin", retries=1)
except InputError as error:
    print(error)
print(sorted(path.name for path in pathlib.Path("disk").iterdir()))
"""


@functools.cache
def can_mount():
    """Tell whether this system lets a user mount a file system of their own."""
    command = [*UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"]
    done = shutil.which("unshare") and subprocess.run(command, capture_output=True, check=False)
    return bool(done) and done.returncode == 0


def on_disk(folder, options, program, *arguments):
    """Run a Python program in a folder whose `disk` is a file system of these options; return what
    it printed."""
    (folder / "disk").mkdir()
    shell = f'mount -t tmpfs -o {options} none disk && exec "$@"'
    command = [*UNSHARE, "sh", "-c", shell, "sh", sys.executable, "-c", program, *arguments]
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def url(tmp_path):
    """Serve CONTENT on loopback and return its URL."""
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "x.bin").write_bytes(CONTENT)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "served")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.bin"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(not can_mount(), reason="needs `unshare` with user namespaces")
@pytest.mark.parametrize(
    ("options", "reason"),
    [("size=1m", "No space left on device"), ("ro", "Read-only file system")],
)
def test_a_download_that_the_disk_does_not_take_is_named_and_leaves_nothing(
    options, reason, tmp_path, url
):
    message, left = on_disk(tmp_path, options, FETCH, url).splitlines()
    assert message.startswith(f"disk/x.bin: no verified download ({url}: ")
    assert reason in message
    assert left == "[]"
