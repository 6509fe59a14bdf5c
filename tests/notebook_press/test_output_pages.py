"""Output that is hostile to pages and terminals, all the way to what readers and builders see."""

import io
import json

import pypdf
import pytest
from pptx import Presentation
from report_notebooks import as_pdf, code, notebook, said, stream
from rich.console import Console

from notebook_press.builds import build
from notebook_press.console import Terminal
from notebook_press.errors import ExecutionError
from notebook_press.request import Request

NOTICE = "Cell 2 printed more than 1 MB of text: "
HOSTILE = (
    "import sys\n"
    "print('nul \\x00 \\x1b[31mred\\x1b[0m \\x1b]8;;https://x.example\\x1b\\\\link\\x1b]8;;\\x1b\\\\')\n"
    "print('\\x1b]0;never ended\\nand on \\udc80')\n"
    "print('\\x1b]0;title\\x07loud\\x00', file=sys.stderr)"
)


@pytest.fixture
def terminal():
    """What a terminal would get."""
    return Console(file=io.StringIO(), width=200)


def make(path, terminal, *formats):
    return build(Request(notebooks=(path,), formats=formats), Terminal(terminal)).checked()


def text_of_slides(path):
    deck = Presentation(str(path))
    shapes = [shape for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    notes = [slide.notes_slide.notes_text_frame for slide in deck.slides if slide.has_notes_slide]
    return " ".join([*(shape.text_frame.text for shape in shapes), *(n.text for n in notes)])


@pytest.mark.promise("A page and its slides say at the top that a cell's text is left out.")
def test_a_page_the_slides_and_the_log_say_that_text_is_left_out(write_notebook, project, terminal):
    (manifest,) = make(write_notebook("print('x' * 3_000_000)"), terminal, "html", "pptx")
    folder = project / "reports/default"
    assert NOTICE in (folder / "story.html").read_text()
    assert "characters are left out here]" in (folder / "story.html").read_text()
    assert NOTICE in text_of_slides(folder / "story.pptx")
    assert NOTICE in terminal.file.getvalue()
    assert 1_990_000 < manifest.characters_left_out < 2_000_000


def printed_on_paper(*outputs):
    return pypdf.PdfReader(io.BytesIO(as_pdf(notebook(code(*outputs))))).pages


def test_paper_says_that_text_is_left_out():
    cut = said("cut", {"text/plain": "[1 characters are left out here]"}, characters=1)
    first, *_ = printed_on_paper(cut)
    assert NOTICE.replace("2", "1") in " ".join(first.extract_text().split())


@pytest.mark.slow
def test_as_much_text_as_a_cell_may_print_goes_on_paper():
    text = "".join(f"{number:06} " * 10 + "\n" for number in range(14_000))
    assert "013999" in printed_on_paper(stream(text))[-2].extract_text()


@pytest.mark.promise(
    "What a notebook writes to stderr can't steer the terminal of whoever runs the build."
)
def test_pages_and_the_terminal_show_plain_text(write_notebook, project, terminal):
    make(write_notebook(HOSTILE), terminal, "html", "pdf", "pptx")
    folder = project / "reports/default"
    page = (folder / "story.html").read_text(encoding="utf-8")
    assert "red link" in page
    assert "and on \ufffd" in page
    assert not set(page) & set("\x00\x07\x1b")
    assert "\x1b" not in text_of_slides(folder / "story.pptx")
    said = terminal.file.getvalue()
    assert "stderr: loud" in said
    assert all(each.isprintable() for each in said.replace("\n", ""))
    json.loads((folder / "story.ipynb").read_bytes())


@pytest.mark.promise("An exception's text can't steer the terminal of whoever runs the build.")
def test_an_exceptions_text_cannot_steer_the_terminal(write_notebook, terminal):
    code = "raise ValueError('\\x1b]0;title\\x07\\x1b[2Jgone\\x00')"
    with pytest.raises(ExecutionError) as caught:
        make(write_notebook(code, name="story"), terminal, "html")
    assert str(caught.value).isprintable()
    assert "raised ValueError: gone" in terminal.file.getvalue()
    assert "\x1b" not in terminal.file.getvalue()
