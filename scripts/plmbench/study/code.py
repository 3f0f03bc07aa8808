"""Digests: of a script with all that it imports, of files, of tables.

Snakemake reruns a job when its script changes, not when a module that the script imports does.
Rules therefore pass `code_of(script)` as a parameter.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def imported_files(tree):
    """Yield the project's files that a syntax tree imports, wherever the import stands."""
    for node in ast.walk(tree):
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


def without_docstrings(tree):
    """Return the tree with its docstrings removed: rewording one is no change of the code."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


@cache
def parsed(text, folder):
    """Return what a module's text imports of the project in `folder`, and its code.

    Rules share most modules: each is parsed once, not once a rule.
    """
    tree = ast.parse(text)
    return list(imported_files(tree)), ast.unparse(without_docstrings(tree))


def code_of(script):
    """Return a digest that changes when the code of `script` or of a module it imports changes.

    Comments, docstrings and layout do not count.
    """
    pending, code = [SCRIPTS / script], {}
    while pending:
        path = pending.pop()
        if path not in code:
            imported, code[path] = parsed(path.read_text(encoding="utf-8"), SCRIPTS)
            pending.extend(imported)
    digest = hashlib.sha256()
    for path in sorted(code):
        digest.update(path.relative_to(SCRIPTS).as_posix().encode())
        digest.update(code[path].encode())
    return digest.hexdigest()[:16]
