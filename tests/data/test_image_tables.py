"""Tables of images out of archives: their images stand within them."""

import csv
import io
import tarfile

import pytest

from helpers.archives import tarred, zipped
from helpers.images import picture, png
from plmbench.core.errors import InputError
from plmbench.data.image_tables import extract_table
from plmbench.data.images import image_of

NAMES = [f"birds/{i}.png" for i in range(3)]
IMAGES = {name: png(picture(i)) for i, name in enumerate(NAMES)}
HEAD = "image,target,set\n"
ROWS = "".join(f"{name},a,train\n" for name in NAMES)


@pytest.fixture(params=[zipped, tarred], ids=["zip", "tar"])
def extracted(request, tmp_path):
    """Return a function that puts a table and IMAGES into an archive and returns the lines of the
    table that comes out."""

    def lines(table, member="table.csv", under="", column="image", images=IMAGES):
        archive, path = tmp_path / "x.download", tmp_path / "out" / "one.path"
        members = {f"{under}{name}": content for name, content in images.items()}
        archive.write_bytes(request.param({member: table.encode(), **members}))
        try:
            extract_table(archive, member, column, path)
        finally:
            found = {p.name for p in tmp_path.rglob("*") if p.is_file()}
            assert found <= {"x.download", "one.path"}  # and nothing beside
        return path.read_text().splitlines()

    return lines


def cells(lines):
    """Return the cells of the first column, but for its name."""
    return [row[0] for row in csv.reader(lines[1:])]


@pytest.mark.parametrize(
    ("member", "under", "prefix"),
    [
        ("table.csv", "", ""),
        ("data/table.csv", "data/", ""),
        ("data/table.csv", "", "../"),
        ("table.csv", "", "./"),
    ],
)
def test_names_count_from_the_folder_of_the_table(extracted, tmp_path, member, under, prefix):
    rows = "".join(f"{prefix}{name},a,train\n" for name in NAMES)
    found = cells(extracted(HEAD + rows, member, under))
    assert [image_of(tmp_path, cell) for cell in found] == [
        image_of(tmp_path, cell) for cell in cells(extracted(HEAD + ROWS))
    ]
    for name, cell in zip(NAMES, found, strict=True):
        assert cell.startswith(f"data:;name={under}{name};base64,")  # messages show the name


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", ["", "\n", "sep=;\n"])
def test_all_else_in_the_table_stays_on_its_line(extracted, delimiter, start):
    table = f'set;file;"note"\ntrain;{NAMES[0]};"one ""two"" é"\n\ntest; {NAMES[2]} ;x\n'
    if start.startswith("sep") and delimiter != ";":
        start = ""
    lines = extracted(start + table.replace(";", delimiter), column="file")
    assert len(lines) == len((start + table).splitlines())
    assert lines[-3].endswith(f'{delimiter}"one ""two"" é"')
    assert [line.split(delimiter)[0] for line in lines if line][-2:] == ["train", "test"]


@pytest.mark.parametrize("cell", ["data:image/png;base64,iVBORw0KGgo=", ""])
def test_an_image_that_is_there_already_and_an_empty_cell_stay(extracted, cell):
    assert cell in extracted(f'{HEAD}"{cell}",a,train\n{ROWS}')[1]


@pytest.mark.parametrize("table", ["a,b\n1,2\n", "", "no table", "\x00\x01"])
def test_a_table_without_the_column_comes_out_as_it_is(extracted, table):
    assert "\n".join(extracted(table)).strip() == table.strip()


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "birds", "birds/9.png", "é"])
def test_what_the_archive_does_not_hold_is_refused_with_its_line(extracted, name):
    words = f"table.csv: image is not in the archive: line 5 .*{name}.*; a name counts from"
    with pytest.raises(InputError, match=words):
        extracted(f"{HEAD}{ROWS}{name},a,test\n")


def test_an_image_that_is_a_link_is_refused(tmp_path):
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        table = tarfile.TarInfo("table.csv")
        table.size = len(HEAD + "a.png,a,test\n")
        archive.addfile(table, io.BytesIO((HEAD + "a.png,a,test\n").encode()))
        link = tarfile.TarInfo("a.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(InputError, match=r"'a\.png' is a link"):
        extract_table(tmp_path / "x.tar", "table.csv", "image", tmp_path / "ours")
    assert [p.name for p in tmp_path.iterdir()] == ["x.tar"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_images_that_unpack_to_a_bomb_are_refused(tmp_path, pack):
    members = {"table.csv": f"{HEAD}a.png,a,test\n".encode(), "a.png": bytes(120 << 20)}
    (tmp_path / "x").write_bytes(pack(members))
    with pytest.raises(InputError, match="unpacks to more than"):
        extract_table(tmp_path / "x", "table.csv", "image", tmp_path / "ours")
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
