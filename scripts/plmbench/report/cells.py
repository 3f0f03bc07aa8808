"""Pieces of a page: numbers as text, tables of cells, figures as inline SVG. No HTML is written
here but SVG: the template does that, and escapes what it is given."""

import re
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

import numpy as np
import pandas as pd

from plmbench.core.errors import InputError

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)  # the prefix that HTML knows
SHAPES = {"svg", "g", "defs", "style", "path", "use", "clipPath", "rect", "text", "tspan", "title"}
SHAPES |= {"pattern", "image", "line", "circle", "polygon", "polyline"}
REFERENCE = re.compile(r"url\(#([^)]+)\)")
ELSEWHERE = re.compile(r"url\((?!#)|@")  # CSS that reads another file
DIGEST = re.compile(r"[0-9a-f]{16,64}")
DASH = "–"


class Cell(NamedTuple):
    """A cell of a table: its lines of text, and whether it stands out, by weight, not colour."""

    text: str
    strong: bool = False


class Table(NamedTuple):
    """A table of the page; the first cell of a row names the row."""

    caption: str
    columns: list
    rows: list


def measure(value):
    """Return a measured number with three digits, and three decimals below 10."""
    if pd.isna(value):
        return DASH
    size = abs(value)
    decimals = 3 if size < 10 else max(0, 2 - int(np.floor(np.log10(size))))
    return f"{value:,.{decimals}f}".replace("-", "−")


def count(value):
    """Return a whole number."""
    return DASH if pd.isna(value) else f"{int(value):,}".replace("-", "−")


def interval(value, low, high):
    """Return a number and, on a line of its own, its interval."""
    if pd.isna(value):
        return DASH
    limits = "" if pd.isna(low) else f"\n[{measure(low)}, {measure(high)}]"
    return measure(value) + limits


def gain(value, low, high):
    """Return a difference with its sign and interval."""
    return "+" * (not pd.isna(value) and value > 0) + interval(value, low, high)


def chance(p):
    """Return a p value."""
    if pd.isna(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def shortened(text):
    """Return the first digits of a digest, any other text whole."""
    return text[:12] + "…" if DIGEST.fullmatch(text) else text


def texts(column):
    """Return a column as text: counts, measures, or names with their digests shortened."""
    if not pd.api.types.is_numeric_dtype(column):
        return [shortened(str(value)) for value in column]
    whole = (column.dropna() % 1 == 0).all()
    return [count(value) if whole else measure(value) for value in column]


def spoken(name):
    """Return a column's name in words."""
    return name.replace("_", " ")


def plain_table(caption, table):
    """Return a pandas table as one of the page."""
    columns = [texts(table[name]) for name in table]
    rows = [[Cell(text) for text in row] for row in zip(*columns, strict=True)]
    return Table(caption, [spoken(name) for name in table], rows)


def local(name):
    """Return a tag or attribute without its namespace."""
    return name.rpartition("}")[2]


def foreign_parts(node):
    """Return what of an SVG element could run, or could ask for another file."""
    links = [value for name, value in node.attrib.items() if local(name) == "href"]
    outward = [link for link in links if not link.startswith(("#", "data:image/png;base64,"))]
    handlers = [name for name in node.attrib if local(name).lower().startswith("on")]
    css = [node.attrib.get("style", ""), (node.text or "") * (local(node.tag) == "style")]
    unknown = [local(node.tag)] * (local(node.tag) not in SHAPES)
    return unknown + outward + handlers + [text for text in css if ELSEWHERE.search(text)]


def checked(root, path):
    """Return an SVG's root without metadata; raises InputError for what a page must not hold."""
    for parent in list(root.iter()):
        for child in [c for c in parent if local(c.tag) == "metadata"]:
            parent.remove(child)
    for node in root.iter():
        if foreign := foreign_parts(node):
            raise InputError(
                f"{path}: <{local(node.tag)}> has {foreign[0]!r}, which no figure of this project "
                "has; draw the figure again"
            )
    return root


def renamed(root, prefix):
    """Give the ids that are referred to a prefix of their own, and take the others away."""
    used = set()
    for node in root.iter():
        for name, value in node.attrib.items():
            used |= {value[1:]} if local(name) == "href" else set(REFERENCE.findall(value))
    for node in root.iter():
        if node.attrib.get("id") not in used:
            node.attrib.pop("id", None)
        for name, value in list(node.attrib.items()):
            if name == "id":
                node.set(name, prefix + value)
            elif local(name) == "href" and value.startswith("#"):
                node.set(name, f"#{prefix}{value[1:]}")
            else:
                node.set(name, REFERENCE.sub(rf"url(#{prefix}\1)", value))
    return root


def inline_figure(path, label, prefix):
    """Return an SVG file as an element to stand within HTML.

    label: what is said in its place to who does not see it; prefix: keeps its ids apart from those
    of other figures. Nothing in it refers to another file.
    """
    root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file, and checked
    root = renamed(checked(root, path), prefix)
    width = root.attrib.pop("width", "100%")
    root.attrib.pop("height", None)
    root.set("style", f"--natural: {width}")
    root.set("role", "img")
    root.set("aria-label", label)
    head, end, rest = ElementTree.tostring(root, encoding="unicode").partition(">")
    # HTML knows the namespaces of what stands within <svg>
    return re.sub(r' xmlns(:xlink)?="[^"]*"', "", head) + end + rest
