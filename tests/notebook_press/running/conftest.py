"""Runs of notebooks, as the press does them, and what is left of their processes."""

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest

from notebook_press.notebook import NotebookFailedError, failure, read_notebook
from notebook_press.running import papermill_engine
from notebook_press.running.processes import TimeLimits, mark_of
from notebook_press.running.tasks import RunTask


def run_notebook(
    path: Path,
    *,
    parameters: dict[str, object] | None = None,
    started: Callable[[int], None] = lambda index: None,
    tagged_errors: bool = False,
    **limits: float,
) -> nbformat.NotebookNode:
    """Return an executed notebook that passed the gate."""
    task = RunTask(
        path.stem,
        read_notebook(path),
        parameters or {},
        path.parent,
        path.with_name("kernel.log"),
        mark_of(path.parent),
        TimeLimits(**limits),
        tagged_errors=tagged_errors,
    )
    observer = SimpleNamespace(ready=lambda: None, cell_started=started, note=lambda text: None)
    with papermill_engine.run(task, observer) as outcome:
        executed = outcome.executed
    if outcome.failed is not None:
        raise failure(executed, task.report, outcome.failed.cell, outcome.failed.why)
    return executed


@pytest.fixture(scope="session")
def run() -> Callable[..., nbformat.NotebookNode]:
    """The function that runs a notebook."""
    return run_notebook


@pytest.fixture(scope="session")
def failure_of() -> Callable[..., NotebookFailedError]:
    """The function that runs a notebook and returns the failure, told in one line."""

    def failure_of(path: Path, **options: object) -> NotebookFailedError:
        with pytest.raises(NotebookFailedError) as caught:
            run_notebook(path, **options)
        assert "\n" not in str(caught.value)
        return caught.value

    return failure_of


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., nbformat.NotebookNode]:
    """The function that runs one notebook for all tests of a module: cells below a title."""

    def run_once(*code: str, tag: str = "first", **options: object) -> nbformat.NotebookNode:
        cells = [nbformat.v4.new_markdown_cell("# What is the answer?")]
        cells += map(nbformat.v4.new_code_cell, code)
        cells[1].metadata["tags"] = [tag]
        spec = {"name": "python3", "display_name": "python3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
        path = tmp_path_factory.mktemp("notebooks") / "story.ipynb"
        nbformat.write(notebook, path)
        with pytest.MonkeyPatch.context() as patch:
            # In tests ipykernel omits what is written to a kernel's descriptors.
            patch.delenv("PYTEST_CURRENT_TEST", raising=False)
            return run_notebook(path, **options)

    return run_once


@pytest.fixture(scope="session")
def still_alive() -> Callable[[Iterable[int]], list[int]]:
    """The function that returns those of the processes that have not ended."""

    def still_alive(pids: Iterable[int]) -> list[int]:
        running = psutil.process_iter(["status"])
        ended = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return [
            each.pid for each in running if each.pid in pids and each.info["status"] not in ended
        ]

    return still_alive
