"""A run where it happens: what it depends on there, what came of it, what it was made with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from notebook_press import provenance
from notebook_press.keys import ENVIRONMENT, ProjectParts, changes, run_key
from notebook_press.project import Project
from notebook_press.running.tasks import Failure, Observer, RunOutcome, RunTask


@contextmanager
def perform(
    task: RunTask, observer: Observer, parts: ProjectParts | None = None
) -> Iterator[RunOutcome]:
    """Give what comes of a task in this process; its kernel ends during the body.

    Args:
        task: The notebook to be run.
        observer: Who is told what happens.
        parts: What all notebooks of its project depend on, as the task was planned with in this
            process; None where it was planned in another, so that all is to be found anew.
    """
    from notebook_press.running.papermill_engine import run  # slow to import

    project = task.project or Project(task.folder)
    key = task.expected
    if parts is None:
        parts = ProjectParts(project, task.threads)
        key = run_key(task.notebook, task.folder, task.parameters, task.inputs, parts)
    if foreign := [name for name in changes(task.expected, key) if name in ENVIRONMENT]:
        what = ", ".join(foreign)
        why = (
            f"never ran: expected the {what} that it was planned with, found others; install those"
        )
        yield RunOutcome(task.notebook, Failure(0, why, "worker"))
        return
    with run(task, observer) as outcome:
        facts = provenance.made_now(project, outcome.seconds, task.threads)
        yield replace(outcome, facts=facts, key=parts.settled(key))
