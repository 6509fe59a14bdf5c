"""What a computation comes about under, so that what is kept of it is not used under another.

Its code is that of the modules that the computation imports, directly or through others, read and
never run. Comments, docstrings and the layout of the lines are no code.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ROOMS = ("models", "baselines", "evaluation")
"""Whose code counts. Data count by their content, whatever brought them."""


def environment(
    machine: Mapping[str, object], packages: Iterable[str], entry: str
) -> dict[str, str]:
    """Return what a result of this moment comes about under, each as text.

    Args:
        machine: processor, cores and the like, each by name.
        packages: the packages that it depends on, whose versions count.
        entry: the module of this package that it begins in: its code counts, and that of what it
            imports, see `modules`.
    """
    return {
        **{f"machine: {name}": str(value) for name, value in machine.items()},
        **{f"version: {name}": value for name, value in versions(packages).items()},
        "source": digest(entry),
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each package, by name."""
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"python": platform.python_version(), **found}


@functools.cache
def digest(entry: str) -> str:
    """Return the SHA-256, in hexadecimal, of the code that a computation depends on.

    Args:
        entry: the full name of the module that it begins in.
    """
    found = hashlib.sha256()
    for module in sorted(modules(entry)):
        found.update(f"{module}\n{ast.dump(_tree(module))}\n".encode())
    return found.hexdigest()


def modules(entry: str) -> set[str]:
    """Return the full names of a module and of all that it imports and whose code counts.

    Imports inside functions count too; those that only a type checker reads do not.
    """
    found, ahead = set(), {entry}
    while ahead:
        found.add(module := ahead.pop())
        ahead |= set(_imports(_tree(module))) - found
    return found


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = (f"{node.module}.{alias.name}" for alias in node.names)
            names = [name if _path(name) else str(node.module) for name in parts]
        else:
            continue
        yield from (name for name in names if _counts(name))


def _counts(module: str) -> bool:
    return _path(module) is not None and module.split(".")[1] in _ROOMS


def _path(module: str) -> Path | None:
    """The file of a module of this package; None of a name that is none."""
    package, *parts = module.split(".")
    if package != _ROOT.name or not parts:
        return None
    place = _ROOT.joinpath(*parts)
    files = (place.with_suffix(".py"), place / "__init__.py")
    return next((each for each in files if each.is_file()), None)


def _tree(module: str) -> ast.Module:
    """A module's code without what is no code."""
    path = _path(module) or Path(module)
    tree: ast.Module = _Bare().visit(ast.parse(path.read_bytes()))
    return tree


class _Bare(ast.NodeTransformer):
    """Leaves out docstrings, those of attributes too, and what only a type checker reads."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if text else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        checked = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return node.orelse if checked else node
