"""Which kernel a notebook runs in, told from Jupyter's files without importing jupyter_client.

jupyter_client finds the same, but takes most of a second to be imported.
"""

import json
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path
from nbformat import NotebookNode

from notebook_press.errors import UsageError
from notebook_press.messages import did_you_mean, listed, shown
from notebook_press.notebook import language_of

OWN = "python3"
"""What Jupyter calls the kernel of the environment that it works in."""


def settle_kernel(notebook: NotebookNode, asked: str | None) -> str:
    """Name in a notebook the kernel that it is to run in; return what to tell of it, or nothing.

    Args:
        notebook: The notebook, which is changed.
        asked: The kernel that the user asks for in place of the notebook's own.

    Raises:
        UsageError: That is not installed.
    """
    named = notebook.metadata.get("kernelspec") or {}
    name, language = str(named.get("name") or ""), language_of(notebook)
    if asked is not None:
        _name_kernel(notebook, asked, _language_of_kernel(asked))
        return f"runs in the kernel {asked}, as --kernel says" if asked != name else ""
    nameless = not name or (name == "python" and kernel_file(name) is None)
    if nameless and language == "python":
        _name_kernel(notebook, OWN, language)
        names = "no kernel" if not name else "the kernel 'python', which is not installed"
        return f"names {names}: runs in this environment's own, {OWN}"
    if name and not (named.get("language") or notebook.metadata.get("language_info")):
        named["language"] = str((kernel_file(name) or {}).get("language") or language)
    return ""


def _name_kernel(notebook: NotebookNode, name: str, language: str) -> None:
    shown_as = str((kernel_file(name) or {}).get("display_name") or name)
    if language_of(notebook) != language.lower():
        notebook.metadata.pop("language_info", None)
    notebook.metadata["kernelspec"] = NotebookNode(  # type: ignore[no-untyped-call]
        name=name, display_name=shown_as, language=language
    )


def _language_of_kernel(name: str) -> str:
    found = kernel_file(name)
    if found is None and name != OWN:
        files = (
            path for each in jupyter_path("kernels") for path in Path(each).glob("*/kernel.json")
        )
        installed = sorted({OWN, *(path.parent.name for path in files)})
        raise UsageError(
            f"--kernel: expected an installed kernel, found {shown(name, in_ascii=True)}; "
            f"{did_you_mean(name, installed)}installed are {listed(installed)}"
        )
    return str((found or {}).get("language") or "python")


def kernel_file(name: str) -> dict[str, Any] | None:
    """Return what a kernel's own file says; None where there is none."""
    plain = name and Path(name).name == name and name.isprintable()
    for folder in jupyter_path("kernels") if plain else ():
        try:
            content = json.loads((Path(folder) / name / "kernel.json").read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(content, dict):
            return content
    return None
