"""What a notebook needs before it can run, checked before any kernel starts.

Of imports only what is certain counts: a module that an import at the top level of a cell names,
looked up as Python itself would, without importing or running anything. Wherever a notebook or a
package may have ways of its own, it is believed.
"""

import ast
import importlib
import importlib.machinery
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from nbformat import NotebookNode

from notebook_press.notebook import failure
from notebook_press.running.gate import is_code

_OWN_NAMES = re.compile(r"python(3(\.\d+)?)?")  # jupyter_client runs its own interpreter for these


def check_requirements(notebook: NotebookNode, report: str, folder: Path) -> None:
    """Check that the notebook's kernel is installed, and every module that it is sure to import.

    Args:
        notebook: The notebook; nothing of it is run.
        report: The name that messages use.
        folder: The notebook's folder.

    Raises:
        NotebookFailedError: It names no kernel or one that is not there, or a module that is not.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = notebook.metadata.get("kernelspec", {}).get("name", "")
    first = next((i for i, cell in enumerate(notebook.cells) if is_code(cell)), 0)
    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except (NoSuchKernel, ValueError):
        found = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        why = f"needs the kernel {name!r}, which is not installed (installed: {found})"
        raise failure(notebook, report, first, why) from None
    program = spec.argv[0] if spec.argv else ""
    if not _OWN_NAMES.fullmatch(program) and shutil.which(program) is None:
        why = f"needs the kernel {name!r}, whose program {program!r} is gone; install it again"
        raise failure(notebook, report, first, why)
    if not _is_ours(spec.argv, spec.env) or _has_startup_files():
        return
    sources = [cell.source if is_code(cell) else "" for cell in notebook.cells]
    missing = missing_imports(sources, importable_path(folder))
    if missing:
        names = ", ".join(dict.fromkeys(repr(name) for _, name in missing))
        why = f"imports what is not there: {names}; install it, or correct the name"
        raise failure(notebook, report, missing[0][0], why)


def _is_ours(argv: list[str], environment: dict[str, str]) -> bool:
    """Return whether a kernel is IPython's, run by the interpreter that runs the press."""
    if not argv or not any(each.startswith("ipykernel") for each in argv):
        return False
    own = Path(argv[0]) == Path(sys.executable) or _OWN_NAMES.fullmatch(argv[0])
    return bool(own) and not any(name.startswith("PYTHON") for name in environment)


def _has_startup_files() -> bool:
    """Return whether this user has IPython run files of theirs first, which may add to the path."""
    from IPython.paths import get_ipython_dir

    profile = Path(get_ipython_dir()) / "profile_default"
    found = [*profile.glob("startup/*.*py"), *profile.glob("*_config.py")]
    return bool(found)


# Code that may change what can be imported; what stands in its cell and below is believed.
_CHANGES_IMPORTS = re.compile(
    r"sys\.path|sys\.modules|meta_path|path_hooks|\bsite\b|\bpip\b|\bconda\b|\bmamba\b|\buv\b"
    r"|install|chdir|%cd|%run|%load\b|writefile|importlib|\bexec\(|symlink|\.py\b|\.zip\b"
)
# A package whose code speaks of these may make its submodules as it likes.
_MAKES_MODULES = re.compile(rb"sys\.modules|__path__|meta_path")
# A module that does this when it is imported, or asked to (as findspark is), adds to the path.
_ADDS_TO_PATH = re.compile(
    rb"sys\.path\.(insert|append|extend)|sys\.path\[[^]]*\]\s*=|sys\.path\s*\+?=[^=]"
    rb"|(meta_path|path_hooks)\.(insert|append)|addsitedir"
)
_PATH_OF_A_KERNEL = "import json, sys; print(json.dumps([each for each in sys.path if each]))"


def importable_path(folder: Path) -> tuple[str, ...]:
    """Return where a kernel of this interpreter looks for modules: the notebook's folder first."""
    command = [sys.executable, "-c", _PATH_OF_A_KERNEL]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return (str(folder.resolve()), *json.loads(answer.stdout.splitlines()[-1]))


def missing_imports(sources: Sequence[str], path: Sequence[str]) -> list[tuple[int, str]]:
    """Return the modules that can't be found, each with the index of the cell that imports it.

    Args:
        sources: The code of a notebook's cells, in order; empty for what is no code.
        path: Where Python looks for modules.
    """
    importlib.invalidate_caches()
    missing: list[tuple[int, str]] = []
    earlier: list[str] = []
    for index, source in enumerate(sources):
        if _CHANGES_IMPORTS.search(source):
            break
        for name in _imported(source):
            if _can_be_found(name, path):
                earlier.append(name.partition(".")[0])
            elif any(_adds_to_path(module, path) for module in dict.fromkeys(earlier)):
                return missing
            else:
                missing.append((index, name))
    return missing


def _imported(source: str) -> Iterator[str]:
    """Yield the modules that the cell is certain to import."""
    for statement in _parse(source).body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.module


def _parse(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager

    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    try:
        return ast.parse(transform(source))
    except (SyntaxError, ValueError):  # the kernel will say what is wrong with it
        return ast.Module(body=[], type_ignores=[])


def _can_be_found(name: str, path: Sequence[str]) -> bool:
    """Return whether Python finds the module, or may find it in a way that can't be told."""
    first, *rest = name.split(".")
    try:
        spec = _find(first, path)
        for position, part in enumerate(rest, start=1):
            if spec is None or spec.submodule_search_locations is None:
                break  # a module that is no package may still make submodules, as `os` does
            package, spec = (
                spec,
                PathFinder.find_spec(
                    ".".join([first, *rest[: position - 1], part]), spec.submodule_search_locations
                ),
            )
            if spec is None:
                return _makes_modules(package)
    except Exception:  # a finder of somebody's own, or a namespace that is known once imported
        return True
    return spec is not None


def _find(name: str, path: Sequence[str]) -> ModuleSpec | None:
    if name == "__main__":
        return ModuleSpec(name, None)
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path if finder is PathFinder else None)
        if spec is not None:
            return spec
    return None


def _makes_modules(package: ModuleSpec) -> bool:
    if package.loader is None or not package.origin:  # a namespace: others may add to it
        return True
    folders = map(Path, package.submodule_search_locations or ())
    files = (file for folder in folders for file in folder.rglob("*.py"))
    return any(_MAKES_MODULES.search(file.read_bytes()) for file in files)


def _adds_to_path(module: str, path: Sequence[str]) -> bool:
    """Return whether a module, or one beside the notebook that it may import, adds to the path."""
    spec = None if module in sys.stdlib_module_names else _find(module, path)
    if spec is None or not spec.origin:
        return False
    file = Path(spec.origin)
    own = file.is_relative_to(path[0])
    folders = {file.parent} if spec.submodule_search_locations else set()
    folders |= {Path(path[0])} if own else set()
    files = {file, *(each for folder in folders for each in folder.glob("*.py"))}
    return any(_ADDS_TO_PATH.search(each.read_bytes()) for each in files if each.is_file())
