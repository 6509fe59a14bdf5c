"""Typst in a process of its own: what becomes of a document that crashes it or never ends."""

import nbformat.v4 as v4
import pytest

from notebook_press.errors import RenderingError
from notebook_press.rendering import markdown, typst
from notebook_press.rendering.markdown import Piece, typeset
from notebook_press.rendering.pdf import render_document
from notebook_press.rendering.typst import run_typst

PDF = {"format": "pdf", "timestamp": 0}


@pytest.mark.promise("A document that Typst never ends with is given up.")
def test_a_document_that_typst_never_ends_with_is_given_up(monkeypatch):
    monkeypatch.setattr(typst, "SECONDS", 2.0)
    endless = "#for a in range(99999) { for b in range(99999) { let c = a * b } }"
    with pytest.raises(RenderingError, match="report 'x': expected Typst to end within 2 s"):
        run_typst(endless, {}, PDF, "report 'x'")


@pytest.mark.promise("Markdown that pandoc never ends with is given up in one line.")
def test_an_equation_that_pandoc_never_ends_with_is_given_up(monkeypatch):
    monkeypatch.setattr(markdown, "_SECONDS", 2.0)
    tower = "x^{" * 40 + "x" + "}" * 40
    with pytest.raises(RenderingError, match="expected pandoc to read the Markdown within 2 s"):
        typeset([Piece(f"${tower}$")], "typst")


@pytest.mark.promise("A Typst that crashes does not take the press along.")
def test_a_typst_that_crashes_does_not_take_the_press_along(monkeypatch, tmp_path):
    worker = tmp_path / "worker.py"
    worker.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(typst, "_WORKER", worker)
    with pytest.raises(RenderingError, match="report 'x': expected Typst to end well, found exit"):
        run_typst("text", {}, PDF, "report 'x'")


def test_an_equation_nested_very_deeply_ends_in_a_page_or_in_one_line():
    tower = "\\frac{1}{" * 900 + "x" + "}" * 900
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"# A title\n\n${tower}$")])
    with pytest.raises(RenderingError, match="report 'x': "):
        render_document(notebook, "x")


def test_nothing_of_it_is_left_in_the_folder_for_temporary_files(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run_typst("#set document(title: [x])", {}, PDF, "x")[0].startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == []
