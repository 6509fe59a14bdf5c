"""What a notebook needs before it can run, checked before any kernel starts.

Of imports only what is certain counts: those at the top of a notebook, up to the first code that
could change what can be imported. A module is looked up as Python itself would, by the first part
of its name, without importing or running anything.
"""

import ast
import importlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import PathFinder
from itertools import takewhile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from notebook_press.notebook import is_run, language_of, may_raise
from notebook_press.running.kernels import kernel_file

# For these jupyter_client runs the interpreter that it works in.
_OWN_NAMES = ("python", "python3", f"python3.{sys.version_info.minor}")


def unmet(notebook: NotebookNode, folder: Path) -> tuple[int, str] | None:
    """Return the index of the cell that lacks what it is sure to need, and what; None if none does.

    That is a kernel that is installed, and each module that is sure to be imported.

    Args:
        notebook: The notebook; nothing of it is run.
        folder: The notebook's folder.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = notebook.metadata.get("kernelspec", {}).get("name", "")
    first = next((i for i, cell in enumerate(notebook.cells) if is_run(cell)), 0)
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):
        found = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        needs = f"needs the kernel {name!r}, which is not installed"
        none = f"names no kernel to run its {language_of(notebook)} in"
        return first, f"{needs if name else none} (installed: {found}); choose one with --kernel"
    program = spec.argv[0] if spec.argv else ""
    if program not in _OWN_NAMES and shutil.which(program) is None:
        return (
            first,
            f"needs the kernel {name!r}, whose program {program!r} is gone; install it again",
        )
    if not _imports_as_we_do(spec.argv, spec.env):
        return None
    sure = takewhile(lambda cell: not may_raise(cell), notebook.cells)
    sources = [cell.source if is_run(cell) else "" for cell in sure]
    missing = missing_imports(sources, folder)
    names = ", ".join(dict.fromkeys(repr(name) for _, name in missing))
    why = f"imports what is not there: {names}; install it, or correct the name"
    return (missing[0][0], why) if missing else None


def kernel_start(name: str) -> dict[str, Any]:
    """Return what of a kernel's file changes results; this very Python's program is not told."""
    content = kernel_file(name)
    if content is None:
        return {}
    started = content.get("argv")
    if isinstance(started, list) and started and _is_this_python(str(started[0])):
        started = ["", *started[1:]]
    return {"started": started, "environment": content.get("env") or {}}


def _is_this_python(program: str) -> bool:
    """Return whether a kernel's program is this Python, wherever it is installed."""
    own = {Path(sys.prefix, "bin", each) for each in _OWN_NAMES}
    return program in _OWN_NAMES or Path(program) in own


def _imports_as_we_do(argv: Sequence[str], variables: Mapping[str, str]) -> bool:
    """Return whether a kernel is IPython's, looks where the press does, and runs no code before."""
    if not _is_this_python(argv[0]) or not any(each.startswith("ipykernel") for each in argv):
        return False
    if any(name.startswith("PYTHON") for name in variables) or "PYTHONSTARTUP" in os.environ:
        return False
    if sys.flags.ignore_environment or sys.flags.no_user_site:
        return False
    # IPython's own function would make a folder where the user's home can't be written.
    home = os.environ.get("IPYTHONDIR") or os.path.expanduser("~/.ipython")  # noqa: PTH111
    places = (f"{home}/profile_default", *(f"{each}/etc/ipython" for each in _PREFIXES))
    patterns = ("startup/*.*py", "*_config.py", "*_config.json")
    return not any(any(Path(place).glob(each)) for place in places for each in patterns)


_PREFIXES = (sys.prefix, "/usr/local", "")

# Packages that are known to leave it alone what can be imported; any other may add to the path.
_USUAL = {
    *("IPython", "PIL", "annotated_types", "ipywidgets", "jax", "keras", "matplotlib", "networkx"),
    *("notebook_press", "numpy", "pandas", "plotly", "polars", "requests", "scipy", "seaborn"),
    *("skimage", "sklearn", "statsmodels", "sympy", "tensorflow", "torch", "torchvision", "tqdm"),
    *sys.stdlib_module_names,
}
_HARMLESS_MAGIC = re.compile(
    r"^%(?:matplotlib|config|precision|(?:load_ext +)?autoreload)\b.*", re.MULTILINE
)
# What may run any code, or keeps the next line from being run.
_MAY_CHANGE_IMPORTS = (
    ast.Call | ast.Await | ast.Import | ast.ImportFrom | ast.ClassDef | ast.Raise | ast.Assert
)


def missing_imports(sources: Sequence[str], folder: Path) -> list[tuple[int, str]]:
    """Return the modules that are sure not to be found, each with the index of its cell.

    Args:
        sources: The code of a notebook's cells, in order; empty for what is no code.
        folder: The notebook's folder, where its kernel looks first.
    """
    importlib.invalidate_caches()
    missing: list[tuple[int, str]] = []
    for index, source in enumerate(sources):
        try:
            statements = ast.parse(_HARMLESS_MAGIC.sub("", source)).body
        except (SyntaxError, ValueError):  # a way of IPython's, or an error that the kernel tells
            return missing
        for statement in statements:
            for name in imported_by(statement):
                if not _can_be_found(name, [str(folder), *sys.path]):
                    missing.append((index, name))
                elif name not in _USUAL or PathFinder.find_spec(name, [str(folder)]):
                    return missing
            if not _leaves_imports_alone(statement):
                return missing
    return missing


def imported_by(statement: ast.AST) -> Iterator[str]:
    """Yield the first part of each module's name that the statement imports."""
    if isinstance(statement, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        yield statement.module.partition(".")[0]


def _can_be_found(name: str, path: Sequence[str]) -> bool:
    """Return whether Python finds the module, or may find it in a way that can't be told."""
    try:
        specs = (
            each.find_spec(name, path if each is PathFinder else None) for each in sys.meta_path
        )
        return name == "__main__" or any(spec is not None for spec in specs)
    except Exception:  # a finder of somebody's own
        return True


def _leaves_imports_alone(statement: ast.stmt) -> bool:
    """Return whether what follows a statement can import just what that could."""
    executed: list[ast.AST | None] = [statement]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        executed = []
    elif isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
        executed = [statement.args]
    elif isinstance(statement, ast.AnnAssign):  # the annotation says what a parameter may be
        executed = [statement.target, statement.value]
    return not any(
        isinstance(node, _MAY_CHANGE_IMPORTS)
        or getattr(node, "decorator_list", None)
        or (isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load))
        for part in executed
        if part is not None
        for node in ast.walk(part)
    )
