"""Examples as one line of text: what the table of a data set's examples holds of each.

A protein is its letters. A text has its line ends and tabs escaped, an image its pixels packed, so
that a table, its shards and a job that reads them need to know of neither files nor formats.
"""

import base64
import re
import zlib
from urllib.parse import unquote

ESCAPED = re.compile('[%"\t\n\r]')  # what a field of a table of ours cannot hold
CHANNELS = 3  # red, green, blue


def packed_text(text: str) -> str:
    """Return a text as one line."""
    return ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def unpacked_text(line: str) -> str:
    """Return the text of a line."""
    return unquote(line) if "%" in line else line


def packed_image(width: int, height: int, pixels: bytes) -> str:
    """Return an image as one line; pixels: its bytes [row, column, channel]."""
    return f"{width}x{height}:{base64.b64encode(zlib.compress(pixels)).decode()}"


def size_of(line: str) -> tuple[int, int]:
    """Return width and height of a packed image."""
    width, _, height = line.partition(":")[0].partition("x")
    return int(width), int(height)


def unpacked_image(line: str) -> tuple[int, int, bytes]:
    """Return width, height and pixels of a packed image."""
    return *size_of(line), zlib.decompress(base64.b64decode(line.partition(":")[2]))
