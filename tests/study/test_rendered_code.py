"""The text of which code's digest is taken: equal for code that computes the same, whatever its
layout and the version of Python, and different for all else."""

import ast
import copy
import random
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from plmbench.study.code import SCRIPTS, code_of, rendered, without_docstrings

MODULES = sorted(SCRIPTS.rglob("*.py"))
DIGESTS = """
import sys
sys.path.insert(0, sys.argv[1])
from plmbench.study.code import code_of, rendered
import ast
print(*map(code_of, sys.argv[3:]), rendered(ast.parse(sys.argv[2])))
"""
ENTRY = ("embed.py", "sequences.py", "probe.py", "compare.py", "page.py", "train.py")
# What versions of Python write otherwise, cut otherwise, or know more fields of.
PECULIAR = """
def f(a, /, b: int = 1, *c, d=None, **e) -> "text": ...
class A(object, metaclass=type): x: int
async def g(): return [await y async for y in z if y]
match a:
    case {"k": [1, *_], **rest} | None: pass
    case A(x=0) if b: pass
x = f"a" "b" f"{x!r:>{w}} {x=} {'q' + d['k']:} {{}}" "c" f"", rb"\\xff" b"s", 1_000 + 0x10 + 1e400j
x = "\\u00e9 \\ud800 \\U0001f9ec", ..., -0.0, True, {**a, "b": 1}, a[1:, ::2], lambda: (yield)
try: pass
except* (OSError, ValueError) as error: raise A from error
with (open(a) as b, c): del b[0], a.b
"""


def text_of(code):
    """Return what a module's digest is taken of."""
    return rendered(without_docstrings(ast.parse(code)))


@cache
def pythons():
    """Return the Pythons of other versions that are on this machine and can run the library."""
    names = [f"python3.{minor}" for minor in range(11, 20)]
    pyenv = sorted(Path.home().glob(".pyenv/versions/*/bin/python3.*"))
    paths = [shutil.which(name) for name in names] + [p for p in pyenv if p.name in names]
    found = {}
    for path in filter(None, paths):
        asked = [path, "-c", "import sys; print(sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
        if done.returncode == 0 and done.stdout.strip() != str(sys.version_info[:2]):
            found.setdefault(done.stdout.strip(), path)
    return found


def test_another_version_of_python_gives_the_same_digests():
    if not pythons():
        pytest.skip("no other version of Python is here")
    own = f"{' '.join(map(code_of, ENTRY))} {rendered(ast.parse(PECULIAR))}"
    for version, path in pythons().items():
        command = [path, "-B", "-c", DIGESTS, str(SCRIPTS), PECULIAR, *ENTRY]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.stdout.strip() == own, (version, done.stderr)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 'a'", 'x = "a"  # a comment'),
        ("x = 1000", "x = (\n    1_000\n)"),
        ("f(a, b)", "f(\n    a,\n    b,\n)"),
        ("x = 'ab'", "x = 'a' 'b'"),
        ("x = f'a{b}c'", "x = f'a' f'{b}' 'c'"),
        ("x = f'{b:>3}'", 'x = f"{b:>3}"'),
        ("if a:\n  b", "if a:\n        b"),
        ("def f():\n    'One.'\n    return 1", "def f():\n    '''Two.'''\n    return 1"),
        ("class A:\n    x = 1", "class A:\n    'Words.'\n    x = 1"),
        ("a = (1, 2)", "a = 1, 2"),
        ("x = 'é'", "x = '\\u00e9'"),
        ("x = 16", "x = 0x10"),
    ],
)
def test_layout_quotes_comments_and_docstrings_do_not_count(one, other):
    assert text_of(one) == text_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 0.0", "x = -0.0"),
        ("x = None", "x = ..."),
        ("x = f'{a}'", "x = f'{a!r}'"),
        ("x = f'{a}'", "x = f'{a:.1f}'"),
        ("x = f'{a}{b}'", "x = f'{a} {b}'"),
        ("f(a, b)", "f(b, a)"),
        ("f(*a)", "f(a)"),
        ("f(a=b)", "f(**{'a': b})"),
        ("def f(a, b): pass", "def f(a, /, b): pass"),
        ("def f(a, *, b=1): pass", "def f(a, b=1): pass"),
        ("def f(*, a, b=1): pass", "def f(*, a=1, b): pass"),
        ("return_ = [1]", "return_ = (1,)"),
        ("x = a[1:]", "x = a[:1]"),
        ("for a in b:\n    c\nd", "for a in b:\n    c\n    d"),
        ("for a in b: c\nelse: d", "for a in b: c\nd"),
        ("async def f(): pass", "def f(): pass"),
        ("match a:\n    case None: b", "match a:\n    case False: b"),
        ("from a import b", "from .a import b"),
        ("from a import b", "from a import c as b"),
        ("x = {**a, 'b': 1}", "x = {'b': 1, **a}"),
        ("@a\ndef f(): pass", "def f(): pass"),
        ("x: int = 1", "x: float = 1"),
        ("global a", "nonlocal a"),
        ("try: a\nexcept b: c", "try: a\nexcept* b: c"),
    ],
)
def test_what_computes_otherwise_counts(one, other):
    assert text_of(one) != text_of(other)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_written_with_another_layout_is_the_same_code(path):
    code = path.read_text(encoding="utf-8")
    assert text_of(ast.unparse(ast.parse(code))) == text_of(code)


def mutated(tree, draw):
    """Return a copy of a syntax tree in which one field of one node has another value."""
    tree = copy.deepcopy(tree)
    node = draw.choice([node for node in ast.walk(tree) if node._fields])
    name = draw.choice(node._fields)
    value, others = getattr(node, name), [n for n in ast.walk(tree) if type(n) is type(node)]
    if isinstance(value, list) and value:
        value.pop(draw.randrange(len(value)))
    elif isinstance(value, str):
        setattr(node, name, value + "_")
    else:
        setattr(node, name, copy.deepcopy(getattr(draw.choice(others), name)))
    return tree


def dumped(tree):
    """Return a tree as text by Python's own means, without what its nodes imply."""
    return ast.dump(tree).replace("ctx=Store()", "ctx=Load()").replace("ctx=Del()", "ctx=Load()")


def test_ten_thousand_changed_trees_have_the_texts_of_as_many_codes():
    draw = random.Random(0)
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in MODULES]
    trees = [statement for module in modules for statement in module.body]
    texts = {dumped(tree): rendered(tree) for tree in trees}
    for _ in range(10_000):
        tree = mutated(draw.choice(trees), draw)
        texts[dumped(tree)] = rendered(tree)
    assert len(set(texts.values())) == len(texts)
