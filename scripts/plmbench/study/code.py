"""The digest of a script with all that it imports.

Snakemake reruns a job when its script changes, not when a module that the script imports does.
Rules therefore pass `code_of(script)` as a parameter.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from plmbench.study.kept import FOLDER, keep, read_kept

SCRIPTS = Path(__file__).resolve().parents[2]
EXCLUDED = ("plmbench/core/errors.py", "plmbench/core/logs.py")  # what is said bears on no result
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # fields that hold statements
KEPT = FOLDER / "code.json"
MOST_KEPT = 2000  # modules; more are those of code that was edited again and again
OWN = Path(__file__).read_text(encoding="utf-8")  # what is kept was parsed by the same code
IMPLIED = ("ctx", "kind", "type_comment", "type_ignores")  # by all else, or no code


class Module(NamedTuple):
    """What a module of the project may import, and a digest of its code."""

    names: list[str]
    code: str


def statements(tree: ast.AST) -> list[ast.AST]:
    """Return a tree and all statements in it, at every depth; no expression holds one."""
    found = [tree]
    for node in found:
        for block in BLOCKS:
            found.extend(getattr(node, block, ()))
    return found


def imported_names(tree: ast.AST) -> list[str]:
    """Return the modules that a syntax tree may import, wherever the import stands."""
    names: list[str] = []
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


@cache
def files_of(name: str, folder: Path) -> list[Path]:
    """Return the files of a module of the project in `folder`; none of any other."""
    target = folder / name.replace(".", "/")
    return [file for file in (target.with_suffix(".py"), target / "__init__.py") if file.exists()]


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Return the tree with its docstrings removed: rewording one is no change of the code."""
    for node in statements(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return tree


def merged(parts: Iterable[ast.AST]) -> list[ast.AST]:
    """Return the parts of an f-string with neighbouring texts as one: versions of Python differ in
    where they cut them."""
    found: list[ast.AST] = []
    for part in parts:
        last = found[-1] if found else None
        if not isinstance(part, ast.Constant):
            found.append(part)
        elif isinstance(last, ast.Constant):
            found[-1] = ast.Constant(str(last.value) + str(part.value))
        elif part.value:
            found.append(part)
    return found


@cache
def telling(fields: tuple[str, ...]) -> list[str]:
    """Return the fields of a kind of node that it is told by, sorted."""
    return sorted(set(fields) - set(IMPLIED))


def rendered(value: object) -> str:
    """Return a syntax tree as text that is the same in every version of Python.

    `ast.unparse` and `ast.dump` write the same code otherwise from 3.12 and 3.13 on. A field that a
    later version adds is empty in code that has no use for it, and an empty field is left out.
    """
    if isinstance(value, ast.Constant):
        return f"{type(value.value).__name__}:{value.value!a}"
    if isinstance(value, ast.AST):
        own = {name: getattr(value, name, None) for name in telling(value._fields)}
        if isinstance(value, ast.JoinedStr):
            own["values"] = merged(value.values)
        fields = [
            f"{name}={rendered(field)}" for name, field in own.items() if field not in (None, [])
        ]
        return f"{type(value).__name__}({','.join(fields)})"
    if isinstance(value, list):
        return f"[{','.join(map(rendered, value))}]"
    return ascii(value)


def parsed(text: str) -> Module:
    """Return what a module's text imports, and a digest of its code."""
    tree = ast.parse(text)
    names = imported_names(tree)
    code = rendered(without_docstrings(tree))
    return Module(names, hashlib.sha256(code.encode()).hexdigest())


def module_of(kept: Any) -> Module:
    """Return a module as it is kept; raises ValueError or TypeError."""
    names, code = kept
    return Module(list(names), str(code))


class Parsed:
    """Modules by their texts. Rules share most of them, and so do the next run and its jobs on a
    cluster, each of which starts with all rules: to parse them is a fifth of what a start takes."""

    def __init__(self) -> None:
        found = read_kept(KEPT, module_of)
        self.known = found if len(found) <= MOST_KEPT else {}

    def __getitem__(self, text: str) -> Module:
        key = hashlib.sha256(f"{OWN}{text}".encode()).hexdigest()
        if key not in self.known:
            self.known[key] = parsed(text)
        return self.known[key]


@cache
def modules_parsed() -> Parsed:
    """Return the modules that this process has parsed."""
    return Parsed()


def spanned(script: str, modules: Iterable[str] = ()) -> dict[str, str]:
    """Return {file: digest of its code} of a script and of all that it imports, but for EXCLUDED.

    modules: those that the script imports by a name that it is given.
    """
    named = [f"{module.replace('.', '/')}.py" for module in modules]
    pending, code = [SCRIPTS / name for name in (script, *named)], {}
    parsed, before = modules_parsed(), len(modules_parsed().known)
    while pending:
        path = pending.pop()
        name = path.relative_to(SCRIPTS).as_posix()
        if name not in code and name not in EXCLUDED:
            module = parsed[path.read_text(encoding="utf-8")]
            code[name] = module.code
            pending.extend(file for each in module.names for file in files_of(each, SCRIPTS))
    if len(parsed.known) > before:
        keep(KEPT, parsed.known)
    return code


def code_of(script: str, modules: Iterable[str] = ()) -> str:
    """Return a digest that changes when the code of `script` or of a module it imports changes.

    Comments, docstrings and layout do not count, nor do errors and logs: a message computes
    nothing. modules: those that the script imports by a name that it is given.
    """
    digest, code = hashlib.sha256(), spanned(script, modules)
    for name in sorted(code):
        digest.update(name.encode())
        digest.update(code[name].encode())
    return digest.hexdigest()[:16]
