"""How many cases a property is tried on, and bytes spoiled in the ways that files are.

Draws are derandomised: a run tries the same cases as the one before, so that CI fails for a change
alone. A failing case is printed, shrunk.
"""

import gzip
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plmbench.core.errors import InputError

FEW, MANY = 50, 1000
COUNTS = pytest.mark.parametrize(
    "count", [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=pytest.mark.slow)]
)
TRIED = settings(
    derandomize=True,
    database=None,
    deadline=timedelta(seconds=30),  # a case that takes so long is a hang
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ODD_TEXTS = (
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "a/b",
    "C:\\x",
    "$(touch canary)",
    "`touch canary`",
    "; touch canary",
    "| touch canary",
    "{wildcards}",
    "{dataset}",
    "%s%n",
    "a b",
    " a",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "'",
    '"',
    "a,b",
    ">a",
    "=1+1",
    "NA",
    "nan",
    "1e3",
    "007",
    "-",
    "a\0b",
    "\0",
    "\ufeffa",
    "a\u2028b",
    "a\u00a0b",
    "\u202egnp.exe",
    "e\u0301",
    "\u00e9",
    "\U0001f9ec",
    "<script>alert(1)</script>",
    "\x1b[31m",
    "a" * 5000,
)
SPLINTERS = (
    b"",
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b",",
    b'"',
    b"\t",
    b">",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\x1f\x8b",
    b"A" * 70_000,
)


def for_all(count, strategy, check):
    """Call `check` on `count` values of a strategy; the smallest that it fails on is shown."""
    settings(TRIED, max_examples=count)(given(strategy)(check))()


def answer(function, *arguments, **settings):
    """Return what a call returns and None, or None and the words of the InputError that ends it."""
    try:
        return function(*arguments, **settings), None
    except InputError as error:
        return None, str(error)


def texts(most=12):
    """Return a strategy of texts, plain and odd; no lone surrogates, which no UTF-8 file holds."""
    letters = st.characters(exclude_categories=["Cs"])
    return st.sampled_from(ODD_TEXTS) | st.text(letters, max_size=most)


@st.composite
def spoiled(draw, content, most=4):
    """Return bytes with up to `most` places cut out, doubled, or overwritten."""
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(content)))
        stop = draw(st.integers(start, min(start + 40, len(content))))
        splinter = draw(st.sampled_from(SPLINTERS) | st.binary(max_size=6))
        middle = draw(st.sampled_from([b"", splinter, splinter + content[start:stop]]))
        content = content[:start] + middle * draw(st.integers(1, 2)) + content[stop:]
    return content


def cut_short(content):
    """Return a strategy of the beginnings of bytes."""
    return st.integers(0, len(content)).map(lambda size: content[:size])


RECODINGS = {
    "as it is": bytes,
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
    "CR": lambda content: content.replace(b"\n", b"\r"),
    "UTF-16": lambda content: content.decode(errors="replace").encode("utf-16"),
    "latin-1": lambda content: content.decode(errors="replace").encode("latin-1", "replace"),
    "gzip": gzip.compress,
    "gzip cut": lambda content: gzip.compress(content)[:-9],
    "gzip twice": lambda content: gzip.compress(gzip.compress(content)),
}
