"""The digest of a script with all that it imports.

Snakemake reruns a job when its script changes, not when a module that the script imports does.
Rules therefore pass `code_of(script)` as a parameter.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]
EXCLUDED = ("plmbench/core/errors.py", "plmbench/core/logs.py")  # what is said bears on no result
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")  # fields that hold statements
IMPLIED = ("ctx", "kind", "type_comment", "type_ignores")  # by all else, or no code


def statements(tree: ast.AST) -> list[ast.AST]:
    """Return a tree and all statements in it, at every depth; no expression holds one."""
    found = [tree]
    for node in found:
        for block in BLOCKS:
            found.extend(getattr(node, block, ()))
    return found


def imported_files(tree: ast.AST) -> Iterator[Path]:
    """Yield the project's files that a syntax tree imports, wherever the import stands."""
    for node in statements(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            target = SCRIPTS / name.replace(".", "/")
            yield from (
                f for f in (target.with_suffix(".py"), target / "__init__.py") if f.exists()
            )


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


@cache
def parsed(text: str, folder: Path) -> tuple[list[Path], str]:
    """Return what a module's text imports of the project in `folder`, and its code.

    Rules share most modules: each is parsed once, not once a rule.
    """
    tree = ast.parse(text)
    return list(imported_files(tree)), rendered(without_docstrings(tree))


def spanned(script: str, modules: Iterable[str] = ()) -> dict[str, str]:
    """Return {file: its code} of a script and of all that it imports, but for EXCLUDED.

    modules: those that the script imports by a name that it is given.
    """
    named = [f"{module.replace('.', '/')}.py" for module in modules]
    pending, code = [SCRIPTS / name for name in (script, *named)], {}
    while pending:
        path = pending.pop()
        name = path.relative_to(SCRIPTS).as_posix()
        if name not in code and name not in EXCLUDED:
            imported, code[name] = parsed(path.read_text(encoding="utf-8"), SCRIPTS)
            pending.extend(imported)
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
