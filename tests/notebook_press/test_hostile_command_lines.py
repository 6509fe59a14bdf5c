"""Command lines that mean harm: an exit code of their own and one short line, and no kernel."""

import ast
import os
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from rich.console import Console

from notebook_press import builds as building
from notebook_press.builds import build
from notebook_press.cli import main
from notebook_press.parameters import parse_assignments
from notebook_press.plan import Request

LONGEST = 2_200


@pytest.fixture
def refuse(monkeypatch, capsys, write_notebook, project) -> Callable[..., tuple[int, str]]:
    """Return a function that builds a story with arguments: the exit code and the last line."""
    path = write_notebook("1", parameters="epochs: int = 1\ntitle: str = 'a'")
    monkeypatch.setattr(building, "execute", lambda *a, **k: pytest.fail("a kernel was started"))

    def run(*arguments: str) -> tuple[int, str]:
        command = ["notebook-press", "build", str(path), "--to", "html", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert lines[0].isprintable()
        assert len(lines[0]) <= LONGEST
        assert not list((project / "reports").glob("[!.]*/*"))
        return int(ended.value.code or 0), lines[0]

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "x=open('owned','w')", "1"),
        ("-p", "__import__('os')", "1"),
        ("-p", "epochs;title", "1"),
        ("-p", "x" * 10_000, "1"),
        ("-p", "epochs", "9" * 10_000),
        ("-p", "title", "a\nb"),
        ("-p", "\u0435pochs", "1"),
        ("-p", "epochs", "1", "-p", "ｅｐｏｃｈｓ", "2"),  # noqa: RUF001
        ("--name", "x" * 10_000),
        ("--name", "nul"),
        ("--name", "\x1b[31m\n"),
        ("--expect", "x" * 10_000),
        ("--to", "x" * 10_000),
        ("--" + "x" * 10_000,),
        ("-f", "x" * 10_000),
        ("-f", "."),
        ("--profile", "\x1b[31m\n.yaml"),
        ("x" * 10_000 + ".ipynb",),
        ("--reports", "x" * 10_000, "--name", "nul"),
        ("\x1b[31m\n.ipynb",),
    ],
    ids=lambda arguments: ascii(" ".join(arguments)[:30]),
)
def test_what_can_not_be_asked_for_ends_with_2(refuse, arguments, project):
    assert refuse(*arguments)[0] == 2
    assert not list(project.rglob("owned"))


def test_two_notebooks_that_differ_by_case_end_with_2(refuse, write_notebook):
    other = write_notebook("1", name="Story")
    assert "two notebooks are called 'story'" in refuse(str(other))[1]


@pytest.mark.parametrize("option", ["-f", "--profile"])
def test_a_pipe_in_place_of_a_file_does_not_hang(refuse, option, project):
    os.mkfifo(project / "pipe.yaml")
    code, line = refuse(option, "pipe.yaml")
    assert (code, "expected a parameter file pipe.yaml, found no file" in line) == (2, True)


def test_a_pipe_in_place_of_a_notebook_does_not_hang(refuse, project):
    os.mkfifo(project / "pipe.ipynb")
    assert "'pipe.ipynb': no such notebook" in refuse("pipe.ipynb")[1]


def test_a_pipe_among_the_sources_does_not_hang(refuse, project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nsources = ['src']")
    (project / "src").mkdir()
    os.mkfifo(project / "src" / "pipe.py")
    code, line = refuse()
    assert (code, "pipe.py: expected a file or folder that can be read" in line) == (2, True)


def test_a_run_that_differs_from_another_by_case_ends_with_2(refuse, project):
    (project / "elsewhere" / "long").mkdir(parents=True)
    assert "found 'LONG' beside 'long'" in refuse("--reports", "elsewhere", "--name", "LONG")[1]


@pytest.mark.promise(
    "A `prepare` that ends the program with status 0 does not end the build with status 0."
)
def test_a_prepare_that_ends_the_program_well_does_not_end_the_build_well(refuse, project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nprepare = 'leaving_:prepare'")
    Path("leaving_.py").write_text("import sys\ndef prepare(p): sys.exit(0)")
    assert refuse()[0] == 3


ODD = '{epochs} {{0}} \\ " \' \\N{DIGIT ONE} %s $(id) \u202e é \N{GRINNING FACE} # """'


def test_a_kernel_is_given_exactly_the_text_that_was_given(write_notebook, project):
    path = write_notebook("print(ascii(title))", parameters="title: str = 'a'")
    given = parse_assignments([("title", ODD)])
    build(Request(notebooks=(path,), formats=("html",), given=given), Console(quiet=True))
    published = nbformat.read(project / "reports/default/story.ipynb", as_version=4)
    assert ast.literal_eval(published.cells[-1].outputs[0].text) == ODD
