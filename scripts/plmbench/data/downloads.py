"""Downloads, by pooch: to a temporary name, verified, then renamed, so that a file that has its
name is whole and the one expected."""

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pooch
import requests

from plmbench.core.digests import sha256_of_file
from plmbench.core.errors import InputError, first_line
from plmbench.core.file_formats import HEAD, STAND_INS, format_of
from plmbench.core.logs import log

CHUNK = 1 << 20  # bytes
RETRIES = 4
TIMEOUT = 60.0  # seconds without a byte
GONE = (404, 410)  # after these answers another try brings the same one


class UnusableError(OSError):
    """A source is given up at once: another try would bring the same."""


class LoggedProgress:
    """Logs how much of a download is there; has the methods of pooch's `progressbar`."""

    def __init__(self, name: str, every: float = 10.0) -> None:
        """every: the least number of seconds between two lines of the log."""
        self.name, self.every, self.total = name, every, 0
        self.reset()

    def reset(self) -> None:
        """Start at zero; pooch calls this before it counts all as received."""
        self.done, self.start = 0, time.monotonic()
        self.last_logged = self.start

    def update(self, size: int) -> None:
        """Count `size` bytes as received."""
        self.done += size
        now = time.monotonic()
        if now - self.last_logged >= self.every:
            self.last_logged = now
            rate = self.done / (now - self.start)
            left = max(self.total - self.done, 0) / rate
            log.info("%s, %.1f MB/s, %.0f s left", self.share(), rate / 1e6, left)

    def share(self) -> str:
        """Return the share received, as text."""
        return f"{self.name}: {self.done / 1e6:,.1f} of {self.total / 1e6:,.1f} MB"

    def close(self) -> None:
        """Log that the file is there."""
        log.info(self.share())


def git_sha1_of_file(path: Path | str) -> str:
    """Return the SHA-1 by which git names a file's content, in hexadecimal.

    It is that of "blob", a blank, the size, a zero byte and the content (Pro Git, 10.2).
    """
    digest = hashlib.sha1(b"blob %d\0" % Path(path).stat().st_size, usedforsecurity=False)
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, lambda: digest).hexdigest()


DIGESTS: dict[str, Callable[[Path | str], str]] = {
    "sha256": sha256_of_file,
    "git_sha1": git_sha1_of_file,
}


def mismatch(path: Path, expected: Mapping[str, str]) -> str:
    """Return how a file differs from digests (name -> hexadecimal); "" if it does not."""
    found = {name: DIGESTS[name](path) for name in expected}
    return "; ".join(
        f"its {name} hash is {found[name]}, expected {digest}"
        for name, digest in expected.items()
        if found[name] != digest.lower()
    )


def stand_in(path: Path) -> str:
    """Return what stands in place of the file that was asked for; "" if it may be the file."""
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    return f"it is {found.name}, not the file" if found and found.name in STAND_INS else ""


def download(
    url: str, part: str, source: pooch.Pooch, expected: Mapping[str, str], name: str, timeout: float
) -> None:
    """Download `url` to the file `part` and verify it; pooch calls this for each try.

    Raises UnusableError for what no other try can mend, and what requests raises for the rest.
    """
    get = pooch.HTTPDownloader(LoggedProgress(name), CHUNK, timeout=timeout)
    try:
        get(url, part, source)
    except requests.HTTPError as error:
        if error.response is not None and error.response.status_code in GONE:
            raise UnusableError(str(error)) from error
        raise
    except ValueError as error:  # requests knows no such kind of URL
        raise UnusableError(str(error)) from error
    reasons = [stand_in(Path(part)), mismatch(Path(part), expected)]
    if any(reasons):
        raise UnusableError("; ".join(filter(None, reasons)))


def fetch_from(
    url: str, path: Path, expected: Mapping[str, str], retries: int, timeout: float
) -> None:
    """Download `url` to a folder beside `path`, and give the file its name once it is verified."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        whole, usual = Path(folder) / "whole", Path(folder) / "usual"
        source = pooch.create(
            folder,
            base_url="",
            registry={whole.name: None},  # `download` verifies: pooch knows no git SHA-1
            urls={whole.name: url},
            retry_if_failed=retries,
        )
        verified = partial(download, expected=expected, name=path.name, timeout=timeout)
        source.fetch(whole.name, downloader=verified)
        usual.touch()
        shutil.copymode(usual, whole)  # pooch's file is the owner's alone, also in a shared folder
        whole.replace(path)


def fetch(
    url: str,
    path: Path | str,
    sha256: str | None = None,
    mirrors: Sequence[str] = (),
    git_sha1: str | None = None,
    retries: int = RETRIES,
    timeout: float = TIMEOUT,
) -> str:
    """Download `url` to `path` unless it is there, and return the file's sha256.

    A file that is there, also one put there by hand, is used without a request unless it differs
    from a digest given here (hexadecimal; `git_sha1` is the name of a git blob). Then it is
    replaced, once another one is verified. `mirrors` are asked in turn when `url` cannot be had or
    brings another file. Each is tried again `retries` times when a transfer breaks off or brings no
    byte in `timeout` seconds. Raises InputError that names file, URLs and reasons when all have
    failed.
    """
    path, failures = Path(path), []
    given = {"sha256": sha256, "git_sha1": git_sha1}
    expected = {name: digest for name, digest in given.items() if digest}
    logging.getLogger("pooch").handlers = log.handlers
    if path.exists():
        if not (reason := mismatch(path, expected)):
            return sha256_of_file(path)
        failures.append(f"the file that is there: {reason}")
        log.info("%s: %s; it is fetched again", path, reason)
    for source in (url, *mirrors):
        try:
            fetch_from(source, path, expected, retries, timeout)
            return sha256_of_file(path)
        except (ValueError, OSError) as error:  # what requests raises is an OSError, too
            failures.append(f"{source}: {first_line(error)}")
            log.info("%s", failures[-1])
    wanted = " and".join(f" of {name} {digest}" for name, digest in expected.items())
    raise InputError(
        f"{path}: no verified download ({'; '.join(failures)}); "
        f"try again later, or put the file{wanted} there by other means and run again"
    )
