"""What a reader sees who points at a mark of a figure: its name, its value, its interval."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import numpy as np
from matplotlib.artist import Artist

from plmbench.report.cells import gain_with_interval, measure_with_interval

MARKED = re.compile(r'<g id="tips:([^"]*)">')  # a group of the SVG that has tips
MARK = re.compile(r"<use ([^>]*?)/>")


def set_tips(artist: Artist, texts: Iterable[str]) -> None:
    """Give a text to each mark of an artist, in order, or one to the whole of it. A line's marks
    are its points; those that are not finite are not drawn, and have no text."""
    artist.set_gid("tips:" + ",".join(quote(text, safe="") for text in texts))


def point_texts(label: str, places: Sequence[str], *columns: np.ndarray) -> list[str]:
    """Return the texts of the points of a line that are drawn; columns: value, or value, low and
    high."""
    values = np.column_stack([*columns])
    return [
        text_of(f"{label}, {place}", *row)
        for place, row in zip(places, values, strict=True)
        if np.isfinite(row[0])
    ]


def text_of(label: str, value: float, low: float = np.nan, high: float = np.nan) -> str:
    """Return the text of one mark."""
    return f"{label}: {measure_with_interval(value, low, high)}".replace("\n", " ")


def gain_text(label: str, value: float, low: float = np.nan, high: float = np.nan) -> str:
    """Return the text of a mark that stands for a difference."""
    return f"{label}: {gain_with_interval(value, low, high)}".replace("\n", " ")


def title(text: str) -> str:
    """Return a text as the title of an SVG element."""
    return f"<title>{escape(text)}</title>"


def with_own_tips(group: str, texts: Sequence[str]) -> str:
    """Return what stands within a group of an SVG, with the texts of its marks."""
    if len(texts) == 1:
        return title(texts[0]) + group
    own, sep, rest = group.partition("<g id=")
    if len(MARK.findall(own)) != len(texts):
        return group  # a wrong text is worse than none
    following = iter(texts)
    told = MARK.sub(lambda mark: f"<use {mark[1]}>{title(next(following))}</use>", own)
    return told + sep + rest


def with_tips(svg: str) -> str:
    """Return an SVG whose marked groups have their texts as titles."""
    head, *parts = MARKED.split(svg)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    told = [with_own_tips(group, [*map(unquote, codes.split(","))]) for codes, group in pairs]
    return head + "".join(chain.from_iterable(zip(repeat("<g>"), told, strict=False)))
