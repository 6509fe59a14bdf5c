"""What cells ask to hide is on no page, and in the account."""

import io

import nbformat.v4 as v4
import pypdf
import pytest
from pptx import Presentation
from report_notebooks import as_html, as_pdf, as_pptx, code, notebook, prose, said, stream

from notebook_press.author import RESULTS_TYPE
from notebook_press.rendering.account import counts
from notebook_press.rendering.hiding import hidden_parts
from notebook_press.rendering.page import Booked, Code, Prose, Text
from notebook_press.rendering.reading import read_page

TAGGED = {
    "remove-cell": (),
    "remove-input": (Text,),
    "remove-output": (Code,),
    "remove-stdout": (Code,),
    "remove-stderr": (Code, Text),
}
TAGS = {
    tag.replace("remove", verb).replace("-", joint): kinds
    for tag, kinds in TAGGED.items()
    for verb in ("remove", "hide")
    for joint in ("-", "_")
}


def tagged(cell, *tags, **metadata):
    cell.metadata.update(metadata, tags=list(tags))
    return cell


def read(*cells, **metadata):
    return read_page(v4.new_notebook(cells=list(cells), metadata=metadata), "x")


@pytest.mark.parametrize(("tag", "kinds"), TAGS.items())
def test_a_tag_hides_its_part_of_a_cell(tag, kinds):
    page = read(tagged(code(stream("words")), "mine", tag))
    assert tuple(map(type, page.blocks)) == kinds


FOLDED = {
    "the source in JupyterLab": ({"jupyter": {"source_hidden": True}}, (Text,)),
    "the outputs in JupyterLab": ({"jupyter": {"outputs_hidden": True}}, (Code,)),
    "the source in the older Notebook": ({"hide_input": True}, (Text,)),
    "the outputs in the older Notebook": ({"collapsed": True}, (Code,)),
    "JupyterLab has the last word": (
        {"jupyter": {"outputs_hidden": False}, "collapsed": True},
        (Code, Text),
    ),
}


@pytest.mark.parametrize(("metadata", "kinds"), FOLDED.values(), ids=FOLDED)
def test_what_is_folded_away_is_hidden(metadata, kinds):
    cell = code(stream("words"))
    cell.metadata.update(metadata)
    assert tuple(map(type, read(cell).blocks)) == kinds


def test_metadata_that_are_no_choice_hide_nothing():
    odd = {"jupyter": "x", "collapsed": "x", "hide_input": 1, "tags": "remove-cell"}
    assert hidden_parts(odd, {"hide_input": "x"}) == set()
    assert hidden_parts({"tags": [1, None, "remove", "remove-", "hide-cells"]}, {}) == set()


def test_a_notebook_can_hide_all_its_code():
    assert read(code(stream("words")), hide_input=True).blocks == (Text("words"),)


@pytest.mark.parametrize("make", [prose, v4.new_raw_cell])
def test_a_hidden_cell_of_words_gives_no_title_and_no_words(make):
    page = read(tagged(make("# Hidden"), "remove-cell"), prose("words"))
    assert (page.title, page.blocks) == ("x", (Prose("words"),))
    assert counts(page.account)["hidden"] == 1


def test_what_is_displayed_was_not_printed():
    displayed = v4.new_output("display_data", data={"text/plain": "7"})
    page = read(tagged(code(stream("words"), displayed), "remove-stdout"))
    assert page.blocks[1:] == (Text("7"),)


def test_each_hidden_part_is_booked():
    outputs = [stream("a\nb\n"), stream("c", name="stderr"), v4.new_output("display_data")]
    page = read(tagged(code(*outputs), "remove-cell"))
    assert page.account == (
        Booked(1, "Code", "hidden"),
        Booked(1, "Text printed to stdout", "hidden", "2 lines"),
        Booked(1, "Text printed to stderr", "hidden", "1 line"),
        Booked(1, "Output", "hidden"),
    )


def test_what_a_hidden_cell_answers_and_records_counts():
    outputs = [
        said("answer", {"text/markdown": "98%"}),
        said("notice", {"text/markdown": "Beware."}),
        said("results", {RESULTS_TYPE: {"a": 1}}),
        said("say", {"text/markdown": "hidden words"}),
    ]
    page = read(tagged(code(*outputs), "remove-cell"))
    assert (page.answer, page.notices, page.results) == ("98%", ("Beware.",), {"a": 1})
    assert page.blocks == ()


def test_a_hidden_output_may_be_damaged():
    damaged = v4.new_output("display_data", data={"image/png": "not base64!"})
    assert len(read(tagged(code(damaged), "remove-output")).blocks) == 1


def test_texts_of_two_cells_without_code_stay_apart():
    cells = [tagged(code(stream(text)), "remove-input") for text in "ab"]
    assert read(*cells).blocks == (Text("a"), Text("b"))


@pytest.mark.promise("What a cell asks to hide is in no format: no page, no PDF, no slides.")
def test_no_format_holds_what_is_hidden():
    made = notebook(
        prose("# What?\n\nwords"),
        tagged(code(stream("secret_text"), source="secret_code"), "remove-cell"),
        tagged(code(stream("shown"), source="secret_code"), "hide_input"),
        tagged(code(said("say", {"text/markdown": "secret_words"})), "remove-output"),
        tagged(prose("secret_prose"), "remove_cell"),
    )
    pdf = pypdf.PdfReader(io.BytesIO(as_pdf(made)))
    slides = Presentation(io.BytesIO(as_pptx(made))).slides
    texts = [shape.text_frame.text for s in slides for shape in s.shapes if shape.has_text_frame]
    notes = [s.notes_slide.notes_text_frame.text for s in slides if s.has_notes_slide]
    found = {
        "html": as_html(made),
        "pdf": "\n".join(page.extract_text() for page in pdf.pages),
        "pptx": "\n".join(texts + notes),
    }
    assert [name for name, text in found.items() if "secret" in text] == []
    assert "shown" in found["html"]
    assert "shown" in found["pdf"]
