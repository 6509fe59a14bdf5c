import subprocess
import sys
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest
from nbconvert.exporters import get_exporter
from report_notebooks import as_html, as_pdf, code, notebook, prose, report, said

from notebook_press.errors import RenderingError
from notebook_press.rendering import FORMATS, exporters
from notebook_press.rendering.exporters import HTMLReportExporter, prepare, render_pages
from notebook_press.rendering.prose import markdown
from notebook_press.rendering.reading import read_page


def test_all_formats_of_an_empty_notebook_are_made_from_one_reading(monkeypatch, tmp_path):
    read = []
    monkeypatch.setattr(exporters, "read_page", lambda *a: read.append(a) or read_page(*a))
    page, contents = render_pages(notebook(), "an_empty_one", FORMATS, tmp_path)
    assert (len(read), page.title, tuple(contents)) == (1, "an empty one", FORMATS)


@pytest.mark.slow
def test_plain_nbconvert_makes_the_same_files(tmp_path):
    path = tmp_path / "02_network.ipynb"
    nbformat.write(report(), path)
    _, contents = render_pages(nbformat.read(path, 4), "02_network", FORMATS, tmp_path)
    for name in FORMATS:
        made, _ = get_exporter(f"notebook-press-{name}")().from_filename(path)
        assert (made if isinstance(made, bytes) else made.encode()) == contents[name]
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook-press-pdf", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    assert path.with_suffix(".pdf").read_bytes() == contents["pdf"]


def test_a_page_that_is_not_fit_to_publish_is_refused_by_its_name(monkeypatch, tmp_path):
    monkeypatch.setitem(exporters._RENDERERS, "html", lambda _: "<p>no page</p>")
    with pytest.raises(RenderingError, match=r"^x\.html: .* not fit to publish"):
        render_pages(notebook(), "x", ("html", "pdf"), tmp_path)


def test_what_nobody_foresaw_is_one_line_that_names_the_report(tmp_path):
    with pytest.raises(RenderingError, match=r"^report 'x': expected outputs as kernels write"):
        render_pages({"cells": None}, "x", FORMATS, tmp_path)
    odd = {"metadata": {"name": "x"}, "page": "no page"}
    with pytest.raises(RenderingError, match=r"^report 'x': expected outputs as kernels write"):
        HTMLReportExporter().from_notebook_node(v4.new_notebook(), odd)


def test_what_was_prepared_while_a_notebook_ran_gives_the_same_pages():
    cells = [
        prose("# A *title*\n\n## Figure 1\n\nSee [below](#last) and [there](#figure-1).\n\n$x^2$"),
        prose("### Results\n\nNothing."),
        code(said("say", {"text/markdown": "## Results\n\n#### Deep"})),
        prose("### Results\n\n## Last\n\n![x](attachment:no.png)"),
        prose("### Last"),
    ]
    made = notebook(*cells)
    fresh = []
    for _ in range(2):
        fresh.append((as_html(made), as_pdf(made)))
        markdown._typeset.clear()
        prepare(made, Path())
    assert fresh[0] == fresh[1]


def test_preparing_never_ends_a_run():
    prepare({"cells": [{"cell_type": "code"}]}, Path())


HEAVY = {"tensorflow", "matplotlib", "nbconvert", "nbformat", "IPython"}


@pytest.mark.parametrize(
    ("names", "heavy"),
    [
        ([".html", ".paper.pdf", ".slides.pptx", ".index", ".checks"], HEAVY),
        ([""], {"jinja2"}),
    ],
    ids=["rendering", "the names of the formats"],
)
def test_nothing_heavy_is_imported_for(names, heavy):
    modules = ", ".join(f"notebook_press.rendering{name}" for name in names)
    program = f"import sys, {modules}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout == b"set()\n"
