"""Images as examples: what is read, what an id says, and every wrong file with its line."""

import gzip
import io
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers.images import inline, picture, png, write_table
from plmbench.core.errors import InputError
from plmbench.core.examples import unpacked_image
from plmbench.data.image_files import image_files
from plmbench.data.images import MOST_PIXELS
from plmbench.data.splits import read_split

SETS = ("train", "train", "test", "test")


def table_of(folder, images, targets=None, names=None):
    """Write images, bytes or cells, and their table; return its path."""
    folder.mkdir(exist_ok=True)
    rows = []
    for i, image in enumerate(images):
        name = names[i] if names else f"{i}.png"
        if isinstance(image, bytes):
            (folder / name).write_bytes(image)
            image = name
        target = targets[i] if targets else i
        rows.append({"image": image, "target": target, "set": SETS[i % len(SETS)]})
    return write_table(folder / "images.csv", rows)


def read(path, task_type="regression", **settings):
    """Return the examples of a table of images."""
    return read_split(path, modality="image", task_type=task_type, **settings)


def four(first=None):
    """Return four images; the first may be another one."""
    images = [png(picture(i)) for i in range(4)]
    return [first, *images[1:]] if first is not None else images


def test_pixels_are_read_as_they_are(tmp_path):
    table = read(table_of(tmp_path, four()))
    for i, line in enumerate(table["sequence"]):
        width, height, pixels = unpacked_image(line)
        assert (width, height) == (20, 12)
        assert pixels == picture(i).tobytes()
    assert table["length"].tolist() == [240] * 4


SAVED = {
    "png": {"format": "PNG"},
    "png, small": {"format": "PNG", "optimize": True},
    "bmp": {"format": "BMP"},
    "tiff": {"format": "TIFF"},
    "webp": {"format": "WEBP", "lossless": True},
    "ppm": {"format": "PPM"},
}


@pytest.mark.parametrize("options", SAVED.values(), ids=SAVED)
def test_an_id_is_of_the_pixels_whatever_the_file(tmp_path, options):
    plain = read(table_of(tmp_path / "a", four()))
    other = read(table_of(tmp_path / "b", four(png(picture(0), **options))))
    within = read(table_of(tmp_path / "c", four(inline(picture(0)))))
    assert other["id"].tolist() == plain["id"].tolist() == within["id"].tolist()
    assert len(set(plain["id"])) == 4


@pytest.mark.parametrize("mode", ["L", "P", "1"])
def test_greys_and_palettes_become_colours(tmp_path, mode):
    image = picture(0, mode=mode)
    table = read(table_of(tmp_path, four(png(image))))
    assert unpacked_image(table["sequence"][0])[2] == image.convert("RGB").tobytes()


def test_a_photo_is_turned_as_the_camera_says(tmp_path):
    image, exif = picture(0), Image.Exif()
    exif[0x0112] = 6
    table = read(table_of(tmp_path, four(png(image, exif=exif))))
    assert unpacked_image(table["sequence"][0])[:2] == (12, 20)


def test_an_opaque_alpha_channel_says_nothing(tmp_path):
    table = read(table_of(tmp_path, four(png(picture(0, mode="RGBA")))))
    assert unpacked_image(table["sequence"][0])[2] == picture(0).tobytes()


def animated():
    """Return the bytes of a GIF of two frames."""
    buffer = io.BytesIO()
    picture(0).save(buffer, "GIF", save_all=True, append_images=[picture(1)])
    return buffer.getvalue()


def bomb():
    """Return the bytes of a small PNG of many pixels."""
    side = int(MOST_PIXELS**0.5) + 1
    return png(Image.new("1", (side, side)))


def see_through():
    """Return the bytes of an image with a pixel that is not opaque."""
    image = picture(0, mode="RGBA")
    image.putpixel((3, 3), (1, 2, 3, 100))
    return png(image)


def deep():
    """Return a grey image of sixteen bits."""
    return Image.fromarray(np.arange(100, dtype=np.uint16).reshape(10, 10) * 600)


def deep_colours():
    """Return the bytes of a PNG of sixteen bits per colour: Pillow would drop eight in silence."""
    content = bytearray(png(picture(0)))
    content[24] = 16
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")  # of the header
    return bytes(content)


WRONG = {
    "missing": ("no.png", "image is not there"),
    "empty cell": ("", "image is not there"),
    "a folder": (".", "image is not there"),
    "truncated": (png(picture(0))[:-200], "truncated or damaged"),
    "truncated jpeg": (png(picture(0), format="JPEG")[:-100], "truncated or damaged"),
    "cut in its header": (png(picture(0))[:20], "none that can be read|truncated or damaged"),
    "text": (b"not an image", "image is none that can be read"),
    "empty": (b"", "image is none that can be read"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image is none that can be read"),
    "pdf": (b"%PDF-1.4\n%%EOF", "image is none that can be read"),
    "zipped": (gzip.compress(png(picture(0))), "image is none that can be read"),
    "size bomb": (bomb, "more than 16,777,216 pixels"),
    "animated": (animated, "several frames"),
    "cmyk": (png(picture(0, mode="CMYK"), format="JPEG"), "CMYK, the colours of print"),
    "lab": (png(picture(0, mode="LAB"), format="TIFF"), "LAB colours"),
    "sixteen bits": (png(deep()), "more than eight bits"),
    "sixteen bits of tiff": (png(deep(), format="TIFF"), "more than eight bits"),
    "floats": (png(deep().convert("F"), format="TIFF"), "more than eight bits"),
    "sixteen bits of colours": (deep_colours, "more than eight bits"),
    "transparent": (see_through, "transparent in places"),
    "no base64": ("data:image/png;base64,@@@", "no data: address in base64"),
    "no image in base64": ("data:image/png;base64,aGVsbG8=", "image is none that can be read"),
    "not in base64": ("data:text/plain,hello", "no data: address in base64"),
}


@pytest.mark.parametrize(("image", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_image_is_named_with_its_line(tmp_path, image, message):
    path = table_of(tmp_path, four(image() if callable(image) else image))
    with pytest.raises(InputError, match=message) as error:
        read(path)
    assert "line 2 (" in str(error.value)
    assert "line 3" not in str(error.value)


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    path = table_of(tmp_path, [b"text", "no.png", b"text", png(picture(1))])
    with pytest.raises(InputError) as error:
        read(path)
    assert "line 2" in str(error.value)
    assert "line 3" in str(error.value)
    assert "line 4" in str(error.value)


@pytest.mark.parametrize("way", ["above", "absolute", "link", "folder"])
def test_no_path_leaves_the_folder(tmp_path, way):
    (tmp_path / "elsewhere").mkdir()
    secret = tmp_path / "elsewhere/secret.png"
    secret.write_bytes(png(picture(9)))
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "link.png").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path / "elsewhere")
    cells = {
        "above": "../elsewhere/secret.png",
        "absolute": str(secret),
        "link": "link.png",
        "folder": "folder/secret.png",
    }
    with pytest.raises(InputError, match="image is outside of the table's folder: line 2"):
        read(table_of(folder, four(cells[way])))


def test_a_link_within_the_folder_is_followed(tmp_path):
    (tmp_path / "real.png").write_bytes(png(picture(0)))
    (tmp_path / "link.png").symlink_to("real.png")
    assert len(read(table_of(tmp_path, four("link.png")))) == 4


def test_the_same_pixels_with_two_classes_are_refused_and_with_two_numbers_are_not(tmp_path):
    images = [*four()[:3], png(picture(0), optimize=True)]
    path = table_of(tmp_path, images, targets=["cat", "dog", "cat", "dog"])
    with pytest.raises(InputError, match=r"same pixels have different classes: line 2 .* line 5"):
        read(path, task_type="classification")
    path = table_of(tmp_path, images, targets=[1, 2, 3, 4])
    assert len(set(read(path)["id"])) == 3


def test_a_table_without_images_says_what_it_needs(tmp_path):
    path = write_table(tmp_path / "a.csv", [{"file": "a.png", "target": 1, "set": "train"}])
    with pytest.raises(InputError, match=r"lacks column\(s\) image"):
        read(path)
    assert image_files(str(path), "image") == []


def test_a_column_of_another_name_is_read(tmp_path):
    path = table_of(tmp_path, four())
    path.write_text(path.read_text().replace("image,", "file,", 1))
    assert len(read(path, columns={"image": "file"})) == 4
    assert [name[-5:] for name in image_files(str(path), "file")] == [f"{i}.png" for i in range(4)]


def test_files_that_a_table_names_are_found_without_pandas(tmp_path):
    path = table_of(tmp_path, [*four()[:2], inline(picture(5)), "no.png"])
    assert image_files(str(path), "image") == [str(tmp_path / f"{i}.png") for i in range(2)]
    path.write_text(path.read_text().replace(",", ";"))
    assert len(image_files(str(path), "image")) == 2
