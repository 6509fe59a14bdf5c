"""What a notebook needs before it can run, checked before any kernel starts."""

import re
import shutil
import sys
from pathlib import Path

from nbformat import NotebookNode

from notebook_press.execution import failure, is_code
from notebook_press.imports import importable_path, missing_imports

__all__ = ["check_requirements"]

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
