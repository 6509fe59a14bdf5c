"""Builds without a kernel and without rendering: cells run in this process, pages are made at once.

For tests of what surrounds a run or a rendering. All else is the press as it is, and so is what a
page says of its notebook, and the gate's verdict.
"""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat.v4
from nbformat import NotebookNode
from papermill.parameterize import parameterize_notebook

from notebook_press.notebook import is_injected, is_run, may_raise
from notebook_press.rendering.page import Page
from notebook_press.rendering.reading import read_page
from notebook_press.running.gate import (
    SENTINEL_TAG,
    Ending,
    verdict,
    with_sentinel,
    without_tag,
)
from notebook_press.running.tasks import RunOutcome, RunTask

NONCE = "as the sentinel prints"


@contextlib.contextmanager
def run(task: RunTask, observer: Any) -> Iterator[RunOutcome]:
    """Give what papermill's engine does of a task, and leave what it leaves."""
    executed = with_sentinel(task.notebook, NONCE)
    for cell in executed.cells:  # as papermill does where it reads a file
        cell.metadata.setdefault("tags", [])
    executed.metadata.setdefault("papermill", {})
    if task.parameters:
        executed = parameterize_notebook(executed, dict(task.parameters), kernel_name="python3")
        next(filter(is_injected, executed.cells))["id"] = "injected"  # not another one each time
    system = None
    try:
        task.log.write_text("what the kernel wrote past Jupyter\n")
        observer.ready()
        ending = Ending(_run_cells(executed, task, observer))
    except OSError as error:
        ending, system = Ending(0, trouble=f"{type(error).__name__}: {error}"), error
    failed = verdict(executed, NONCE, ending, tagged_errors=task.tagged_errors)
    yield RunOutcome(without_tag(executed, SENTINEL_TAG), failed, system)


def _run_cells(notebook: NotebookNode, task: RunTask, observer: Any) -> int:
    """Run the cells up to the first that fails, and return the index of the last."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for index, cell in enumerate(notebook.cells):
        if not is_run(cell):
            continue
        observer.cell_started(index)
        cell.execution_count = index
        with _captured(cell.outputs, observer), contextlib.chdir(task.folder):
            try:
                exec(cell.source, names)
            except (Exception, SystemExit) as error:
                said = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
                cell.outputs.append(nbformat.v4.new_output("error", **said))
        if may_raise(cell) and task.tagged_errors:
            continue
        if any(output.output_type == "error" for output in cell.outputs):
            break
    return index


@contextlib.contextmanager
def _captured(outputs: list[NotebookNode], observer: Any) -> Iterator[None]:
    import IPython.display

    def display(data: Mapping[str, Any], *, raw: bool, metadata: Mapping[str, Any]) -> None:
        if metadata["notebook_press"]["kind"] == "progress":
            observer.note(data["text/plain"])
        else:
            outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))

    streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    real, IPython.display.display = IPython.display.display, display
    try:
        with (
            contextlib.redirect_stdout(streams["stdout"]),
            contextlib.redirect_stderr(streams["stderr"]),
        ):
            yield
    finally:
        IPython.display.display = real
        for name, stream in streams.items():
            if stream.getvalue():
                outputs.append(nbformat.v4.new_output("stream", name=name, text=stream.getvalue()))


def render_pages(
    executed: NotebookNode, report: str, formats: Sequence[str], _source: Path
) -> tuple[Page, dict[str, bytes]]:
    """What a notebook's page holds, and as the page in each format the notebook itself."""
    return read_page(executed, report), dict.fromkeys(formats, json.dumps(executed).encode())


def render_index(*shown: Sequence[Mapping[str, Any]]) -> str:
    """As the index the manifests themselves, the sweeps' cards and the runs of the past."""
    return json.dumps([each for part in shown for each in part])


KERNEL: Mapping[str, Callable[..., Any]] = {
    "notebook_press.running.papermill_engine.run": run,
    "notebook_press.builds.unmet": lambda *_: None,
}
RENDERING: Mapping[str, Callable[..., Any]] = {
    "notebook_press.rendering.exporters.render_pages": render_pages,
    "notebook_press.rendering.exporters.prepare": lambda notebook, source: None,
    "notebook_press.rendering.index.render_index": render_index,
    "notebook_press.sweeping.pages.write_pages": lambda *_: None,
}
"""What stands in for what, by its place."""
