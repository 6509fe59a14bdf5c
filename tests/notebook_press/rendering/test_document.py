import base64
import io
import re
import struct
import zlib

import nbformat.v4 as v4
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_press.author import METADATA_KEY, TABLE_TYPE
from notebook_press.errors import RenderingError
from notebook_press.rendering import composition
from notebook_press.rendering import pdf as document
from notebook_press.rendering.checks import check_pdf
from notebook_press.rendering.html import render_webpage
from notebook_press.rendering.pdf import compile_typst, render_document

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
    '<rect width="9" height="9"/></svg>'
)
HOSTILE = '#panic("run") $x$ *a* <b> \\ "] #image("/etc/passwd") `` ``` // /* @x http://a.example'


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)


def said(kind, data, **details):
    return v4.new_output(
        "display_data", data=data, metadata={METADATA_KEY: {"kind": kind, **details}}
    )


def report(title="A title", words="Words", cell="4"):
    """A notebook that uses every kind of block, with the given texts in all of them."""
    table = {
        "columns": [{"name": cell, "align": "left"}, {"name": "b", "align": "right"}],
        "rows": [[cell, "1"]] * 3,
        "caption": words,
    }
    png = base64.b64encode(PNG).decode()
    outputs = [
        said("answer", {"text/markdown": words}),
        said("notice", {"text/markdown": words}),
        said("say", {"text/markdown": f"#### {words}\n\n| a |\n| - |\n| {words} |"}),
        said("figure", {"image/svg+xml": SVG}, caption=words, alt=words),
        said("table", {TABLE_TYPE: table}),
        said("results", {"application/vnd.notebook-press.results+json": {"accuracy": 0.98}}),
        v4.new_output("display_data", data={"image/png": png}),
        v4.new_output("stream", name="stdout", text=words),
        v4.new_output("display_data", data={"text/html": words, "text/plain": words}),
        v4.new_output("error", ename=words, evalue=words, traceback=[words]),
    ]
    noted = {
        "run": words,
        "finished": "2026-11-22T18:00:00+00:00",
        "seconds": 21.3,
        "parameters": [{"name": words, "value": words, "default": "auto", "help": words}],
        "inputs": {words: "0" * 64},
        "versions": {"python": words},
        "machine": {"processor": words},
    }
    prose = v4.new_markdown_cell(
        f"# {title}\n\n{words} ![a dot](attachment:x.png)\n\n## Part\n\n"
        "$$\\sum_i \\frac{x_i}{2}$$\n\n[above](#part) and [beyond](https://a.example/b?c=d)\n\n"
        "---\n\n> quoted\n\n1. one\n\n- [x] a"
    )
    prose["attachments"] = {"x.png": {"image/png": png}}
    code = v4.new_code_cell(f"words = {words!r}", outputs=outputs, execution_count=1)
    return v4.new_notebook(cells=[prose, code], metadata={METADATA_KEY: noted})


def opened(content):
    return pypdf.PdfReader(io.BytesIO(content))


def text(content):
    return "\n".join(page.extract_text() for page in opened(content).pages)


@pytest.fixture(scope="module")
def pdf():
    return render_document(report(), "02_network")


def test_the_pdf_is_tagged_and_whole(pdf, tmp_path):
    (tmp_path / "x.pdf").write_bytes(pdf)
    check_pdf(tmp_path / "x.pdf")


def test_it_says_that_it_conforms_to_pdf_ua(pdf):
    assert opened(pdf).xmp_metadata.rdf_root.toxml().count("pdfuaid") > 0


def test_its_title_and_date_are_those_of_the_report(pdf):
    metadata = opened(pdf).metadata
    assert metadata.title == "A title"
    assert metadata.creation_date.isoformat() == "2026-11-22T18:00:00+00:00"


def test_its_outline_lists_the_headings(pdf):
    def titles(entries):
        for entry in entries:
            if isinstance(entry, list):
                yield from titles(entry)
            else:
                yield entry.title

    found = list(titles(opened(pdf).outline))
    assert found == [
        "1 Part",
        "1.1 Words",
        "How this report was made",
        "Parameters",
        "Results",
        "Data",
        "Code",
    ]


def test_its_fonts_are_embedded(pdf):
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in opened(pdf).pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_figures_tables_code_and_provenance_are_printed(pdf):
    printed = text(pdf)
    for words in ("Figure 1. Words", "Figure 2.", "Table 1. Words", "words = 'Words'", "0" * 64):
        assert words in printed


def test_tables_have_header_cells(pdf):
    reader = opened(pdf)
    kinds = [
        reader.get_object(number).get("/S")
        for number in range(1, int(reader.trailer["/Size"]))
        if isinstance(reader.get_object(number), pypdf.generic.DictionaryObject)
    ]
    assert kinds.count("/Table") == kinds.count("/THead") == 5
    assert kinds.count("/TH") >= 8


def structure(reader):
    """Every element of the structure tree: what readers of the page are told."""
    objects = (reader.get_object(n) for n in range(1, int(reader.trailer["/Size"])))
    return [each for each in objects if isinstance(each, pypdf.generic.DictionaryObject)]


def test_figures_are_as_many_as_those_of_the_web_page(pdf):
    described = [e["/Alt"] for e in structure(opened(pdf)) if e.get("/S") == "/Figure"]
    numbered = render_webpage(report(), "x").count('<figure class="picture"')
    assert len(described) == numbered + 1  # and the picture in the text
    assert all(described)


def test_no_page_is_empty():
    figures = [said("figure", {"image/svg+xml": SVG}, caption="c", alt="a")] * 9
    cells = [v4.new_markdown_cell("## Part\n\n" + "Words. " * 99) for _ in range(9)]
    cells += [v4.new_code_cell("x = 1", outputs=figures)]
    pages = opened(render_document(v4.new_notebook(cells=cells), "x")).pages
    assert all(len(page.extract_text().split()) > 9 for page in pages)


def test_links_lead_to_places_that_there_are(pdf):
    reader = opened(pdf)
    links = [
        note.get_object()
        for page in reader.pages
        for note in page.get("/Annots", ())
        if note.get_object()["/Subtype"] == "/Link"
    ]
    places = {str(link["/Dest"]) for link in links if "/Dest" in link}
    assert {"part", "words", "provenance", "code"} <= places <= set(reader.named_destinations)
    assert [link["/A"]["/URI"] for link in links if "/A" in link] == ["https://a.example/b?c=d"]


def page_of(pdf_pages, words):
    return next(n for n, page in enumerate(pdf_pages) if words in page.extract_text())


def test_a_figure_that_does_not_fit_goes_to_the_next_page_and_text_fills_this_one():
    tall = SVG.replace('height="60"', 'height="290"')
    drawn = said("figure", {"image/svg+xml": tall}, caption="Tall", alt="a")
    cells = [
        v4.new_markdown_cell("## Part\n\n" + "\n\n".join(["A line of words."] * 27)),
        v4.new_code_cell("x", outputs=[drawn, said("say", {"text/markdown": "What follows."})]),
    ]
    pages = opened(render_document(v4.new_notebook(cells=cells), "x")).pages
    assert page_of(pages, "What follows.") == page_of(pages, "A line of words.") == 0
    assert page_of(pages, "Figure 1. Tall") == 1


def test_figures_keep_their_order_where_one_floats():
    sizes = (290, 20, 290, 20, 290)
    outputs = [
        said(
            "figure",
            {"image/svg+xml": SVG.replace('height="60"', f'height="{size}"')},
            caption="c",
            alt="a",
        )
        for size in sizes
    ]
    cells = [
        v4.new_markdown_cell("\n\n".join(["A line."] * 24)),
        v4.new_code_cell("x", outputs=outputs),
    ]
    printed = text(render_document(v4.new_notebook(cells=cells), "x"))
    places = [printed.index(f"Figure {number}.") for number in range(1, 6)]
    assert places == sorted(places)


def test_thousands_in_an_equation_stay_together():
    cells = [v4.new_markdown_cell("$784 + 1 = 101{,}770$")]
    assert "101,770" in text(render_document(v4.new_notebook(cells=cells), "x"))


def test_the_same_notebook_gives_the_same_bytes(pdf):
    assert render_document(report(), "02_network") == pdf


def test_without_a_press_run_it_is_made_all_the_same():
    notebook = report()
    del notebook.metadata[METADATA_KEY]
    printed = text(render_document(notebook, "02_network"))
    assert "How this report was made" not in printed
    assert "1970" not in str(opened(render_document(notebook, "02_network")).metadata)


def test_an_empty_notebook_has_a_pdf():
    assert "an empty one" in text(render_document(v4.new_notebook(), "an_empty_one"))


def test_hostile_text_is_printed_and_not_run():
    printed = text(render_document(report(HOSTILE, HOSTILE, HOSTILE), "02_network"))
    assert printed.count('#panic("run")') >= 8


@pytest.mark.promise("A word that is broader than the paper is broken wherever it stands.")
def test_a_word_broader_than_the_paper_is_broken_wherever_it_stands():
    word = "W" * 300  # the broadest letter: 90 of the smallest fill a line
    printed = text(render_document(report(word, word, word), word))
    assert 10 < max(len(found) for found in re.findall("W+", printed)) <= 90


def test_the_head_of_a_page_shows_where_a_long_title_begins():
    heights = []
    for title in ("word", "word " * 60):
        found = []
        opened(render_document(report(title), "x")).pages[1].extract_text(
            visitor_text=lambda text, place, *_, found=found: found.append((text[:4], place[5]))
        )
        heights.append(dict(reversed(found))["word"])
    assert heights[0] == heights[1]


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(alphabet="#$*_`[]()<>\\\"'@/=+-~^{}&|! \nxa1", max_size=60))
def test_any_text_makes_a_pdf(words, marks):
    cells = [v4.new_markdown_cell(f"{words}\n\n{marks}"), v4.new_code_cell(f"{marks}{words}")]
    render_document(v4.new_notebook(cells=cells), "x")


def test_characters_that_no_font_has_are_shown_as_a_box_and_owned_up_to():
    printed = text(render_document(report(words="你好"), "x"))
    assert "□□" in printed
    assert "lack 2 of the characters" in printed


def test_a_modifier_without_its_emoji_is_a_box_and_leaves_spaces_alone():
    assert "one two □" in text(render_document(report(words="one two \U0001f3fb\u2019"), "x"))


def test_typst_refuses_an_equation_without_alternative_text(monkeypatch):
    made = composition.compose

    def without_alternative_text(*arguments):
        composed = made(*arguments)
        (placed, *others) = composed.blocks
        source = placed.text.source.replace("math.equation(alt: ", "math.equation(supplement: ")
        assert source != placed.text.source
        changed = document.replace(placed.text, source=source)
        return document.replace(composed, blocks=(document.replace(placed, text=changed), *others))

    monkeypatch.setattr(document, "compose", without_alternative_text)
    with pytest.raises(RenderingError, match=r"report 'x': Typst refuses .*missing alt text"):
        render_document(report(), "x")


@pytest.mark.promise("Typst reads nothing but the pictures of the page.")
def test_typst_reads_nothing_but_what_it_is_given(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for path in (tmp_path / "secret.txt", "../secret.txt"):
        source = f'#set document(title: [x])\n#read("{path}")'
        with pytest.raises(RenderingError, match="Typst refuses"):
            compile_typst(source, {}, 0, "report 'x'")


def test_a_drawing_that_can_not_be_read_is_named_with_a_remedy():
    figure = said("figure", {"image/svg+xml": "<svg broken"}, caption="c", alt="a")
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[figure])])
    with pytest.raises(RenderingError, match=r"'x', cell 1: expected a drawing in SVG"):
        render_document(notebook, "x")
