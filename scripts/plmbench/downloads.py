"""Downloads, by pooch: to a temporary name, verified, then renamed, so that a file that has its
name is whole."""

import logging
import time
from pathlib import Path

import pooch
import requests

from plmbench.errors import InputError
from plmbench.logs import log
from plmbench.provenance import sha256_of_file

CHUNK = 1 << 20  # bytes
RETRIES = 4
TIMEOUT = 60.0  # seconds without a byte


class LoggedProgress:
    """Logs how much of a download is there; has the methods of pooch's `progressbar`."""

    def __init__(self, name, every=10.0):
        self.name, self.every, self.total = name, every, 0
        self.reset()

    def reset(self):
        """Start at zero; pooch calls this before it counts all as received."""
        self.done, self.start = 0, time.monotonic()
        self.said = self.start

    def update(self, size):
        """Count `size` bytes as received."""
        self.done += size
        now = time.monotonic()
        if now - self.said >= self.every:
            self.said = now
            rate = self.done / (now - self.start)
            left = max(self.total - self.done, 0) / rate
            log.info("%s, %.1f MB/s, %.0f s left", self.share(), rate / 1e6, left)

    def share(self):
        """Return the share received, as text."""
        return f"{self.name}: {self.done / 1e6:,.1f} of {self.total / 1e6:,.1f} MB"

    def close(self):
        """Say that the file is there."""
        log.info(self.share())


def fetch(url, path, sha256=None, retries=RETRIES, timeout=TIMEOUT):
    """Download `url` to `path` unless it is there, and return the file's sha256.

    With a `sha256`, a file of another one, also one that is there already, is fetched anew. Raises
    InputError that names URL, file and reason when the retries are used up.
    """
    path = Path(path)
    logging.getLogger("pooch").handlers = log.handlers
    source = pooch.create(
        path.parent,
        base_url="",
        registry={path.name: sha256 and f"sha256:{sha256}"},
        urls={path.name: url},
        retry_if_failed=retries,
    )
    downloader = pooch.HTTPDownloader(LoggedProgress(path.name), CHUNK, timeout=timeout)
    try:
        source.fetch(path.name, downloader=downloader)
    except (ValueError, OSError, requests.RequestException) as error:
        raise InputError(
            f"{url}: no verified download into {path} ({type(error).__name__}: {error}); "
            "try again later, or put the file there by other means and run again"
        ) from error
    return sha256_of_file(path)
