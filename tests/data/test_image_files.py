"""Files of images: odd names and links, tables in every shape, and more bits than eight."""

import struct

import pytest

from helpers.images import picture, png, write_table
from plmbench.core.errors import InputError
from plmbench.data.image_files import image_files
from plmbench.data.splits import read_split

LEAST = (300, 513, 1000, 65535, 301, 5)  # two pixels


def tiff(bits, values):
    """Return the bytes of an uncompressed TIFF of two pixels in RGB, of so many bits."""
    data = struct.pack(f"<{len(values)}{'H' if bits > 8 else 'B'}", *values)
    short, long = 3, 4
    entries = [
        *((256, short, 1, 2), (257, short, 1, 1), (258, short, 3, 134), (259, short, 1, 1)),
        *((262, short, 1, 2), (273, long, 1, 140), (277, short, 1, 3), (278, short, 1, 1)),
        *((279, long, 1, len(data)), (282, short, 1, 1)),
    ]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return head + rows + struct.pack("<I", 0) + struct.pack("<3H", bits, bits, bits) + data


def bmp(mask_bits):
    """Return the bytes of a BMP of 16 bits per pixel, which are five or six per colour."""
    masks = {5: (0x7C00, 0x3E0, 0x1F), 6: (0xF800, 0x7E0, 0x1F)}[mask_bits]
    info = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 16, 3, 8, 0, 0, 0, 0)
    return (
        struct.pack("<2sIHHI", b"BM", 74, 0, 0, 66) + info + struct.pack("<3I", *masks) + bytes(8)
    )


DEEP = {
    "ppm": (b"P6 2 1 65535\n" + struct.pack(">6H", *LEAST), True),
    "ppm of ten bits": (b"P6 2 1 1023\n" + struct.pack(">6H", *range(6)), True),
    "ppm in letters": (b"P3 2 1 1000\n5 600 3 4 5 6\n", True),
    "pgm": (b"P5 2 1 65535\n" + struct.pack(">2H", 256, 513), True),
    "tiff": (tiff(16, LEAST), True),
    "floats": (b"Pf\n2 1\n-1.0\n" + bytes(8), True),
    "ppm of eight bits": (b"P6 2 1 255\n" + bytes(range(6)), False),
    "ppm of fewer": (b"P6 2 1 100\n" + bytes(range(6)), False),
    "tiff of eight bits": (tiff(8, range(6)), False),
    "bmp of five bits": (bmp(5), False),
    "bmp of six bits": (bmp(6), False),
}


def read(folder, cells):
    """Return the examples of a table whose images have these cells, beside three right ones."""
    rows = [{"image": cell, "target": 0, "set": "train"} for cell in cells]
    for i in range(3):
        (folder / f"right{i}.png").write_bytes(png(picture(i)))
        rows.append({"image": f"right{i}.png", "target": i, "set": ("train", "test")[i % 2]})
    path = write_table(folder / "images.csv", rows)
    return path, lambda: read_split(path, modality="image", task_type="regression")


@pytest.mark.parametrize(("content", "deep"), DEEP.values(), ids=DEEP)
def test_more_than_eight_bits_are_refused_in_every_format(content, deep, tmp_path):
    (tmp_path / "an image").write_bytes(content)
    _, reading = read(tmp_path, ["an image"])
    if not deep:
        assert len(reading()) == 4
        return
    with pytest.raises(InputError, match=r"more than eight bits per channel: line 2 \('an image'"):
        reading()


@pytest.mark.parametrize(
    "cell",
    [
        "loop.png",
        "loop.png/further.png",
        "dangling.png",
        "x" * 300 + ".png",
        "iVBORw0KGgo" * 400,  # an image without what says so
        "right0.png/further.png",
        "~/right0.png",
        "file:///right0.png",
        "https://example.org/right0.png",
    ],
)
def test_what_can_be_no_file_is_missing_in_its_line_and_stops_no_plan(cell, tmp_path):
    (tmp_path / "loop.png").symlink_to("loop.png")
    (tmp_path / "dangling.png").symlink_to("nowhere.png")
    path, reading = read(tmp_path, [cell])
    assert len(image_files(str(path), "image")) == 3
    with pytest.raises(InputError, match=r"image is not there: line 2 \("):
        reading()


@pytest.mark.parametrize("name", ["a b.png", "bild ü.png", "{x}.png", "q'uo,te.png", "a/../b.png"])
def test_odd_names_are_read(name, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / name).write_bytes(png(picture(7)))
    path, reading = read(tmp_path, [name])
    assert str(tmp_path / name) in image_files(str(path), "image")
    assert len(reading()) == 4


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("image,target\na.png,1\nb.png,2\n", 2),
        ("sep=;\nimage;target\na.png;1\nb.png;1\n", 2),
        ('"sep=,"\nimage,target\na.png,1\n', 1),
        ("SEP=\t\r\ntarget\timage\r\n1\ta.png\r\n", 1),
        ("\ufeffimage,target\na.png,1\n", 1),
        ("\n  \nimage,target\n\na.png,1\n", 1),
        ('"tar\nget",image\n1,a.png\n', 1),
        ("image\na.png\na.png\n", 1),
        ("target,image\n1\n2,a.png\n", 1),
        ("target\n1\n", 0),
        ("sep=;", 0),
        ("", 0),
    ],
)
def test_files_are_found_in_a_table_of_any_shape_that_is_read(text, count, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"")
    (tmp_path / "t.csv").write_bytes(text.encode())
    assert len(image_files(str(tmp_path / "t.csv"), "image")) == count
