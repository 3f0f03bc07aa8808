"""Figures as SVG elements that stand within HTML: checked, and with ids of their own."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from plmbench.core.errors import InputError

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)  # the prefix that HTML knows
ALLOWED_TAGS = {"svg", "g", "defs", "style", "path", "use", "clipPath", "rect", "text", "tspan"}
ALLOWED_TAGS |= {"title", "pattern", "image", "line", "circle", "polygon", "polyline", "a"}
ID_REFERENCE = re.compile(r"url\(#([^)]+)\)")
ELSEWHERE = re.compile(r"url\((?!#)|@")  # CSS that reads another file


def local_name(name: str) -> str:
    """Return a tag or attribute without its namespace."""
    return name.rpartition("}")[2]


def foreign_parts(node: ElementTree.Element) -> list[str]:
    """Return the parts of an SVG element that could run, or could ask for another file."""
    links = [value for name, value in node.attrib.items() if local_name(name) == "href"]
    outward = [link for link in links if not link.startswith(("#", "data:image/png;base64,"))]
    handlers = [name for name in node.attrib if local_name(name).lower().startswith("on")]
    css = [node.attrib.get("style", ""), (node.text or "") * (local_name(node.tag) == "style")]
    unknown = [local_name(node.tag)] * (local_name(node.tag) not in ALLOWED_TAGS)
    return unknown + outward + handlers + [text for text in css if ELSEWHERE.search(text)]


def checked_svg(root: ElementTree.Element, path: Path | str) -> ElementTree.Element:
    """Return an SVG's root without metadata; raises InputError for what a page must not hold."""
    for parent in list(root.iter()):
        for child in [c for c in parent if local_name(c.tag) == "metadata"]:
            parent.remove(child)
    for node in root.iter():
        if foreign := foreign_parts(node):
            raise InputError(
                f"{path}: <{local_name(node.tag)}> has {foreign[0]!r}, which no figure of this "
                "project has; draw the figure again"
            )
    return root


def with_links(root: ElementTree.Element) -> ElementTree.Element:
    """Return an SVG whose links lead to parts of the page: to each part one by keyboard, too, which
    is the text that is drawn last, and the others by a click alone."""
    reached = set()
    for link in reversed([node for node in root.iter() if local_name(node.tag) == "a"]):
        link.attrib.pop("target", None)
        if not any(local_name(node.tag) == "text" for node in link.iter()):
            link.attrib |= {"tabindex": "-1", "aria-hidden": "true"}
        elif (place := link.get(f"{{{XLINK}}}href")) in reached:
            link.set("tabindex", "-1")
        else:
            reached.add(place)
    return root


def is_tall(root: ElementTree.Element) -> bool:
    """Tell whether an SVG stands better on a page of paper that is higher than wide."""
    *_, width, height = map(float, root.get("viewBox", "0 0 1 1").split())
    return height > 1.2 * width


def has_links(root: ElementTree.Element) -> bool:
    """Tell whether an SVG leads elsewhere, and so is no mere image."""
    return any(local_name(node.tag) == "a" for node in root.iter())


def with_own_ids(root: ElementTree.Element, prefix: str) -> ElementTree.Element:
    """Put a prefix before the ids that something refers to, and remove the other ids."""
    used: set[str] = set()
    own = [node for node in root.iter() if local_name(node.tag) != "a"]
    for node in own:
        for name, value in node.attrib.items():
            used |= {value[1:]} if local_name(name) == "href" else set(ID_REFERENCE.findall(value))
    for node in own:
        if node.attrib.get("id") not in used:
            node.attrib.pop("id", None)
        for name, value in list(node.attrib.items()):
            if name == "id":
                node.set(name, prefix + value)
            elif local_name(name) == "href" and value.startswith("#"):
                node.set(name, f"#{prefix}{value[1:]}")
            else:
                node.set(name, ID_REFERENCE.sub(rf"url(#{prefix}\1)", value))
    return root


def inline_figure(path: Path | str, label: str, prefix: str) -> str:
    """Return an SVG file as an element to stand within HTML.

    label: the words for readers who do not see the figure; prefix: keeps its ids apart from those
    of other figures. Nothing in it refers to another file.
    """
    root = ElementTree.parse(path).getroot()  # noqa: S314 - our own file, and checked
    root = with_links(with_own_ids(checked_svg(root, path), prefix))
    width = root.attrib.pop("width", "100%")
    root.attrib.pop("height", None)
    root.set("style", f"--natural: {width}")
    if is_tall(root):
        root.set("class", "tall")
    root.set("role", "group" if has_links(root) else "img")
    root.set("aria-label", label)
    head, end, rest = ElementTree.tostring(root, encoding="unicode").partition(">")
    # HTML knows the namespaces of what stands within <svg>
    return re.sub(r' xmlns(:xlink)?="[^"]*"', "", head) + end + rest
