"""Notebooks as files: read, renewed with another run's outputs, freed of this machine's paths."""

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from notebook_press.errors import UsageError, one_line
from notebook_press.parameters.scalars import printable

__all__ = ["is_parameters", "read_notebook", "renew", "without_folders", "without_paths"]


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook as it is on the disk.

    Raises:
        UsageError: There is no such file, it is not a notebook or not a valid one, or its name or
            its text holds what no page can.
    """
    if not path.name.isprintable():
        raise UsageError(
            f"{printable(path)}: expected a name of characters that can be printed; rename the file"
        )
    faults: dict[str, Exception] = {}
    try:
        notebook: NotebookNode = nbformat.read(  # type: ignore[no-untyped-call]
            path, as_version=4, capture_validation_error=faults
        )
        json.dumps(notebook, ensure_ascii=False).encode()  # half a character is no text
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such notebook; give a path to an .ipynb file") from error
    except Exception as error:  # nbformat raises a dozen kinds for files that are no notebooks
        raise UsageError(f"{path}: not a notebook that can be read: {one_line(error)}") from error
    for fault in faults.values():
        raise UsageError(
            f"{path}: not a valid notebook: {one_line(fault)[:200]}; open it in Jupyter and save it"
        )
    return notebook


def renew(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return the notebook as it is now with the outputs of a run of the same code cells."""
    renewed = copy.deepcopy(notebook)
    renewed.metadata = executed.metadata
    injected = [cell for cell in executed.cells if _is_injected(cell)]
    for position, cell in enumerate(renewed.cells):
        if injected and is_parameters(cell):
            renewed.cells.insert(position + 1, injected[0])
            break
    else:
        renewed.cells[:0] = injected
    run = (cell for cell in executed.cells if cell.cell_type == "code" and not _is_injected(cell))
    for cell in renewed.cells:
        if cell.cell_type == "code" and not _is_injected(cell):
            ran = next(run)
            cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
    return renewed


def without_folders(value: Any) -> Any:
    """Return the value, an absolute path by its last name: where it lies is its owner's matter."""
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value


def without_paths(executed: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Take this machine's paths out of what papermill wrote into the notebook."""
    for name in ("input_path", "output_path", "environment_variables"):
        executed.metadata.get("papermill", {}).pop(name, None)
    shown = {name: without_folders(value) for name, value in parameters.items()}
    if shown != dict(parameters):
        executed.metadata.get("papermill", {}).get("parameters", {}).update(shown)
        for cell in executed.cells:
            if _is_injected(cell):
                cell.source = _as_injected(executed, shown)
    return executed


def _as_injected(notebook: NotebookNode, parameters: Mapping[str, Any]) -> str:
    """Return the source of the cell that papermill injects for these parameters."""
    from papermill.translators import translate_parameters  # slow to import

    kernel = notebook.metadata.get("kernelspec", {})
    source: str = translate_parameters(
        kernel.get("name", "python3"), kernel.get("language", "python"), dict(parameters)
    )
    return source


def is_parameters(cell: NotebookNode) -> bool:
    """Return whether a cell is the one that declares the notebook's parameters."""
    return "parameters" in cell.metadata.get("tags", [])


def _is_injected(cell: NotebookNode) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", [])
