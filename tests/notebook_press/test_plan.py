"""What a build is asked for: refused before a kernel starts where it is wrong; and what it does."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from manifests import as_manifest
from rich.console import Console

from notebook_press.builds import build
from notebook_press.errors import DataError, UsageError
from notebook_press.keys import Keys
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request, next_step

STORY = Path("notebooks/story.ipynb")


@pytest.fixture
def refused(write_notebook, project, monkeypatch):
    """Return a function that asks for a build, which fails the test where a kernel is started."""
    run = "notebook_press.running.papermill_engine.run"
    monkeypatch.setattr(run, lambda *_: pytest.fail("a kernel was started"))
    write_notebook("print(factor)", parameters="factor: int = 2  # what is printed")

    def ask(error, message, *parameters, notebooks=(STORY,), **options):
        given = parse_assignments(parameters)
        with pytest.raises(error, match=message):
            build(Request(notebooks=notebooks, given=given, **options), Console(quiet=True))

    return ask


@pytest.mark.parametrize(
    ("message", "parameters", "options"),
    [
        ("did you mean factor", [("factr", "3")], {}),
        ("expected a whole number", [("factor", "2.0")], {}),
        ("expected a run name", [], {"run": "a/b"}),
        ("keeps the name 'failed' for itself", [], {"run": "failed"}),
        ("no such notebook", [], {"notebooks": (Path("nowhere.ipynb"),)}),
        ("two notebooks are called 'story'", [], {"notebooks": (STORY, STORY)}),
        ("--to: expected some of", [], {"formats": ("docx",)}),
        ("--to: expected some of", [], {"formats": ()}),
    ],
)
def test_what_can_not_be_made_is_refused_before_a_kernel_starts(
    refused, message, parameters, options
):
    refused(UsageError, message, *parameters, **options)


@pytest.mark.promise("A notebook is never replaced by its own report.")
def test_a_report_that_would_replace_its_notebook_is_refused(refused, project):
    before = STORY.read_bytes()
    message = "would be replaced by its report; choose another --name"
    refused(UsageError, message, reports=project, run="notebooks")
    assert STORY.read_bytes() == before


def test_a_file_that_is_no_notebook_is_refused(refused):
    STORY.write_text("<html>")
    refused(UsageError, "not a notebook")


def test_what_prepare_refuses_is_a_data_error_before_a_kernel_starts(refused, project):
    (project / "pyproject.toml").write_text(
        '[tool.notebook-press]\nprepare = "refuse_data:prepare"\n'
    )
    (project / "refuse_data.py").write_text("def prepare(p): raise OSError('no such data')")
    refused(DataError, "no such data")


@pytest.mark.parametrize(
    ("changed", "options", "damaged", "to_run", "to_render"),
    [
        ({}, {}, {}, (), ()),
        (
            {"keys": {"run": {"code": "2", "lock": "1"}, "render": {}}},
            {},
            {},
            ("changed: code", "changed: lock"),
            (),
        ),
        (
            {"keys": {"run": {"code": "1"}, "render": {"prose": "1"}}},
            {},
            {},
            (),
            ("changed: prose",),
        ),
        ({}, {"formats": ("html", "pdf")}, {}, (), ("pdf",)),
        ({}, {"fresh": True}, {}, ("asked to measure anew",), ()),
        ({"warnings": 1}, {"strict": True}, {}, ("it warned, which --strict refuses",), ()),
        ({"warnings": 1}, {}, {}, (), ()),
        ({}, {}, {"story.html": "missing"}, (), ("story.html missing",)),
        (
            {},
            {},
            {"story.ipynb": "missing"},
            ("the published notebook was damaged",),
            ("story.ipynb missing",),
        ),
    ],
)
def test_what_differs_from_what_was_published_says_what_is_to_be_done(
    changed, options, damaged, to_run, to_render
):
    job = SimpleNamespace(report="story", fresh=False)
    request = Request(notebooks=(), **{"formats": ("html",), **options})
    found = Keys(run={"code": "1"}, render={})
    step = next_step(job, request, found, as_manifest(**changed), damaged)
    assert (step.to_run, step.to_render) == (to_run, (*to_run, *to_render))


def test_what_was_never_published_is_run():
    job = SimpleNamespace(report="story", fresh=False)
    step = next_step(job, Request(notebooks=()), Keys({}, {}), None, {})
    assert step.to_run == step.to_render == ("first run",)
