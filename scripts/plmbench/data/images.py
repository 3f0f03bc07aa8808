"""Images as examples: files beside a table, or within it as `data:` addresses, read to pixels.

Pixels are red, green and blue of eight bits, turned as the camera says. What would change in
silence on the way there is refused: transparency, more bits, other colours, frames after the first.
"""

import base64
import binascii
import hashlib
import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd

from plmbench.core.examples import packed_image, size_of, unpacked_image
from plmbench.core.task_types import CLASSIFICATION
from plmbench.data.faults import Faults
from plmbench.data.image_files import is_there
from plmbench.data.sources import Source
from plmbench.data.text_files import refuse

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
MOST_PIXELS = 1 << 24  # 4096 x 4096: no network here takes a tenth of it
MOST_BYTES = 1 << 28
WIDE = re.compile("^[IF]$|;(12|16|32|64)N?[BLNSF]$")  # more than eight bits, as Pillow writes it
NAMED = re.compile("data:[^,]*;name=([^;,]*)")  # as data.image_tables writes it
INLINE = "data:"  # RFC 2397: the image itself, in base64


class Flaw(Exception):  # noqa: N818 - its rows make the error
    """What is wrong with one image."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(problem)


MISSING = Flaw("image is not there", "put the file where the table says, relative to the table")
OUTSIDE = Flaw(
    "image is outside of the table's folder",
    "give a path below it, without links that lead out of it",
)
NO_IMAGE = Flaw(
    "image is none that can be read", f"give one of {', '.join(FORMATS)}, with its own content"
)
BROKEN = Flaw("image is truncated or damaged", "copy or fetch it again")
TOO_LARGE = Flaw(
    f"image has more than {MOST_PIXELS:,} pixels", "scale it down; networks see far fewer"
)
SEVERAL = Flaw("image has several frames", "give one frame, as a file of its own")
SEE_THROUGH = Flaw("image is transparent in places", "put it on a background, and save that")
NO_COLOURS = {  # modes of Pillow whose way to eight bits is a guess
    "CMYK": Flaw("image is in CMYK, the colours of print", "save it as RGB"),
    "LAB": Flaw("image is in LAB colours", "save it as RGB"),
    "HSV": Flaw("image is in HSV colours", "save it as RGB"),
    **dict.fromkeys(
        ("I", "F", "I;16", "I;16B", "I;16L", "I;16N"),
        Flaw(
            "image has more than eight bits per channel", "save it with eight, scaled as you mean"
        ),
    ),
}


def bytes_of(folder: Path, cell: str) -> bytes:
    """Return the bytes of the image that a cell of a table names, or holds; raises Flaw."""
    if cell.startswith(INLINE):
        head, _, content = cell.partition(",")
        try:
            if not head.endswith(";base64"):
                raise ValueError
            return base64.b64decode(content, validate=True)
        except (ValueError, binascii.Error):
            problem = "image is no data: address in base64"
            raise Flaw(problem, "write it as data:image/png;base64,...") from None
    path = folder / cell
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # no file can have this name
        raise MISSING from None
    if Path(cell).is_absolute() or not inside:
        raise OUTSIDE
    if not is_there(path):
        raise MISSING
    if path.stat().st_size > MOST_BYTES:
        raise TOO_LARGE
    try:
        return path.read_bytes()
    except OSError as error:
        raise Flaw(f"image cannot be read ({error.strerror})", "let it be read") from None


def is_see_through(image: Any) -> bool:
    """Tell whether an image has a pixel that is not opaque."""
    if "transparency" not in image.info and "A" not in image.getbands():
        return False
    return bool(image.convert("RGBA").getchannel("A").getextrema()[0] < 255)


def has_more_bits(image: Any) -> bool:
    """Tell whether a file has more than eight bits per channel, of which Pillow drops the rest in
    silence. image: not loaded yet, so that it says how its pixels are stored."""
    for decoder, *_, args in image.tile:
        stored = args if isinstance(args, tuple) else (args,)
        if any(isinstance(arg, str) and WIDE.search(arg) for arg in stored):
            return True
        if decoder.startswith("ppm") and any(isinstance(a, int) and a > 255 for a in stored):
            return True
    return bool(image.info.get("bits", 8) > 8)


def packed(content: bytes) -> str:
    """Return an image's bytes as packed pixels; raises Flaw."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():  # of a size bomb, which is refused below
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise TOO_LARGE
        if getattr(image, "n_frames", 1) > 1:
            raise SEVERAL
        if image.mode in NO_COLOURS or has_more_bits(image):
            raise NO_COLOURS.get(image.mode, NO_COLOURS["I"])
        image.load()
        if is_see_through(image):
            raise SEE_THROUGH
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError:
        raise TOO_LARGE from None
    except UnidentifiedImageError:
        raise NO_IMAGE from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as error:
        raise BROKEN from error
    return packed_image(*upright.size, upright.tobytes())


def image_of(folder: Path, cell: str) -> str:
    """Return the packed pixels of the image that a cell names, or holds; raises Flaw."""
    return packed(bytes_of(folder, cell))


def label_of(cell: str) -> str:
    """Return how a message shows the cell of an image: by its name, where it holds the image."""
    if not cell.startswith(INLINE):
        return cell
    named = NAMED.match(cell)
    return unquote(named[1]) if named else cell[:60]


def refuse_flaws(table: pd.DataFrame, flaws: dict[Any, Flaw], source: Source, problem: str) -> None:
    """Raise the InputError that names the rows which have one problem."""
    rows = table.loc[[row for row, flaw in flaws.items() if flaw.problem == problem]]
    remedy = next(flaw.remedy for flaw in flaws.values() if flaw.problem == problem)
    shown = [label_of(cell) for cell in rows["sequence"]]
    refuse(source.path, problem, rows["line"], shown, remedy)


def read_images(
    table: pd.DataFrame, used: pd.Series, source: Source, aligned: Sequence[str], faults: Faults
) -> pd.DataFrame:
    """Return a table whose images are packed pixels, "" where one cannot be read; hand what is
    wrong with rows that are used [row] to `faults`."""
    folder, images, flaws = Path(source.path).parent, {}, {}
    for row, cell in table["sequence"][used].items():
        try:
            images[row] = image_of(folder, cell.strip())
        except Flaw as flaw:
            flaws[row] = flaw
    for problem in dict.fromkeys(flaw.problem for flaw in flaws.values()):
        faults.collect(refuse_flaws, table, flaws, source, problem)
    texts = pd.Series(images, dtype=str).reindex(table.index, fill_value="")
    return table.assign(sequence=texts, blanks=0)


def image_id(line: str) -> str:
    """Return the id of an image, the first 16 hexadecimal digits of the sha256 of its size and
    pixels: the same for a file of another format, or compressed otherwise."""
    width, height, pixels = unpacked_image(line)
    return hashlib.sha256(f"{width}x{height}:".encode() + pixels).hexdigest()[:16]


def pixels_in(lines: pd.Series) -> pd.Series:
    """Return how many pixels each packed image [row] has."""
    sizes = [size_of(line) for line in lines]
    return pd.Series([width * height for width, height in sizes], lines.index, int)


def check_twins(table: pd.DataFrame, path: Path | str, task_type: str) -> None:
    """Raise InputError for images that stand twice, with different classes."""
    if task_type != CLASSIFICATION:
        return
    classes = table.groupby("id")["target"].transform("nunique")
    if (bad := classes > 1).any():
        rows = table[bad].sort_values(["id", "line"], kind="stable")
        problem = "the same pixels have different classes"
        refuse(path, problem, rows["line"], rows["target"], "give each image one class")
