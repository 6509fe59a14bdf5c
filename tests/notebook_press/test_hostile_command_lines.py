"""Command lines that mean harm: an exit code of their own and one short line, and no kernel."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from notebook_press.cli import main
from notebook_press.running import papermill_engine

LONGEST = 2_200


@pytest.fixture
def refuse(monkeypatch, capsys, write_notebook, project) -> Callable[..., tuple[int, str]]:
    """Return a function that builds a story with arguments: the exit code and the last line."""
    path = write_notebook("1", parameters="epochs: int = 1\ntitle: str = 'a'")
    monkeypatch.setattr(papermill_engine, "run", lambda *a: pytest.fail("a kernel was started"))

    def run(*arguments: str) -> tuple[int, str]:
        command = ["notebook-press", "build", str(path), "--to", "html", *arguments]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as ended:
            main()
        (line,) = capsys.readouterr().err.splitlines()
        assert line.isprintable()
        assert len(line) <= LONGEST
        assert not list((project / "reports").glob("[!.]*/*"))
        return int(ended.value.code or 0), line

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-p", "x=open('owned','w')", "1"), "unknown parameter"),
        (("-p", "title", "a\nb"), "control characters"),
        (("--name", "\x1b[31m\n"), "expected a run name"),
        (("--expect", "x" * 10_000), "expected [REPORT.]RESULT"),
        (("--to", "x" * 10_000), "--to: expected some of"),
        (("--" + "x" * 10_000,), "No such option"),
        (("-f", "pipe.yaml"), "expected a parameter file pipe.yaml, found no file"),
        (("--profile", "\x1b[31m\n.yaml"), "found no file"),
        (("x" * 10_000 + ".ipynb",), "no such notebook"),
        (("pipe.ipynb",), "'pipe.ipynb': no such notebook"),
        (("notebooks/Story.ipynb",), "two notebooks are called 'story'"),
        (("--reports", "elsewhere", "--name", "LONG"), "found 'LONG' beside 'long'"),
    ],
    ids=lambda value: ascii(" ".join(value)[:30]) if isinstance(value, tuple) else "",
)
def test_what_can_not_be_asked_for_ends_with_2(refuse, project, arguments, said):
    os.mkfifo(project / "pipe.yaml")
    os.mkfifo(project / "pipe.ipynb")
    (project / "elsewhere" / "long").mkdir(parents=True)
    code, line = refuse(*arguments)
    assert (code, said in line) == (2, True)
    assert not (project / "owned").exists()


@pytest.mark.promise(
    "A `prepare` that ends the program with status 0 does not end the build with status 0."
)
def test_a_prepare_that_ends_the_program_well_does_not_end_the_build_well(refuse, project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nprepare = 'leaving_:prepare'")
    Path("leaving_.py").write_text("import sys\ndef prepare(p): sys.exit(0)")
    assert refuse()[0] == 3


def test_a_pipe_among_the_sources_does_not_hang(refuse, project):
    (project / "pyproject.toml").write_text("[tool.notebook-press]\nsources = ['src']")
    (project / "src").mkdir()
    os.mkfifo(project / "src" / "pipe.py")
    code, line = refuse()
    assert (code, "pipe.py: expected a file or folder that can be read" in line) == (2, True)
