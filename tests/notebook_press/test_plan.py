"""What a build is asked for: refused before a kernel starts where it is wrong."""

from pathlib import Path

import pytest
from rich.console import Console

from notebook_press import builds as building
from notebook_press.builds import build
from notebook_press.errors import DataError, ParameterError, UsageError
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request


@pytest.fixture
def story(write_notebook):
    return write_notebook("print(factor)", parameters="factor: int = 2  # what is printed")


@pytest.fixture
def said():
    """A console that nobody sees."""
    return Console(quiet=True)


def make(path: Path, said: Console, *parameters: tuple[str, str], **options: object):
    return build(Request(notebooks=(path,), given=parse_assignments(parameters), **options), said)


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch):
    """Make the test fail if a kernel is started."""
    monkeypatch.setattr(building, "execute", lambda *a, **k: pytest.fail("a kernel was started"))


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (("factr", "3"), "did you mean factor"),
        (("factor", "three"), "expected a whole number"),
        (("factor", "2.0"), "expected a whole number"),
        (("factor", "true"), "expected a whole number"),
        (("factor", "nan"), "expected a whole number"),
    ],
)
def test_wrong_parameters_are_refused_before_a_kernel_starts(story, said, parameter, message):
    with pytest.raises(ParameterError, match=message):
        make(story, said, parameter)


@pytest.mark.parametrize("run", ["a/b", "..", "{run}", "-x", "https://x", "failed", ""])
def test_a_wrong_run_name_is_refused_before_a_kernel_starts(story, said, run):
    with pytest.raises(UsageError, match="name"):
        make(story, said, run=run)


@pytest.mark.promise("A notebook is never replaced by its own report.")
def test_a_report_that_would_replace_its_notebook_is_refused(story, said, project):
    before = story.read_bytes()
    with pytest.raises(UsageError, match="would be replaced by its report; choose another --name"):
        make(story, said, reports=project, run="notebooks")
    assert story.read_bytes() == before


def test_a_missing_notebook_is_refused(project, said):
    with pytest.raises(UsageError, match="no such notebook"):
        make(project / "notebooks" / "nowhere.ipynb", said)


def test_a_file_that_is_no_notebook_is_refused(project, said):
    (project / "notebooks" / "story.ipynb").write_text("<html>")
    with pytest.raises(UsageError, match="not a notebook"):
        make(project / "notebooks" / "story.ipynb", said)


def test_two_notebooks_of_one_name_are_refused(story, said):
    with pytest.raises(UsageError, match="two notebooks are called 'story'"):
        build(Request(notebooks=(story, story)), said)


@pytest.mark.parametrize("formats", [("docx",), ()])
def test_a_format_that_there_is_not_is_refused(story, said, formats):
    with pytest.raises(UsageError, match="--to"):
        make(story, said, formats=formats)


def test_what_prepare_refuses_is_a_data_error_before_a_kernel_starts(story, project, said):
    (project / "pyproject.toml").write_text(
        '[tool.notebook-press]\nprepare = "refuse_data:prepare"\n'
    )
    (project / "refuse_data.py").write_text("def prepare(p): raise OSError('no such data')")
    with pytest.raises(DataError, match="no such data"):
        make(story, said)
