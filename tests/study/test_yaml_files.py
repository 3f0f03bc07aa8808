"""YAML files: read whole, or refused with line and remedy."""

import pytest

from plmbench.core.errors import InputError
from plmbench.study.yaml_files import read_yaml

# text: (line, what, remedy)
REFUSED = {
    "a: 1\n\tb: 2\n": (2, "character '\\t'", "indent by blanks"),
    "a:\n\t- b\n": (2, "character '\\t'", "indent by blanks"),
    "a:\n  - b\n\t- c\n": (3, "character '\\t'", "indent by blanks"),
    "a: 1\n---\nb: 2\n": (2, "another document", "take the line --- out"),
    "b: &b {x: 1}\nc:\n  <<: *b\n": (3, "a merge (<<) is not read", "write the keys out"),
    "b: &b {x: 1}\nc: {y: 1, <<: *b}\n": (2, "a merge (<<) is not read", "write the keys out"),
    "b: &b {x: 1}\nc:\n  <<: [*b, *b]\n": (3, "a merge (<<) is not read", "write the keys out"),
    "a: *x\n": (1, "undefined alias 'x'", "write &name before"),
    "b: 1\na: 1\na: 2\n": (3, "key 'a' stands twice, first on line 2", "take one of them out"),
    "a: {b: 1, b: 1}\n": (1, "key 'b' stands twice", "take one of them out"),
    "no: 1\n": (1, "key False is not text", "in quotes"),
    'a: "C:\\data"\n': (1, "unknown escape", "single quotes"),
    "a: b: c\n": (1, "mapping values are not allowed", "put values with a colon in quotes"),
    "a: 1\nb\n": (3, "could not find expected ':'", "a colon and a blank"),
    "a: 1\nb: 'x\n\nc: 1\n": (2, "quoted scalar", "close the quote"),
    "a: 1\nb: [1, 2\n": (2, "flow sequence", "close the bracket"),
    "a: @x\n": (1, "character '@'", "in quotes"),
    "a: !x 1\n": (1, "the tag '!x'", "take the tag (!) out"),
    "a: 1\nb: 2020-13-45\n": (2, "not what it looks like", "write it in quotes"),
    "a:\n  b: !!int x\n": (2, "not what it looks like", "write it in quotes"),
    "a: 1\nb: \0\n": (2, "control character '\\x00'", "take it out"),
    "a: 1\nb: \x1b[31m\n": (2, "control character '\\x1b'", "take it out"),
    "a: {b: 1\n": (1, "flow mapping", "close the bracket"),
    "a:\n  b: 1\n c: 1\n": (3, "expected <block end>", "begins in one column"),
}


def refusal(path):
    """Return what is said of a file that is refused."""
    with pytest.raises(InputError) as caught:
        read_yaml(path)
    text = str(caught.value)
    assert text.count("\n") < 4
    return text


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_yaml_is_named_with_line_and_remedy(text, tmp_path):
    path = tmp_path / "probes.yaml"
    path.write_text(text, newline="")
    line, what, remedy = REFUSED[text]
    found = refusal(path)
    assert found.startswith(f"{path}, line {line}: ")
    assert what in found.split("; ")[0]
    assert remedy in found


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "iso8859-15"])
@pytest.mark.parametrize("lines", [0, 1, 40])
def test_another_encoding_is_named_with_line_and_remedy(encoding, lines, tmp_path):
    path = tmp_path / "probes.yaml"
    path.write_text("# x\n" * lines + "title: Ångström\n", encoding=encoding)
    found = refusal(path)
    assert f"{path}: line {lines + 1} is not UTF-8 (byte 0xc5, which is 'Å'" in found
    assert "save the file as UTF-8" in found


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_named_with_its_remedy(encoding, tmp_path):
    path = tmp_path / "probes.yaml"
    path.write_text("title: Ångström\n", encoding=encoding)
    assert f"{path}: is text in UTF-{encoding[4:6]}, not YAML; save it as UTF-8" in refusal(path)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", {}),
        ("# nothing\n", {}),
        ("---\na: 1\n", {"a": 1}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: &x [1]\nb: *x\n", {"a": [1], "b": [1]}),
        ("'<<': 1\n", {"<<": 1}),
        ('{"a": [1]}', {"a": [1]}),
        ("false\n", False),
        ("[]\n", []),
    ],
)
def test_what_is_yaml_is_read_as_it_stands(text, content, tmp_path):
    path = tmp_path / "probes.yaml"
    path.write_text(text, newline="")
    assert read_yaml(path) == content
