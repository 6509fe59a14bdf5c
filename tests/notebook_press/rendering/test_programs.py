"""pandoc and Typst as programs: where they work, and what becomes of those that fail."""

import sys
from dataclasses import replace

import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering.paper import typst
from notebook_press.rendering.paper.typst import Document, run_typst
from notebook_press.rendering.programs import Program, own_workplace, surroundings, working_below
from notebook_press.rendering.prose import markdown, tex
from notebook_press.rendering.prose.markdown import Piece, to_html

PDF = {"format": "pdf", "timestamp": 0}


@pytest.mark.promise(
    "What pandoc or Typst was at when a press was killed lies where the next command clears "
    "it away."
)
def test_a_program_works_where_whoever_follows_a_killed_press_clears_away(tmp_path):
    show = (sys.executable, "-I", "-c", "import os; print(os.environ['TMPDIR'], os.getenv('MARK'))")
    program = Program("Python", show, 60.0, "")
    with working_below(tmp_path, "MARK"), own_workplace("python") as folder:
        inside = program.answer("", folder, "x")
    with own_workplace("python") as folder:
        alone = surroundings(folder)
    assert inside.startswith(f"{tmp_path}/python-")
    assert inside.endswith(" 1\n")
    assert "MARK" not in alone
    assert not alone["TMPDIR"].startswith(str(tmp_path))


@pytest.mark.promise("A document that Typst never ends with is given up.")
def test_a_document_that_typst_never_ends_with_is_given_up(monkeypatch):
    monkeypatch.setattr(typst, "TYPST", replace(typst.TYPST, seconds=1.0))
    endless = "#for a in range(99999) { for b in range(99999) { let c = a * b } }"
    with pytest.raises(RenderingError, match="report 'x': expected Typst to end within 1 s"):
        run_typst(Document(endless, {}), PDF, "report 'x'")


@pytest.mark.promise("Markdown that pandoc never ends with is given up in one line.")
@pytest.mark.promise("A pandoc that is given up leaves no file.")
def test_an_equation_that_pandoc_never_ends_with_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(markdown, "PANDOC", replace(markdown.PANDOC, seconds=1.0))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tex, "DEEPEST_SCRIPTS", 50)
    tower = "$" + "x^{" * 40 + "x" + "}" * 40 + "$"
    with pytest.raises(RenderingError, match="the Markdown: expected pandoc to end within 1 s"):
        to_html([Piece(tower), Piece("Words.")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("A Typst that crashes does not take the press along.")
def test_a_typst_that_crashes_does_not_take_the_press_along(monkeypatch):
    crash = (sys.executable, "-c", "import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(typst, "TYPST", replace(typst.TYPST, command=crash))
    with pytest.raises(RenderingError, match="report 'x': expected Typst to end well, found exit"):
        run_typst(Document("text", {}), PDF, "report 'x'")


def test_a_program_that_is_not_there_is_named(tmp_path):
    program = Program("pandoc", ("/nowhere/pandoc",), 1.0, "")
    with pytest.raises(RenderingError, match="x: expected pandoc at /nowhere/pandoc, found: "):
        program.answer("", tmp_path, "x")


def test_nothing_of_typst_is_left_in_the_folder_for_temporary_files(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run_typst(Document("#set document(title: [x])", {}), PDF, "x")[0].startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == []
