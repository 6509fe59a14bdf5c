import io
import re

import PIL.Image
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_notebooks import (
    SVG,
    as_html,
    as_pdf,
    code,
    displayed,
    encoded,
    figure,
    notebook,
    prose,
    report,
    said,
)

from notebook_press.author import METADATA_KEY, TABLE_TYPE
from notebook_press.errors import RenderingError
from notebook_press.rendering.checks import check_pdf
from notebook_press.rendering.paper.typst import Document, run_typst


def opened(content):
    return pypdf.PdfReader(io.BytesIO(content))


def text(content):
    return "\n".join(page.extract_text() for page in opened(content).pages)


@pytest.fixture(scope="module")
def pdf():
    return as_pdf(report())


@pytest.fixture(scope="module")
def reader(pdf):
    return opened(pdf)


@pytest.fixture(scope="module")
def objects(reader):
    """Every element of the structure tree, and all else: what readers of the page are told."""
    objects = (reader.get_object(n) for n in range(1, int(reader.trailer["/Size"])))
    return [each for each in objects if isinstance(each, pypdf.generic.DictionaryObject)]


def test_it_says_that_it_conforms_to_pdf_ua(reader):
    assert reader.xmp_metadata.rdf_root.toxml().count("pdfuaid") > 0


def test_its_title_and_date_are_those_of_the_report(reader):
    assert reader.metadata.title == "A title"
    assert reader.metadata.creation_date.isoformat() == "2026-11-22T18:00:00+00:00"


def test_its_outline_lists_the_headings(reader):
    def titles(entries):
        for entry in entries:
            if isinstance(entry, list):
                yield from titles(entry)
            else:
                yield entry.title

    made = ["How this report was made", "Parameters", "Results", "Data", "Code"]
    assert list(titles(reader.outline)) == ["1 Part", "1.1 Words", *made]


def test_figures_tables_code_and_provenance_are_printed(pdf):
    printed = text(pdf)
    for words in ("Figure 1. Words", "Figure 2.", "Table 1. Words", "words = 'Words'", "0" * 64):
        assert words in printed


def test_tables_have_header_cells(objects):
    kinds = [each.get("/S") for each in objects]
    assert kinds.count("/Table") == kinds.count("/THead") == 5
    assert kinds.count("/TH") >= 8


def test_figures_are_as_many_as_those_of_the_web_page(objects):
    described = [each["/Alt"] for each in objects if each.get("/S") == "/Figure"]
    numbered = as_html(report()).count('<figure class="picture"')
    assert len(described) == numbered + 1  # and the picture in the text
    assert all(described)


def test_no_page_is_empty():
    cells = [prose("## Part\n\n" + "Words. " * 99) for _ in range(9)]
    pages = opened(as_pdf(notebook(*cells, code(*[figure()] * 9)))).pages
    assert all(len(page.extract_text().split()) > 9 for page in pages)


def test_links_lead_to_places_that_there_are(reader):
    links = [
        note.get_object()
        for page in reader.pages
        for note in page.get("/Annots", ())
        if note.get_object()["/Subtype"] == "/Link"
    ]
    places = {str(link["/Dest"]) for link in links if "/Dest" in link}
    assert (
        {"part", "words", "report-provenance", "report-code"}
        <= places
        <= set(reader.named_destinations)
    )
    assert [link["/A"]["/URI"] for link in links if "/A" in link] == ["https://a.example/b?c=d"]


def drawn(height, caption="c"):
    return figure(caption=caption, svg=SVG.replace('height="60"', f'height="{height}"'))


def test_a_figure_that_does_not_fit_goes_to_the_next_page_and_text_fills_this_one():
    lines = prose("## Part\n\n" + "\n\n".join(["A line of words."] * 27))
    follows = said("say", {"text/markdown": "What follows."})
    first, second, *_ = opened(as_pdf(notebook(lines, code(drawn(290, "Tall"), follows)))).pages
    assert "A line of words." in first.extract_text()
    assert "What follows." in first.extract_text()
    assert "Figure 1. Tall" in second.extract_text()


def test_figures_keep_their_order_where_one_floats():
    lines = prose("\n\n".join(["A line."] * 24))
    printed = text(as_pdf(notebook(lines, code(*map(drawn, (290, 20, 290, 20, 290))))))
    places = [printed.index(f"Figure {number}.") for number in range(1, 6)]
    assert places == sorted(places)


def test_without_a_press_run_it_is_made_all_the_same():
    made = report()
    del made.metadata[METADATA_KEY]
    content = as_pdf(made)
    assert "How this report was made" not in text(content)
    assert "1970" not in str(opened(content).metadata)


@pytest.mark.promise("A word of output that would run off the paper is broken.")
@pytest.mark.promise("A word that is broader than the paper is broken wherever it stands.")
def test_a_word_broader_than_the_paper_is_broken_wherever_it_stands():
    word = "W" * 300  # the broadest letter: 90 of the smallest fill a line
    printed = text(as_pdf(report(word, word, word), word))
    assert 10 < max(len(found) for found in re.findall("W+", printed)) <= 90


@pytest.mark.parametrize("terms", [3, 24, 90])
def test_a_formula_broader_than_the_paper_is_all_on_it(terms):
    formula = "+".join(f"x_{{{n}}}" for n in range(100, 100 + terms))
    aligned = f"\\begin{{align}}y &= {formula} \\\\ z &= 1\\end{{align}}"
    page = opened(as_pdf(notebook(prose(f"# T\n\n$${formula}$$\n\n{aligned}")))).pages[0]
    places = []

    def note(_operator, _operands, around, own):
        places.append(around[4] + own[4] * around[0])

    page.extract_text(visitor_operand_before=note)
    assert min(places) >= 0
    assert 200 < max(places) < float(page.mediabox.width) - 40


def test_the_head_of_a_page_shows_where_a_long_title_begins():
    heights = []
    for title in ("word", "word " * 60):
        found = []
        opened(as_pdf(report(title))).pages[1].extract_text(
            visitor_text=lambda text, place, *_, found=found: found.append((text[:4], place[5]))
        )
        heights.append(dict(reversed(found))["word"])
    assert heights[0] == heights[1]


TEXTS = st.text(max_size=60) | st.text("#$*_`[]()<>\\\"'@/=+-~^{}&|! \nxa1", max_size=60)


@settings(max_examples=3)  # of ten texts each, since a page takes a hundred times longer than they
@given(st.lists(TEXTS, min_size=10))
def test_any_text_makes_a_pdf(texts):
    as_pdf(notebook(*map(prose, texts), *(code(source=text) for text in texts)))


@pytest.mark.usefixtures("bare_machine")
def test_what_no_font_has_is_a_box_owned_up_to_and_leaves_spaces_alone():
    words = "你好 one two \U0001f3fb\u2019"  # the modifier of an emoji that isn't there
    printed = text(as_pdf(notebook(prose(f"{words} $784 + 1 = 101{{,}}770$"))))
    assert "□□ one two □" in printed
    assert "lack 3 of the characters" in printed
    assert "101,770" in printed


@pytest.mark.usefixtures("bare_machine")
def test_a_drawing_loses_only_the_letters_that_no_font_has():
    words = '<text y="20">axis 你&#22909; &lt;b&gt;</text></svg>'
    svg = SVG.replace("</svg>", words)
    printed = text(as_pdf(notebook(prose("# T"), code(figure(svg=svg)))))
    assert "axis □□ <b>" in printed
    assert "lack 2 of the characters" in printed


def html_table(rows, columns, cell="12345.67"):
    head = "".join(f"<th>column {n}</th>" for n in range(columns))
    row = f"<tr>{f'<td>{cell}</td>' * columns}</tr>"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{row * rows}</tbody></table>"
    return code(displayed({"text/html": table, "text/plain": "a table"}))


def is_turned(page):
    return page.mediabox.width > page.mediabox.height


@pytest.mark.parametrize(("columns", "turned"), [(4, 0), (25, 1)])
def test_too_broad_a_table_has_a_page_that_lies_on_its_side(columns, turned):
    pages = opened(as_pdf(notebook(prose("# T"), html_table(3, columns), prose("After.")))).pages
    assert sum(map(is_turned, pages)) == turned
    assert [page.extract_text().count("12345.67") for page in pages if is_turned(page)] == (
        [3 * columns] * turned
    )


def test_a_broad_table_within_something_is_only_set_smaller():
    row = "|a number" * 25
    table = f"> {row}|\n> {'|-' * 25}|\n> {'|12345.67' * 25}|"
    pages = opened(as_pdf(notebook(prose(f"# T\n\n{table}")))).pages
    assert not any(map(is_turned, pages))
    assert pages[0].extract_text().count("12345.67") == 25


def blank(width, height):
    made = io.BytesIO()
    PIL.Image.new("L", (width, height)).save(made, "PNG")
    return f"data:image/png;base64,{encoded(made.getvalue())}"


def test_a_picture_in_the_text_fits_its_page_and_its_column():
    tall, broad = blank(300, 4000), blank(4000, 30)
    shown = f"# T\n\n![tall]({tall})\n\n|a|b|\n|-|-|\n|![broad]({broad})|1234567|"
    pages = opened(as_pdf(notebook(prose(shown)))).pages
    assert len(pages) == 1
    assert "1234567" in pages[0].extract_text()


@pytest.mark.parametrize("words", ["A. Author (1967), The name of a paper " * 3, "short"])
def test_no_word_of_a_table_runs_into_the_next_column(words):
    row = [
        "a classifier",
        "HistGradientBoostingClassifier",
        f"Paper: {words}",
        "1.2 (1.1 to 1.3)",
    ]
    names = ("Name", "Its name", "Described", "Time")
    columns = [{"name": name, "align": "right" if name == "Time" else "left"} for name in names]
    table = {"columns": columns, "rows": [row] * 3, "caption": "c"}
    page = opened(as_pdf(notebook(prose("# T"), code(said("table", {TABLE_TYPE: table}))))).pages[0]
    places = {}
    page.extract_text(
        visitor_text=lambda said, around, *_: places.setdefault(said.strip(), around[4])
    )
    letter = 0.4 * 0.64 * 9.45  # points: a narrow one, as small as letters get
    assert places["Described"] - places["Its name"] > letter * len(row[1])


def test_a_table_of_few_but_tall_rows_begins_below_what_is_said_of_it():
    columns = [{"name": "a"}, {"name": "b"}]
    table = {"columns": columns, "rows": [["name", "some words " * 30]] * 20, "caption": "c"}
    words = prose("# T\n\n" + "Words.\n\n" * 12)
    first, second = opened(as_pdf(notebook(words, code(said("table", {TABLE_TYPE: table}))))).pages[
        :2
    ]
    assert "some words" in first.extract_text()
    assert "some words" in second.extract_text()


def test_outputs_in_html_are_apart():
    shown = [displayed({"text/html": f"<b>said {n}</b>"}) for n in (1, 2)]
    assert "said 1\nsaid 2" in text(as_pdf(notebook(prose("# T"), code(*shown))))


def test_the_heads_of_a_long_table_are_on_each_of_its_pages():
    pages = opened(as_pdf(notebook(prose("# T"), html_table(90, 3)))).pages
    printed = [page.extract_text() for page in pages]
    assert sum(each.count("12345.67") for each in printed) == 270
    assert all("column 2" in each for each in printed if "12345.67" in each)


def test_paragraphs_begin_where_their_letters_are_read_from():
    made = as_pdf(notebook(prose("# T\n\nEnglish 66.\n\nמאה 77\n\n- מאה 88\n\nOnly 99.")))
    lines = opened(made).pages[0].extract_text(extraction_mode="layout").splitlines()
    places = {
        n: next(line.index(n) for line in lines if n in line) for n in ("66", "77", "88", "99")
    }
    assert max(places["66"], places["99"]) < 20 < 50 < min(places["77"], places["88"])


def test_its_language_is_that_of_the_notebook():
    made = notebook(prose("# Titel"))
    made.metadata["lang"] = "de-AT"
    assert opened(as_pdf(made)).root_object["/Lang"] == "de-AT"


def test_an_equation_nested_very_deeply_is_its_source():
    tower = "\\frac{1}{" * 900 + "x" + "}" * 900
    made = opened(as_pdf(notebook(prose(f"# A title\n\n${tower}$"))))
    assert "\\frac{1}{" in made.pages[0].extract_text().replace("\u200b", "")


ODD = (
    "<h2><br></h2>",
    '## [x](#a) ![](data:image/gif;base64,) <a id="a"></a><br>',
    "<h3>x [y](#a)<a href='#a'>z</a></h3>",
    "<table><tr></tr></table> <table></table>",
    "<table><tr><td rowspan=9 colspan=9>x<table><td><h2>y</h2><br></table></table>",
    "a<br>\n\n- <br>\n\n> <br>\n\n| <br> |\n|---|\n| <br> |",
    "[*a $$x$$ b*](#a)\n\n**$$x$$** <sup>$$x$$</sup>",
    "a[^1]\n\n[^1]: b[^1] c[^2]\n\n[^2]: d[^1]",
    "<details><summary><h3>x</h3></summary><center><ul><li>",
    "<a id='a'></a><p id='a'>x</p><ul><li id='a'>y</ul>",
    "<dl><dt>#panic(1)<dd>]#panic(1)[</dl><q>\\</q><br>",
)


@pytest.mark.promise("Text in a PDF is text, whatever Typst could read in it.")
def test_odd_markup_makes_a_pdf():
    outputs = [displayed({"text/html": each}) for each in ODD]
    content = as_pdf(notebook(*map(prose, ODD), code(*outputs)))
    check_pdf(content)
    assert text(content).count("#panic(1)") == 4


@pytest.mark.promise("Typst reads nothing but the pictures of the page.")
def test_typst_reads_nothing_but_what_it_is_given(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for path in (tmp_path / "secret.txt", "../secret.txt"):
        source = f'#set document(title: [x])\n#read("{path}")'
        with pytest.raises(RenderingError, match="Typst refuses"):
            run_typst(Document(source, {}), {"format": "pdf", "timestamp": 0}, "report 'x'")


@pytest.mark.parametrize("head", ["[a](https://a.example)", "[a](#part)", "a[^1]"])
def test_a_long_table_may_have_links_in_its_head(head):
    table = f"| {head} | b |\n|---|---|\n" + "| x | y |\n" * 60
    made = as_pdf(notebook(prose(f"# T\n\n## Part\n\n{table}\n\n[^1]: a note")))
    check_pdf(made)
    assert len(opened(made).pages) > 1
