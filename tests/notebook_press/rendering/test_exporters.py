import subprocess
import sys

import nbformat
import nbformat.v4 as v4
import pytest

from notebook_press.rendering.checks import check_html, check_pdf, check_pptx


def nbconvert(folder, exporter):
    cells = [
        v4.new_markdown_cell("## A heading\n\n$x^2$"),
        v4.new_code_cell("x = 1", execution_count=1),
    ]
    nbformat.write(v4.new_notebook(cells=cells), folder / "a notebook.ipynb")
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", exporter, "a notebook.ipynb"],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def test_plain_nbconvert_makes_the_html_report(tmp_path):
    nbconvert(tmp_path, "notebook-press-html")
    check_html(tmp_path / "a notebook.html")
    assert "<h1>a notebook</h1>" in (tmp_path / "a notebook.html").read_text(encoding="utf-8")


def test_plain_nbconvert_makes_the_pdf_report(tmp_path):
    nbconvert(tmp_path, "notebook-press-pdf")
    check_pdf(tmp_path / "a notebook.pdf")


def test_plain_nbconvert_makes_the_slides(tmp_path):
    nbconvert(tmp_path, "notebook-press-pptx")
    check_pptx(tmp_path / "a notebook.pptx")


@pytest.mark.parametrize("module", ["webpage", "document", "deck", "index", "checks"])
def test_rendering_imports_nothing_heavy(module):
    heavy = ("tensorflow", "matplotlib", "nbconvert", "nbformat", "IPython")
    found = f"[name for name in {heavy} if name in sys.modules]"
    program = f"import sys, notebook_press.rendering.{module}; print({found})"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
