"""What a build does with what it finds: a report that is run, rendered or left alone."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from manifests import as_manifest
from nbformat.v4 import new_notebook

from notebook_press.keys import Keys
from notebook_press.parameters import Parameter, defaults
from notebook_press.parameters.types import Code
from notebook_press.plan import Job, next_step
from notebook_press.project import Prepared
from notebook_press.request import Request

OTHER_RUN = {"keys": {"run": {"code": "2", "lock": "1"}, "render": {}}}
OTHER_PAGE = {"keys": {"run": {"code": "1"}, "render": {"prose": "1"}}}
LOST = {"story.ipynb": "missing"}
UNSHOWN = "something is not shown, which --strict refuses"


@pytest.mark.parametrize(
    ("changed", "options", "damaged", "to_run", "to_render"),
    [
        ({}, {}, {}, (), ()),
        (OTHER_RUN, {}, {}, ("changed: code", "changed: lock"), ()),
        (OTHER_PAGE, {}, {}, (), ("changed: prose",)),
        ({}, {"formats": ("html", "pdf")}, {}, (), ("pdf",)),
        ({}, {"fresh": True}, {}, ("asked to measure anew",), ()),
        ({"warnings": 1}, {"strict": True}, {}, ("it warned, which --strict refuses",), ()),
        ({"warnings": 1}, {}, {}, (), ()),
        ({"not_shown": 1}, {"strict": True}, {}, (), (UNSHOWN,)),
        ({"not_shown": 1}, {}, {}, (), ()),
        ({"hidden": 1, "lesser_forms": 1, "scripts_not_run": 1}, {"strict": True}, {}, (), ()),
        ({}, {}, {"story.html": "missing"}, (), ("story.html missing",)),
        ({}, {}, LOST, ("the published notebook was damaged",), ("story.ipynb missing",)),
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


@pytest.mark.parametrize(
    ("given", "answer", "injected"),
    [
        ({}, {}, {"epochs": 10}),
        ({"sizes": [1]}, {}, {"epochs": 10, "sizes": [1]}),
        (
            {},
            {"dataset": "digits", "sizes": [2]},
            {"epochs": 10, "dataset": "digits", "sizes": [2]},
        ),
    ],
)
def test_a_kernel_is_given_what_was_asked_for_and_what_prepare_changed(given, answer, injected):
    declared = (
        Parameter("epochs", int, "int", 10, "", 1),
        Parameter("dataset", None, "str", "auto", "", 2),
        Parameter("sizes", list[int], "list[int]", [1], "", 3),
        Parameter("folder", None, "", Code("Path('x')"), "", 4),
    )
    prepared = Prepared(parameters=defaults(declared) | given | answer, inputs={}, notice=None)
    job = Job(Path("story.ipynb"), new_notebook(), declared, {"epochs": 10} | given, prepared)
    assert job.injected == injected


def test_what_was_never_published_is_run():
    job = SimpleNamespace(report="story", fresh=False)
    step = next_step(job, Request(notebooks=()), Keys({}, {}), None, {})
    assert step.to_run == step.to_render == ("first run",)
