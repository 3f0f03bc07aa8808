"""A Python in a path with a space is started by its name."""

import os
import sys

import pytest

from plmbench.study.interpreters import let_python_be_found


@pytest.mark.parametrize(
    ("path", "name", "first"),
    [("/a venv/bin/python", "python", "/a venv/bin"), ("/venv/bin/python", None, None)],
)
def test_only_a_path_with_a_space_is_replaced(path, name, first, monkeypatch):
    monkeypatch.setattr(sys, "executable", path)
    monkeypatch.setenv("PATH", "/usr/bin")
    let_python_be_found()
    assert sys.executable == (name or path)
    assert os.environ["PATH"] == (f"{first}{os.pathsep}/usr/bin" if first else "/usr/bin")
